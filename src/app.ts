import { join } from 'node:path'
import type { Config } from './config.ts'
import { type Controls, createOverrides, openControls } from './controls/index.ts'
import type { Postgres } from './db/index.ts'
import { createEdge, type EdgeDeps, type EdgeSettings } from './edge/index.ts'
import { modernHost } from './fig-services.ts'
import { createFileFlags, createStaticFlags, createUnleashFlags, type Flags } from './flags/index.ts'
import { createFlows, ownSigningKey } from './flows.ts'
import { createLegacy } from './legacy/index.ts'
import { legacySettings } from './legacy-settings.ts'
import { openLiveRoutes } from './live-routes.ts'
import { loadSite } from './load-site.ts'
import { createPhpBridge, type PhpBridge } from './php/index.ts'
import {
  createLogger,
  createMetrics,
  createReload,
  createShutdown,
  enableFaultPoints,
  type Logger,
  type Metrics,
  type Shutdown,
  tuneMemory,
} from './platform/index.ts'
import { createSteering } from './steering.ts'
import { openSync, type Sync, type SyncDefinition } from './sync/index.ts'
import { type SyncSupervisor, superviseSync } from './sync-supervisor.ts'
import type { ServedFig } from './workers/index.ts'

/**
 * Builds every part once and joins them: the only place that knows them all. A worker has no operator listener of its own.
 * @throws AppError with what is wrong and what to do; nothing is left open then
 */
