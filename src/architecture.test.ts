import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * The import rules of the design, held by reading every import of the product code. Rules are by folder (or by file
 * for those that stand directly in src/): what a folder may import from other folders of ours.
 */
const root = resolve(import.meta.dirname, '..')

const mayImport: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  http1: [],
  http2: ['http1'],
  'exchange.ts': ['http1', 'platform'],
  'config.ts': ['platform'],
  flags: ['platform'],
  routing: ['flags', 'platform'],
  legacy: ['exchange.ts', 'http1', 'platform'],
  php: ['platform'],
  db: ['platform'],
  sync: ['db', 'flags', 'platform'],
  controls: ['db', 'platform'],
  operator: ['platform'],
  workers: ['config.ts', 'operator', 'platform'],
  edge: ['operator', 'exchange.ts', 'http1', 'http2', 'routing', 'platform'],
  'services.ts': ['exchange.ts', 'php', 'sync', 'platform'],
  // Parts of the composition, apart from app.ts for their length.
  'fig-services.ts': ['services.ts', 'edge', 'php', 'db', 'sync', 'platform'],
  'legacy-settings.ts': ['config.ts', 'edge', 'legacy', 'load-site.ts', 'platform'],
  'load-site.ts': ['legacy', 'routing', 'sync', 'platform'],
  'live-routes.ts': ['load-site.ts', 'routing', 'platform'],
  'flows.ts': ['controls', 'edge', 'routing', 'platform'],
  'steering.ts': ['flows.ts', 'controls', 'edge', 'routing', 'platform'],
  'sync-supervisor.ts': ['edge', 'sync', 'platform'],
  'index.ts': ['legacy', 'services.ts', 'routing', 'flags', 'sync', 'php', 'db', 'platform'],
  'test-fig': ['app.ts', 'config.ts', 'workers', 'platform'],
  'testing.ts': ['test-fig', 'routing', 'flags'],
  modern: ['index.ts', 'php', 'db'],
  scaffold: ['config.ts', 'routing', 'flags', 'db', 'platform'],
  cli: ['app.ts', 'config.ts', 'controls', 'scaffold', 'workers', 'sync', 'db', 'routing', 'flags', 'platform'],
  'main.ts': ['app.ts', 'config.ts', 'workers', 'platform'],
  'app.ts': ['*'],
}

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.') && !/(^|\/)(testing|conformance)\//.test(name))
  .map((name) => join('src', name))

const imports: readonly Import[] = files.flatMap((from) =>
  importsOf(readFileSync(join(root, from), 'utf8')).map(({ specifier, typeOnly }) => ({
    from,
    to: relative(root, resolve(root, dirname(from), specifier)),
    typeOnly,
  })),
)

describe('the structure of src/', () => {
  it('has a rule for every folder and file in it', () => {
    const rooms = new Set(files.map(roomOf))
    expect([...rooms].filter((room) => !(room in mayImport))).toEqual([])
  })

  it('imports only along the allowed directions', () => {
    const violations = imports
      .filter(({ from, to }) => roomOf(from) !== roomOf(to))
      .filter(({ from, to }) => {
        const allowed = mayImport[roomOf(from)] ?? []
        return !allowed.includes('*') && !allowed.includes(roomOf(to))
      })
      .map(({ from, to }) => `${from} -> ${to}`)
    expect(violations).toEqual([])
  })

  it("reaches another folder only through that folder's index.ts", () => {
    const violations = imports
      .filter(({ from, to }) => roomOf(from) !== roomOf(to) && to.split('/').length > 2)
      .filter(({ to }) => !/^src\/[^/]+\/index\.ts$/.test(to))
      .map(({ from, to }) => `${from} -> ${to}`)
    expect(violations).toEqual([])
  })

  it('has no import cycle', () => {
    expect(firstCycle(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([])
  })

  it('keeps every site out of the engine: nothing but app.ts, which loads it by path, knows src/modern', () => {
    const engine = imports.filter(({ from, to }) => roomOf(from) !== 'modern' && roomOf(to) === 'modern')
    expect(engine).toEqual([])
    const words = /\b(modvault|endors|skyrim)/i
    const naming = files.filter(
      (file) => roomOf(file) !== 'modern' && words.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(naming).toEqual([])
  })

  it('reads the environment and ends the process in entries only', () => {
    const entries = new Set(['src/main.ts'])
    const reading = files.filter(
      (file) =>
        !entries.has(file) &&
        !file.startsWith('src/cli/') &&
        /process\.(env|exit\b)/.test(withoutComments(readFileSync(join(root, file), 'utf8'))),
    )
    expect(reading).toEqual([])
  })

  it('keeps files under 500 lines', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 501)
    expect(long).toEqual([])
  })
})

// --- internal ---

/** `src/edge/server.ts` -> `edge`; `src/app.ts` -> `app.ts`; `routes.config.ts` -> itself. */
function roomOf(file: string): string {
  const parts = file.split('/')
  return parts[0] === 'src' ? (parts[1] ?? '') : file
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}

function importsOf(source: string): readonly { readonly specifier: string; readonly typeOnly: boolean }[] {
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[\s\S]*?\sfrom\s+)?'(\.[^']*)'/gm
  return [...withoutComments(source).matchAll(pattern)].map(([statement, type, specifier = '']) => ({
    specifier,
    typeOnly: type !== undefined || namesOnlyTypes(statement),
  }))
}

/** `import { type A, type B } from` imports nothing at run time. */
function namesOnlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]
  if (names === undefined) return false
  return names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
}

function firstCycle(edges: readonly Import[]): readonly string[] {
  const next = Map.groupBy(edges, ({ from }) => from)
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const { to } of next.get(file) ?? []) {
      const cycle = visit(to)
      if (cycle.length > 0) return cycle
    }
    path.pop()
    done.add(file)
    return []
  }
  for (const file of next.keys()) {
    const cycle = visit(file)
    if (cycle.length > 0) return cycle
  }
  return []
}
