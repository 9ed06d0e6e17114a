import { createHash } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { loadRoutes } from './load-site.ts'
import { AppError, describeError, type Logger, type Metrics } from './platform/index.ts'
import { checkMoves, type RouteTable } from './routing/index.ts'

export interface LiveRoutesOptions {
  /** Undefined: there is no table, and none is looked for. */
  readonly file: string | undefined
  /** The table that Fig started with. */
  readonly initial: RouteTable
  /** Names of the tables of the sync configuration. */
  readonly tables: readonly string[] | undefined
  /** False: only reload() reads it anew. */
  readonly watched: boolean
  readonly log: Logger
  readonly metrics: Metrics
  readonly onChange: (table: RouteTable) => void
}

/** The route table in force. A new one replaces it whole, between two requests; one that is not good is refused and the old one stays. */
export interface LiveRoutes {
  table(): RouteTable
  /** Reads the file anew. @throws AppError where it is refused; the old table stays */
  reload(): Promise<void>
  status(): object
  close(): Promise<void>
}

export async function openLiveRoutes(options: LiveRoutesOptions): Promise<LiveRoutes> {
  const routes = new WatchedRoutes(options)
  await routes.start()
  return routes
}

// --- internal ---

/** Editors write in several steps: it is read when it has been quiet for so long. */
const quietMs = 60
/** Where the file system tells nothing of changes (network mounts, some containers). */
const lookIntervalMs = 1_000

class WatchedRoutes implements LiveRoutes {
  readonly #options: LiveRoutesOptions
  readonly #log: Logger
  #table: RouteTable
  /** Of the text that was read last, good or not. */
  #seen: string | undefined
  #revision: string | undefined
  #changedAt = Date.now()
  #attempts = 0
  #problem: string | undefined
  #watcher: FSWatcher | undefined
  #looking: NodeJS.Timeout | undefined
  #quiet: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()

  constructor(options: LiveRoutesOptions) {
    this.#options = options
    this.#log = options.log.child({ part: 'routes' })
    this.#table = options.initial
    const isRefused = () => this.#problem !== undefined
    options.metrics.gauge({
      name: 'fig_routes_refused',
      help: '1 while the route file holds a table that was refused: the one before it is in force.',
      collect() {
        this.set(isRefused() ? 1 : 0)
      },
    })
  }

  async start(): Promise<void> {
    const { file, watched } = this.#options
    if (file === undefined) return
    this.#seen = await digestOf(file)
    this.#revision = this.#seen
    if (watched) this.#watch(file)
  }

  table(): RouteTable {
    return this.#table
  }

  async reload(): Promise<void> {
    const { file } = this.#options
    if (file !== undefined) await this.#inTurn(async () => this.#read(file, await digestOf(file)))
    if (this.#problem !== undefined) throw new AppError('routing.invalid-table', this.#problem)
  }

  status(): object {
    return {
      revision: this.#revision ?? null,
      changedAt: new Date(this.#changedAt).toISOString(),
      refused: this.#problem ?? null,
    }
  }

  async close(): Promise<void> {
    this.#watcher?.close()
    clearInterval(this.#looking)
    clearTimeout(this.#quiet)
    await this.#work
  }

  /** The folder, as editors put a new file in the place of the old one. */
  #watch(file: string): void {
    const soon = (): void => {
      clearTimeout(this.#quiet)
      this.#quiet = setTimeout(() => this.#look(file), quietMs).unref()
    }
    try {
      this.#watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(file)) soon()
      })
      this.#watcher.on('error', (error) => this.#log.warn({ error: describeError(error) }, 'the folder is not watched'))
    } catch (error) {
      this.#log.warn({ error: describeError(error) }, 'the folder of the route file is not watched, only looked at')
    }
    this.#looking = setInterval(() => this.#look(file), lookIntervalMs).unref()
  }

  #look(file: string): void {
    void this.#inTurn(async () => {
      const digest = await digestOf(file)
      if (digest !== this.#seen) await this.#read(file, digest)
    })
  }

  async #read(file: string, digest: string | undefined): Promise<void> {
    this.#seen = digest
    try {
      if (digest === undefined) throw new AppError('config.invalid', `${file} can't be read`)
      // Node keeps a module for good under its URL: each attempt needs one of its own.
      this.#attempts += 1
      const table = await loadRoutes(file, this.#options.tables, `${digest}-${this.#attempts}`)
      refuseMoves(this.#table, table)
      this.#take(table, digest)
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error)
      this.#log.error(
        { err: error, file, inForce: this.#revision },
        'the new route table is refused; the old one stays',
      )
    }
  }

  #take(table: RouteTable, digest: string): void {
    this.#table = table
    this.#revision = digest
    this.#changedAt = Date.now()
    this.#problem = undefined
    this.#options.onChange(table)
    this.#log.info({ routes: table.routes.length, revision: digest }, 'a new route table is in force')
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work)
    return this.#work
  }
}

function refuseMoves(before: RouteTable, after: RouteTable): void {
  const problems = checkMoves(before, after)
  if (problems.length === 0) return
  const lines = problems.map(({ routeId, problem, fix }) => `route '${routeId}': ${problem}; ${fix}`)
  throw new AppError('routing.invalid-table', `no running Fig may change its routes so:\n  ${lines.join('\n  ')}`)
}

/** Equal on every process that has read the same text; undefined where it can't be read. */
async function digestOf(file: string): Promise<string | undefined> {
  const text = await readFile(file).catch(() => undefined)
  return text === undefined ? undefined : createHash('sha256').update(text).digest('hex').slice(0, 12)
}