export async function startFig(config: Config, worker?: number): Promise<ServedFig> {
  const log = createLogger({ level: config.logLevel, worker })
  const shutdown = createShutdown({ log, deadlineMs: config.drainTimeoutMs })
  try {
    enableFaultPoints(config.faults.join(','), { production: config.mode === 'production' })
    return await compose({ ...config, ...(worker !== undefined && { operatorPort: undefined }) }, log, shutdown)
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

// --- internal ---

type ComposedConfig = Omit<Config, 'operatorPort'> & Pick<EdgeSettings, 'operatorPort'>

async function compose(config: ComposedConfig, log: Logger, shutdown: Shutdown): Promise<ServedFig> {
  const metrics = createMetrics({ process: true })
  const reload = createReload(log)
  const site = await loadSite(config)
  const data = await openData(config, site.sync, { log, metrics, shutdown })
  const legacy = createLegacy({ ...legacySettings(config, site), metrics, log })
  shutdown.add('legacy', (signal) => legacy.close(signal))
  const flags = openFlags(config, log)
  shutdown.add('flags', () => flags.close())
  await flags.start()
  const controls = await openKillSwitch(config, log, shutdown)
  const { steering, status, retain } = createSteering({
    controls,
    overrides: createOverrides({ keys: config.signingKeys }),
    flows: createFlows(await pinKeys(config, log), metrics),
    breaker: config.breaker,
    log,
    metrics,
  })
  const routes = await openLiveRoutes({
    file: config.routesFile,
    initial: site.routes,
    tables: site.tables,
    watched: config.routesWatched,
    log,
    metrics,
    onChange: (table) => retain(table.routes),
  })
  shutdown.add('routes', () => routes.close())
  reload.add('routes', () => routes.reload())
  const edge = createEdge(config, {
    log,
    metrics,
    legacy,
    routes: () => routes.table(),
    flags: () => flags.snapshot(),
    modern: modernHost(data),
    steering,
    ...supervised(data.supervisor),
    status: () => ({
      flags: flagStatus(flags),
      table: routes.status(),
      ...status(),
      ...(data.sync === undefined ? {} : { sync: data.sync.status() }),
    }),
  })
  shutdown.add('edge', (signal) => edge.close(signal))
  reload.add('certificate', () => edge.reload())
  const addresses = await edge.listen()
  tuneMemory()
  log.info(
    { ...addresses, legacy: config.legacyUrls.map(({ href }) => href).join(' '), routes: site.routes.routes.length },
    'fig is up',
  )
  return {
    ...addresses,
    log,
    report: () => edge.report(),
    figures: () => metrics.snapshots(),
    connections: () => edge.connections,
    letGo: (connections) => edge.letGo(connections),
    reload: () => reload.run(),
    close: () => close(shutdown),
  }
}

async function close(shutdown: Shutdown): Promise<void> {
  await shutdown.run()
}

function supervised(supervisor: SyncSupervisor | undefined): Pick<EdgeDeps, 'freshness' | 'readiness'> {
  if (supervisor === undefined) return {}
  const { freshness, problem, hasGivenUp } = supervisor
  return { freshness, readiness: [{ name: 'sync', problem, final: hasGivenUp }] }
}

interface Common {
  readonly log: Logger
  readonly metrics: Metrics
}

function openFlags(config: ComposedConfig, log: Logger): Flags {
  if (config.flagsFile !== undefined) return createFileFlags({ file: config.flagsFile, log })
  // Without a flag server every route takes its declared side.
  if (config.unleash === undefined) return createStaticFlags()
  return createUnleashFlags({ ...config.unleash, backupFile: join(config.dataDirectory, 'flags-backup.json'), log })
}

function flagStatus(flags: Flags): object {
  const { source, receivedAt, problem, staleSince } = flags.health()
  return {
    source,
    ageMs: receivedAt === undefined ? null : Date.now() - receivedAt,
    problem: problem ?? null,
    staleMs: staleSince === undefined ? null : Date.now() - staleSince,
  }
}

async function pinKeys({ signingKeys, dataDirectory }: ComposedConfig, log: Logger) {
  return signingKeys.length > 0 ? signingKeys : [await ownSigningKey(join(dataDirectory, 'signing-key'), log)]
}

/** Over a connection of its own: no handler can keep it busy. */
async function openKillSwitch(
  { postgresUrl, ownSchema, dataDirectory }: ComposedConfig,
  log: Logger,
  shutdown: Shutdown,
): Promise<Controls | undefined> {
  if (postgresUrl === undefined) return undefined
  const stateFile = join(dataDirectory, 'controls.json')
  const controls = await openControls({ postgres: { url: postgresUrl }, ownSchema, stateFile, log })
  shutdown.add('controls', () => controls.close())
  await controls.start()
  return controls
}

interface Data {
  readonly postgres: Postgres | undefined
  readonly sync: Sync | undefined
  readonly supervisor: SyncSupervisor | undefined
  readonly php: PhpBridge | undefined
}

/**
 * Opens what is configured; nothing here waits for a database. The drivers are loaded only where they are used: a plain
 * pass-through needs a third of the memory without them.
 */
async function openData(
  config: ComposedConfig,
  definition: SyncDefinition | undefined,
  { log, metrics, shutdown }: Common & { readonly shutdown: Shutdown },
): Promise<Data> {
  const php =
    config.phpSessionPath === undefined
      ? undefined
      : createPhpBridge({ sessionPath: config.phpSessionPath, cookieName: config.phpSessionCookie })
  if (config.postgresUrl === undefined) return { php, postgres: undefined, sync: undefined, supervisor: undefined }
  const { openMysql, openPostgres } = await import('./db/index.ts')
  const postgres = openPostgres({ url: config.postgresUrl })
  shutdown.add('postgres', () => postgres.close())
  if (definition === undefined || config.mysqlUrl === undefined)
    return { php, postgres, sync: undefined, supervisor: undefined }
  const mysql = openMysql({ url: config.mysqlUrl })
  shutdown.add('mysql', () => mysql.close())
  const sync = await openSync({ definition, mysql, postgres, ownSchema: config.ownSchema, log, metrics })
  const supervisor = superviseSync(sync, log)
  shutdown.add('sync', () => supervisor.close())
  return { php, postgres, sync, supervisor }
}
