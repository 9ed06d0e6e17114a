/**
 * Starts the parts, each as soon as what it needs is there, and stops them in order.
 *
 *   Postgres ─┬─ Unleash ── flags ──┐
 *             └──────────────┐      ├─ Fig
 *   MariaDB ─── seed ────────┴──────┤
 *   PHP, nginx ─────────────────────┘
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stoppedByLauncher } from './guard.ts'
import { mariadbPart, mariadbUrl, prepareMariadb } from './mariadb.ts'
import { type PartDefinition, plainEnvironment, type RunningPart, startPart } from './part.ts'
import { type PartName, type Ports, partTitles, StackError } from './parts.ts'
import {
  claimPlace,
  endRecorded,
  logFile,
  logTail,
  type Place,
  readRecords,
  releasePlace,
  writeRecord,
} from './place.ts'
import { type PortReservation, reserveFreePorts } from './ports.ts'
import { postgresPart, postgresUrl, preparePostgres } from './postgres.ts'
import { identify } from './processes.ts'
import { type UnleashTokens, unleashDatabase, unleashPart, unleashTokens, unleashUrl } from './unleash.ts'

export interface StackOptions {
  readonly checkout: string
  /** Data folder. Below the folder that `stackFolder` answers. */
  readonly dir: string
  readonly ports: Ports | 'free'
  readonly parts: readonly PartName[]
  /** A test's stack: quick rather than durable, and removed when it stops. */
  readonly temporary: boolean
  readonly signal?: AbortSignal
  readonly onEvent?: (event: StackEvent) => void
}

export type StackEvent =
  | { readonly type: 'preparing'; readonly part: PartName; readonly what: string }
  | { readonly type: 'ready'; readonly part: PartName; readonly afterMs: number }

export interface Stack {
  readonly dir: string
  readonly ports: Ports
  /** Root of MariaDB, without a database. */
  readonly mysqlUrl: string
  /** Superuser of Postgres. */
  readonly postgresUrl: string
  readonly unleash: UnleashTokens & { readonly url: string }
  /** Rejects when a part ends by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const place = await claimPlace(options.dir)
  const reservation = options.ports === 'free' ? await reserveFreePorts() : undefined
  const ports = reservation?.ports ?? (options.ports as Ports)
  const guard = startGuard(options, place)
  const stop = stopOnce(options, place, guard, reservation)
  try {
    const running = await startParts({ ...options, ports }, place)
    return describe(options, ports, watch(running, options.dir, stop), stop)
  } catch (error) {
    await stop.now()
    throw error
  }
}

// --- internal ---

interface Starting extends StackOptions {
  readonly ports: Ports
}

async function startParts(options: Starting, place: Place): Promise<readonly RunningPart[]> {
  const startedAt = performance.now()
  const running: RunningPart[] = []
  const cancel = new AbortController()
  const signal = options.signal === undefined ? cancel.signal : AbortSignal.any([cancel.signal, options.signal])
  const start = async (definition: PartDefinition): Promise<void> => {
    running.push(await startPart(definition, place, signal))
    options.onEvent?.({ type: 'ready', part: definition.part, afterMs: performance.now() - startedAt })
  }
  const wants = (part: PartName): boolean => options.parts.includes(part)
  const postgres = wants('postgres') ? startPostgres(options, start) : Promise.resolve()
  const mariadb = wants('mariadb') ? startMariadb(options, start) : Promise.resolve()
  const unleash = wants('unleash') ? postgres.then(() => start(unleashPart(unleashOptions(options)))) : undefined
  const all = [postgres, mariadb, unleash]
  try {
    await Promise.all(all)
  } catch (error) {
    cancel.abort(error)
    await Promise.allSettled(all)
    throw error
  }
  return running
}

type Start = (definition: PartDefinition) => Promise<void>

async function startPostgres(options: Starting, start: Start): Promise<void> {
  const settings = { ...options, port: options.ports.postgres, durable: !options.temporary }
  const isNew = await preparePostgres(settings)
  await start(postgresPart(settings))
  if (isNew) await createDatabases(options.ports.postgres)
}

async function startMariadb(options: Starting, start: Start): Promise<void> {
  const settings = { ...options, port: options.ports.mariadb, durable: !options.temporary }
  await prepareMariadb(settings)
  await start(mariadbPart(settings))
}

async function createDatabases(port: number): Promise<void> {
  const { Client } = (await import('pg')).default // only a first start needs the driver
  const client = new Client({ connectionString: postgresUrl(port) })
  await client.connect()
  try {
    for (const database of [unleashDatabase, 'fig']) await client.query(`create database ${database}`)
  } finally {
    await client.end()
  }
}

function unleashOptions(options: Starting): Parameters<typeof unleashPart>[0] {
  return { ...options, port: options.ports.unleash, postgresPort: options.ports.postgres }
}

interface Guard {
  readonly dismiss: () => Promise<void>
}

function startGuard(options: StackOptions, place: Place): Guard {
  const log = openSync(logFile(place.dir, 'guard'), 'a')
  const afterwards = options.temporary ? 'remove' : 'keep'
  const script = join(import.meta.dirname, 'guard.ts')
  const child = spawn(process.execPath, [script, place.dir, place.run, afterwards], {
    detached: true,
    stdio: ['pipe', log, log],
    cwd: '/',
    env: plainEnvironment(),
  })
  closeSync(log)
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity !== undefined) writeRecord(place, { ...identity, part: 'guard', stage: 99, stop: [] })
  child.unref()
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return {
    async dismiss() {
      child.ref()
      child.stdin?.end(stoppedByLauncher)
      await ended
    },
  }
}

interface Stop {
  now(): Promise<void>
  readonly isStopping: () => boolean
}

function stopOnce(options: StackOptions, place: Place, guard: Guard, ports: PortReservation | undefined): Stop {
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    const parts = readRecords(place.dir).filter(({ run, part }) => run === place.run && part !== 'guard')
    await endRecorded(place.dir, parts)
    await guard.dismiss()
    await endRecorded(
      place.dir,
      readRecords(place.dir).filter(({ run }) => run === place.run),
    )
    ports?.release()
    releasePlace(place)
    if (options.temporary) rmSync(place.dir, { recursive: true, force: true })
  }
  return {
    now() {
      stopping ??= stop()
      return stopping
    },
    isStopping: () => stopping !== undefined,
  }
}

function watch(running: readonly RunningPart[], dir: string, stop: Stop): Watched {
  const failed = Promise.race(
    running.map(async ({ part, ended }) => {
      const how = await ended
      if (stop.isStopping()) return new Promise<never>(() => undefined)
      throw new StackError(`${partTitles[part]} ended by itself (${how}).`, 'Read the log and start again.', [
        `Last lines of ${logFile(dir, part)}:`,
        ...logTail(dir, part),
      ])
    }),
  )
  failed.catch(() => undefined) // whoever wants to know awaits it
  return { failed }
}

interface Watched {
  readonly failed: Promise<never>
}

function describe(options: StackOptions, ports: Ports, watched: Watched, stop: Stop): Stack {
  return {
    dir: options.dir,
    ports,
    mysqlUrl: mariadbUrl(ports.mariadb),
    postgresUrl: postgresUrl(ports.postgres),
    unleash: { url: unleashUrl(ports.unleash), ...unleashTokens(options.dir) },
    failed: watched.failed,
    stop: () => stop.now(),
  }
}
