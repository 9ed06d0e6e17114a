import { relative } from 'node:path'
import type { Endpoint } from './endpoint.ts'
import { unindented } from './unindented.ts'
import type { NewFile } from './write-files.ts'

/** `routesFile`: from the project's folder on. */
export function endpointFiles(endpoint: Endpoint, routesFile: string): readonly NewFile[] {
  return [
    { name: `handlers/${endpoint.id}.ts`, content: handlerFile(endpoint) },
    { name: `test/${endpoint.id}.test.ts`, content: comparisonTest(endpoint, routesFile) },
  ]
}

/** What routes.config.ts gets: an import, and an element of `routes`. */
export function routeEntry({ id, flag, handler, match }: Endpoint, routesFile: string) {
  const from = relative(dirnameOf(routesFile), `handlers/${id}.ts`).replaceAll('\\', '/')
  const element = `{ id: ${quoted(id)}, match: ${source(match)}, flag: ${quoted(flag)}, modern: ${handler} }`
  return { importLine: `import { ${handler} } from '${from.startsWith('.') ? from : `./${from}`}'`, element }
}

// --- internal ---

function handlerFile({ method, path, flag, handler, params }: Endpoint): string {
  const type = params.length === 0 ? 'ModernHandler' : `ModernHandler<{ ${params.map(property).join('; ')} }>`
  return unindented`
    import type { ModernHandler } from 'fig-proxy'

    /** ${method} ${comment(path)}: PHP answers until flag ${quoted(flag)} is on, and wherever this returns c.env.fig.legacy(…). */
    export const ${handler}: ${type} = (c) => {
      return c.env.fig.legacy('not-written-yet')
    }
  `
}

function comparisonTest(endpoint: Endpoint, routesFile: string): string {
  const { method, path, flag } = endpoint
  const routes = relative('test', routesFile).replaceAll('\\', '/')
  return unindented`
    import assert from 'node:assert/strict'
    import { env } from 'node:process'
    import { after, before, test } from 'node:test'
    import { type SiteRequest, startTestFig, type TestFig } from 'fig-proxy/testing'

    /** ${method} ${comment(path)} by PHP and by the handler: a visitor must see no difference. Needs the site of FIG_LEGACY_URL. */
    ${examples(endpoint)}

    let fig: TestFig
    before(async () => {
      fig = await startTestFig({ routes: new URL('${routes}', import.meta.url), settings: env })
    })
    after(() => fig?.close())

    for (const request of requests) {
      test(\`both sides answer alike: \${JSON.stringify(request)}\`, async () => {
        const { differences } = await fig.compareSides(request, { flag: ${quoted(flag)} })
        assert.deepEqual(differences, [])
      })
    }
  `
}

/** What writes is asked for twice: whoever runs the test has to know. */
function examples({ method, example }: Endpoint): string {
  if (method === 'GET' || method === 'HEAD' || method === '*')
    return `const requests: readonly SiteRequest[] = [${quoted(`${method === '*' ? 'GET' : method} ${example}`)}]`
  return `// Both sides do what they are asked for, one after the other: let it be a site for tests.
const requests: readonly SiteRequest[] = [{ method: ${quoted(method)}, target: ${quoted(example)}, form: {} }]`
}

function property(name: string): string {
  return `readonly ${/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name)}: string`
}

function source(match: Endpoint['match']): string {
  if (typeof match === 'string') return quoted(match)
  const query = Object.entries(match.query ?? {}).map(([name, value]) => `${key(name)}: ${quoted(String(value))}`)
  const method = match.method === 'GET' ? '' : `method: ${quoted(String(match.method))}, `
  return `{ ${method}path: ${quoted(match.path)}, query: { ${query.join(', ')} } }`
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name)
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** A pattern such as '/docs/*' followed by '/' would end a comment. */
function comment(text: string): string {
  return text.replaceAll('*/', '*\u200b/')
}

function dirnameOf(file: string): string {
  const at = file.replaceAll('\\', '/').lastIndexOf('/')
  return at === -1 ? '.' : file.slice(0, at)
}
