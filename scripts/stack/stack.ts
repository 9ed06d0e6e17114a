/**
 * Starts the parts, each as soon as what it needs is there, and stops them in order.
 *
 *   Postgres ─┬─ Unleash ── flags ─┐
 *             │                    ├─ Fig
 *   MariaDB ──┴─ content ──────────┤
 *   PHP, nginx ────────────────────┘
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { figEnvironment, figPart, figUrl, operatorUrl } from './fig.ts'
import { ensureFlags } from './flags.ts'
import { beginLifetime, type Lifetime } from './lifetime.ts'
import { mariadbPart, mariadbUrl, prepareMariadb } from './mariadb.ts'
import { type PartDefinition, type RunningPart, startPart } from './part.ts'
import { type PartName, type Ports, partTitles, remedyFor, StackError } from './parts.ts'
import { claimPlace, describeLog, oncePerPlace, type Place } from './place.ts'
import { checkPorts, reserveFreePorts } from './ports.ts'
import { postgresPart, postgresUrl, preparePostgres } from './postgres.ts'
import { isSeeded, seedOnce } from './seed.ts'
import { nginxPart, phpPart, prepareSite, siteFolders, siteUrl } from './site.ts'
import { type UnleashTokens, unleashPart, unleashTokens, unleashUrl } from './unleash.ts'

export interface StackOptions {
  readonly checkout: string
  /** Data folder. Below the folder that `stackFolder` answers. */
  readonly dir: string
  readonly ports: Ports | 'free'
  readonly parts: readonly PartName[]
  /** A test's stack: quick rather than durable, and removed when it stops. */
  readonly temporary: boolean
  /** How many mods the site shall hold; what it holds, or the default, when left out. */
  readonly mods?: number
  readonly flags?: () => Promise<readonly string[]>
  readonly figSettings?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly onEvent?: (event: StackEvent) => void
}

export type StackEvent =
  | { readonly type: 'progress' | 'waiting'; readonly part: PartName; readonly what: string }
  | { readonly type: 'ready'; readonly part: PartName; readonly afterMs: number }

/** What a stack is, as plain data: a test worker gets it by `inject('stack')`. */
export interface StackDescription extends Place {
  readonly checkout: string
  readonly ports: Ports
  /** Root of MariaDB, without a database. */
  readonly mysqlUrl: string
  /** Superuser of Postgres. */
  readonly postgresUrl: string
  readonly unleash: UnleashTokens & { readonly url: string }
  /** The legacy site, directly. */
  readonly siteUrl: string
  readonly siteFolders: ReturnType<typeof siteFolders>
  /** The legacy site through Fig. */
  readonly figUrl: string
  readonly operatorUrl: string
  /** What Fig was told. */
  readonly figEnvironment: Readonly<Record<string, string>>
}

