import { pathToFileURL } from 'node:url'
import { AppError } from '../platform/index.ts'
import type { RouteDefinition, RouteTableDefinition } from '../routing/index.ts'

/** @throws AppError 'config.invalid' where the file can't be loaded or gives no table */
export async function readRouteFile(file: string): Promise<RouteTableDefinition> {
  return (await readDefault(file, 'defineRoutes')) as unknown as RouteTableDefinition
}

/** Names of the tables that routes may read and write. @throws AppError 'config.invalid' */
export async function readTableNames(syncFile: string): Promise<readonly string[]> {
  const { groups } = (await readDefault(syncFile, 'defineSync')) as {
    readonly groups?: Readonly<Record<string, { readonly tables: readonly { readonly modern: never }[] }>>
  }
  const { getTableName } = await import('drizzle-orm')
  return Object.values(groups ?? {}).flatMap(({ tables }) => tables.map(({ modern }) => getTableName(modern)))
}

/** Of a table that nobody has checked: whatever has the shape of a route, for a kill beside a table with faults. */
export async function readGroups(file: string): Promise<readonly string[]> {
  return [...new Set((await readRoutes(file)).map(({ flag }) => flag))]
}

export async function readRouteIds(file: string): Promise<readonly string[]> {
  return (await readRoutes(file)).map(({ id }) => id)
}

// --- internal ---

/** What a route file imports may wait for something that does not come. */
const loadTimeoutMs = 5_000

async function readRoutes(file: string): Promise<readonly RouteDefinition[]> {
  const { routes } = (await readRouteFile(file)) as { readonly routes?: unknown }
  if (!Array.isArray(routes)) throw new AppError('config.invalid', `${file} has no list of routes`)
  return routes.filter((route) => typeof route?.id === 'string' && typeof route.flag === 'string')
}

async function readDefault(file: string, maker: string): Promise<object> {
  let module: { readonly default?: unknown }
  try {
    module = await loaded(file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('config.invalid', `${file} can't be loaded: ${why}`, { cause })
  }
  if (typeof module.default !== 'object' || module.default === null)
    throw new AppError('config.invalid', `${file} has no default export; write: export default ${maker}({ … })`)
  return module.default
}

async function loaded(file: string): Promise<{ readonly default?: unknown }> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      late.reject(new Error(`it was not there after ${loadTimeoutMs / 1000} s; what it imports waits for something`)),
    loadTimeoutMs,
  )
  try {
    return await Promise.race([import(pathToFileURL(file).href), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
