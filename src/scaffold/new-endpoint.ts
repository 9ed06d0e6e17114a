import { access, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AppError } from '../platform/index.ts'
import { compileRoutes, type RouteTableDefinition } from '../routing/index.ts'
import { addRoute } from './edit-routes.ts'
import { type Endpoint, planEndpoint } from './endpoint.ts'
import { endpointFiles, routeEntry } from './endpoint-files.ts'
import { failed, type Outcome, type Terminal, tell } from './terminal.ts'
import { existing, writeNew } from './write-files.ts'

export const newOptions = [
  { flag: '--id <name>', help: 'Of the route and its files; made from the path without it' },
  { flag: '--flag <name>', help: 'The route group that it belongs to; one of its own, named as the route, without it' },
  { flag: '--example <path>', help: 'A request for the comparison test, such as /mods/7' },
  { flag: '--routes <file>', help: 'The route table (routes.config.ts)' },
  { flag: '--json', help: 'One JSON document instead of words' },
] as const

/** `fig new 'GET /mods/:id'`: a handler, its line in the route table, and a test that compares it with PHP. */
export async function newEndpoint(
  request: readonly string[],
  options: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<0 | 1> {
  const folder = terminal.cwd()
  const text = (name: string) => (options[name] === undefined ? undefined : String(options[name]))
  const endpoint = planEndpoint(request.join(' '), {
    id: text('id'),
    flag: text('flag'),
    example: text('example'),
  })
  const routesFile = resolve(folder, text('routes') ?? 'routes.config.ts')
  return tell(terminal, options.json === true, await scaffold(endpoint, folder, routesFile))
}

// --- internal ---

async function scaffold(endpoint: Endpoint, folder: string, routesFile: string): Promise<Outcome> {
  if (!(await isThere(routesFile)))
    return failed('nothing was written:', [`there is no ${routesFile}; run fig init first, or give --routes`])
  const table = await loadTable(routesFile)
  // What is wrong with the new route in this table is said before anything is written.
  const { id, flag, match } = endpoint
  compileRoutes({ routes: [...table.routes, { id, flag, match, modern: () => new Response() }] })
  const inProject = relative(folder, routesFile)
  const files = endpointFiles(endpoint, inProject)
  const names = files.map(({ name }) => name)
  const there = await existing(folder, names)
  if (there.length > 0)
    return failed(
      'nothing was written:',
      there.map((name) => `${name} is there already; give another --id`),
    )
  await writeNew(folder, files)
  const entry = routeEntry(endpoint, inProject)
  const isEdited = await editTable(routesFile, entry, [...table.routes.map(({ id }) => id), endpoint.id])
  return outcome(endpoint, [...names, ...(isEdited ? [inProject] : [])], isEdited ? undefined : entry, inProject)
}

function outcome(
  { id, flag }: Endpoint,
  files: readonly string[],
  toAdd: ReturnType<typeof routeEntry> | undefined,
  routesFile: string,
): Outcome {
  const facts = { ok: toAdd === undefined, id, flag, files }
  const wrote = `Wrote ${files.join(', ')}`
  if (toAdd !== undefined) {
    const text = `${wrote}\n${routesFile} is not in a form that can be edited safely. Add to it:\n\n${toAdd.importLine}\n\n    ${toAdd.element},`
    return { code: 1, text, facts: { ...facts, toAdd } }
  }
  const next = `Next: write handlers/${id}.ts until npm test sees no difference, then turn flag '${flag}' on.`
  return { code: 0, text: `${wrote}\n${next}`, facts }
}

/**
 * Writes the edited table beside the old one, loads it, and puts it in place only if it holds the old routes and the new one.
 */
async function editTable(
  file: string,
  entry: ReturnType<typeof routeEntry>,
  wantedIds: readonly string[],
): Promise<boolean> {
  const edited = addRoute(await readFile(file, 'utf8'), entry)
  if (edited === undefined) return false
  const trial = join(dirname(file), `.${basename(file).replace(/(\.\w+)$/, `.${process.pid}$1`)}`)
  try {
    await writeFile(trial, edited, { flag: 'wx', mode: (await stat(file)).mode })
    const ids = (await loadTable(trial)).routes.map(({ id }) => id)
    if (ids.join('\n') !== wantedIds.join('\n')) return false
    await rename(trial, file)
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  } finally {
    await rm(trial, { force: true })
  }
}

/** @throws AppError 'config.invalid' where it can't be loaded */
async function loadTable(file: string): Promise<RouteTableDefinition> {
  let loaded: { readonly default?: RouteTableDefinition }
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('config.invalid', `${file} can't be loaded: ${why}`, { cause })
  }
  if (Array.isArray(loaded.default?.routes)) return loaded.default
  throw new AppError('config.invalid', `${file} has no default export; write: export default defineRoutes({ … })`)
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