export interface Stack {
  readonly description: StackDescription
  /** Rejects when a part ends by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const place = await claimPlace(options.dir)
  const lifetime = beginLifetime(place, options)
  const reservation = options.ports === 'free' ? await reserveFreePorts() : undefined
  const stop = async (): Promise<void> => {
    await lifetime.stop()
    reservation?.release()
  }
  try {
    const ports = reservation?.ports ?? (options.ports as Ports)
    if (reservation === undefined) await checkPorts(ports, options.parts)
    const starting = { ...options, ports }
    const watch = watchParts(place, lifetime)
    await startParts(starting, place, watch)
    return { description: describe(starting, place), failed: watch.failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// --- internal ---

interface Starting extends StackOptions {
  readonly ports: Ports
}

type Start = (definition: PartDefinition) => Promise<void>

async function startParts(options: Starting, place: Place, watch: PartsWatch): Promise<void> {
  const startedAt = performance.now()
  const cancel = new AbortController()
  const signal = options.signal === undefined ? cancel.signal : AbortSignal.any([cancel.signal, options.signal])
  const start: Start = async (definition) => {
    const { part } = definition
    watch.add(await startPart(definition, { place, signal, onWaiting: report('waiting', part, options) }))
    options.onEvent?.({ type: 'ready', part, afterMs: performance.now() - startedAt })
  }
  const steps = startingSteps({ ...options, signal }, start)
  try {
    await Promise.race([Promise.all(steps), watch.failed])
  } catch (error) {
    cancel.abort(error)
    await Promise.allSettled(steps)
    throw error
  }
}

/** All steps at once; each awaits those that it needs. */
function startingSteps(options: Starting & { readonly signal: AbortSignal }, start: Start): Promise<void>[] {
  const wanted = async (part: PartName, step: () => Promise<void>, worksOn = part): Promise<void> => {
    if (!options.parts.includes(part)) return
    await step().catch((error: unknown) => {
      throw options.signal.aborted ? error : stepFailed(error, worksOn, options.dir)
    })
  }
  const postgres = wanted('postgres', () => startPostgres(options, start))
  const mariadb = wanted('mariadb', () => startMariadb(options, start))
  const unleash = wanted('unleash', async () => {
    await postgres
    await start(unleashPart({ ...options, port: options.ports.unleash, postgresPort: options.ports.postgres }))
    await ensureFlags(describeUnleash(options), (await options.flags?.()) ?? [])
  })
  const site = wanted('nginx', async () => {
    const settings = { ...options, port: options.ports.legacy, mariadbPort: options.ports.mariadb }
    prepareSite(settings)
    await Promise.all([start(phpPart(settings)), start(nginxPart(settings))])
  })
  const writeContent = async (): Promise<void> => {
    await Promise.all([mariadb, postgres])
    await seedOnce({ ...options, mods: options.mods, onProgress: report('progress', 'mariadb', options) })
  }
  const content = wanted('nginx', writeContent, 'mariadb')
  const fig = wanted('fig', async () => {
    // Fig lives without its flag server, so only a first start, where the flags are made, waits for it.
    const flags = existsSync(join(options.dir, 'fig')) ? undefined : unleash
    await Promise.all([postgres, content, site, flags])
    await start(figPart(options))
  })
  return [postgres, mariadb, unleash, site, content, fig]
}

/** What went wrong around a part rather than in it: a statement that it refused, a file that could not be written. */
function stepFailed(error: unknown, part: PartName, dir: string): unknown {
  if (error instanceof StackError || !(error instanceof Error)) return error
  const log = describeLog(dir, part)
  const remedy = remedyFor([error.message, ...log], 'Read the log and start again.')
  return new StackError(`${partTitles[part]} could not be set up: ${error.message}`, remedy, log, error)
}

async function startPostgres(options: Starting, start: Start): Promise<void> {
  const port = options.ports.postgres
  const settings = { ...options, port, durable: !options.temporary }
  await preparePostgres(settings)
  await start(postgresPart(settings))
  await oncePerPlace(options.dir, 'postgres-databases', async () => {
    const { createPostgresDatabases } = await import('./databases.ts')
    await createPostgresDatabases(port)
  })
  if (isSeeded(options.dir) || !options.parts.includes('nginx')) return
  const { emptyFollower } = await import('./databases.ts')
  await emptyFollower(port) // what an interrupted first start has copied is of content that will be written anew
}

async function startMariadb(options: Starting, start: Start): Promise<void> {
  const settings = { ...options, port: options.ports.mariadb, durable: !options.temporary }
  await prepareMariadb(settings)
  await start(mariadbPart(settings))
}

function report(type: 'progress' | 'waiting', part: PartName, options: Starting): (what: string) => void {
  return (what) => options.onEvent?.({ type, part, what })
}

interface PartsWatch {
  add(part: RunningPart): void
  readonly failed: Promise<never>
}

/** A part that ends before it is told to takes the whole stack with it, while the others still start or later. */
function watchParts(place: Place, lifetime: Lifetime): PartsWatch {
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => undefined) // whoever wants to know awaits it
  return {
    failed,
    add({ part, ended }) {
      void ended.then((how) => {
        if (lifetime.isStopping()) return
        const log = describeLog(place.dir, part)
        const remedy = remedyFor(log, 'Read the log and start again.')
        reject(new StackError(`${partTitles[part]} ended by itself (${how}).`, remedy, log))
      })
    },
  }
}

function describe(options: Starting, place: Place): StackDescription {
  const { ports, dir, checkout } = options
  return {
    ...place,
    checkout,
    ports,
    mysqlUrl: mariadbUrl(ports.mariadb),
    postgresUrl: postgresUrl(ports.postgres),
    unleash: describeUnleash(options),
    siteUrl: siteUrl(ports.legacy),
    siteFolders: siteFolders(dir),
    figUrl: figUrl(ports),
    operatorUrl: operatorUrl(ports),
    figEnvironment: figEnvironment(options),
  }
}

function describeUnleash({ ports, dir }: Starting): StackDescription['unleash'] {
  return { url: unleashUrl(ports.unleash), ...unleashTokens(dir) }
}
