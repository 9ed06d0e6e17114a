import { pathToFileURL } from 'node:url'
import { type FastcgiSite, frontControllerSite } from './legacy/index.ts'
import { AppError } from './platform/index.ts'
import { compileRoutes, type RouteTable, type RouteTableDefinition } from './routing/index.ts'
import type { SyncDefinition } from './sync/index.ts'

/** What a site brings: its route table and its table mapping, loaded by path so that the engine knows no site. */
export interface Site {
  readonly routes: RouteTable
  /** Those that routes may name; undefined without a sync configuration. */
  readonly tables: readonly string[] | undefined
  readonly sync: SyncDefinition | undefined
  /** How php-fpm is asked, where it is asked directly. */
  readonly fastcgi: FastcgiSite
}

/**
 * @throws AppError 'config.invalid' where a file can't be loaded, 'routing.invalid-table' with every problem of the table
 */
export async function loadSite(files: {
  readonly routesFile: string | undefined
  readonly syncFile: string | undefined
  readonly legacySiteFile: string | undefined
}): Promise<Site> {
  const sync =
    files.syncFile === undefined ? undefined : await loadDefault<SyncDefinition>(files.syncFile, 'defineSync')
  const tables = sync === undefined ? undefined : await tableNames(sync)
  const routes =
    files.routesFile === undefined ? compileRoutes({ routes: [] }) : await loadRoutes(files.routesFile, tables)
  const fastcgi =
    files.legacySiteFile === undefined
      ? frontControllerSite
      : await loadDefault<FastcgiSite>(files.legacySiteFile, 'defineFastcgiSite')
  return { routes, tables, sync, fastcgi }
}

/**
 * @param revision of the file, to load it anew: what it imports stays as it was loaded first
 * @throws AppError as loadSite()
 */
export async function loadRoutes(
  file: string,
  tables: readonly string[] | undefined,
  revision?: string,
): Promise<RouteTable> {
  const definition = await loadDefault<RouteTableDefinition>(file, 'defineRoutes', revision)
  return compileRoutes(definition, tables === undefined ? {} : { tables })
}

// --- internal ---

async function loadDefault<T>(file: string, maker: string, revision?: string): Promise<T> {
  let module: { readonly default?: unknown }
  try {
    const query = revision === undefined ? '' : `?revision=${revision}`
    module = (await import(`${pathToFileURL(file).href}${query}`)) as { readonly default?: unknown }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('config.invalid', `${file} can't be loaded: ${why}`, { cause })
  }
  if (typeof module.default !== 'object' || module.default === null)
    throw new AppError('config.invalid', `${file} has no default export; write: export default ${maker}({ … })`)
  return module.default as T
}

async function tableNames(sync: SyncDefinition): Promise<readonly string[]> {
  const { getTableName } = await import('drizzle-orm')
  return Object.values(sync.groups).flatMap((group) => group.tables.map((table) => getTableName(table.modern)))
}
