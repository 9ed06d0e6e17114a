/**
 * Halves the start of Unleash (1.9 s to 1.0 s, measured with Node 26.10). It loads the 300 modules of date-fns, and Node parses
 * that package's package.json, 199 KB of it, anew for each, only to learn that they are ES modules. They are: so we say so.
 */
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isInside = specifier.startsWith('.') && context.parentURL?.includes('/node_modules/date-fns/') === true
    if (!isInside || !specifier.endsWith('.js') || context.parentURL?.endsWith('.js') !== true) {
      return nextResolve(specifier, context)
    }
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
  },
})
