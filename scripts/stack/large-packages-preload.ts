/**
 * Halves the start of Unleash (1.9 s to 1.0 s) and of Fig (0.83 s to 0.46 s), measured with Node 26.10. Both load hundreds of
 * modules of a package whose package.json is huge (date-fns: 199 KB, drizzle-orm: 179 KB). Node parses it anew for each of
 * them, only to learn that they are ES modules. They are: so we say so.
 */
import { registerHooks } from 'node:module'

const largePackage = /\/node_modules\/(date-fns|drizzle-orm)\/.*\.js$/

registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL } = context
    const isInside = parentURL !== undefined && specifier.startsWith('.') && specifier.endsWith('.js')
    if (!isInside || !largePackage.test(parentURL)) return nextResolve(specifier, context)
    return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
  },
})
