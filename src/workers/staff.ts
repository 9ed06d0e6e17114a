import cluster, { type Worker } from 'node:cluster'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { AppError, type Logger, type MetricSnapshot } from '../platform/index.ts'
import { surplus } from './balance.ts'
import { primaryVariable } from './messages.ts'
import { restartDelayMs, steadyAfterMs } from './restart-delay.ts'
import type { Addresses } from './served-fig.ts'
import type { Share } from './share.ts'
import { type WorkerEnd, WorkerProcess } from './worker-process.ts'

/** Told of what happens to workers. */
export interface StaffObserver {
  onStarted(worker: WorkerProcess): void
  onFigures(worker: number, figures: readonly MetricSnapshot[]): void
  onEnded(worker: WorkerProcess, end: WorkerEnd): void
}

/**
 * The workers: as many as there are places, whatever happens to one of them.
 *
 *   a place    empty -> worker -> (it ended by itself) -> empty for a while -> worker
 *                       worker + candidate -> (the candidate is ready) -> candidate as worker, the old one drains
 *                                          -> (it did not get ready)   -> worker, as before
 */
export class Staff {
  readonly #config: Config
  readonly #log: Logger
  readonly #observer: StaffObserver
  readonly #places: readonly Place[]
  readonly #living = new Set<WorkerProcess>()
  readonly #balancing: NodeJS.Timeout
  #started = 0
  #state: 'starting' | 'up' | 'stopping' = 'starting'
  #renewing: Promise<void> | undefined
  #renewAgain = false

  constructor(config: Config, log: Logger, observer: StaffObserver) {
    this.#config = config
    this.#log = log
    this.#observer = observer
    this.#places = Array.from({ length: config.workers }, (_, index) => ({
      share: { place: index, places: config.workers },
      worker: undefined,
      candidate: undefined,
      failuresInARow: 0,
      restart: undefined,
    }))
    // Every worker accepts by itself from one socket. Where the primary accepts and hands out (Node's default), a connection that
    // was just handed to a worker which then hangs or dies is left hanging for ever: seen with Node 26.10, ten of ten times.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({ serialization: 'advanced' })
    this.#balancing = setInterval(() => this.#balance(), balanceEveryMs)
  }

  /** Every process that lives, those that drain included, in the order of their start. */
  get living(): readonly WorkerProcess[] {
    return [...this.#living]
  }

  /** Places without a worker that serves. */
  get missing(): number {
    return this.#places.filter(({ worker }) => worker?.state !== 'serving').length
  }

  get isStopping(): boolean {
    return this.#state === 'stopping'
  }

  get isRenewing(): boolean {
    return this.#renewing !== undefined
  }

  /**
   * Starts one worker, and the others once it serves: what keeps the first from serving would keep them all.
   * @throws AppError what the worker says, with none left
   */
  async start(): Promise<Addresses> {
    const [first, ...others] = this.#places as readonly [Place, ...Place[]]
    try {
      first.worker = this.#fork(first)
      const addresses = await first.worker.up
      this.#state = 'up'
      for (const place of others) this.#fill(place)
      return addresses
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Replaces every worker by a new one, one after the other. Asked for again meanwhile, it begins anew afterwards. */
  async renew(): Promise<void> {
    if (this.#state !== 'up') return
    if (this.#renewing !== undefined) {
      this.#renewAgain = true
      return this.#renewing
    }
    this.#renewing = this.#renewAll()
    await this.#renewing
    this.#renewing = undefined
    if (this.#renewAgain) {
      this.#renewAgain = false
      await this.renew()
    }
  }

  reload(): void {
    for (const worker of this.#living) worker.reload()
  }

  /** Drains all at the same time. */
  async stop(): Promise<void> {
    this.#state = 'stopping'
    clearInterval(this.#balancing)
    for (const { restart } of this.#places) clearTimeout(restart)
    await Promise.all(this.living.map((worker) => worker.drain()))
  }

  killAll(): void {
    for (const worker of this.#living) worker.kill()
  }

  // --- internal ---

  #fill(place: Place): void {
    try {
      place.worker = this.#fork(place)
    } catch (error) {
      place.failuresInARow += 1
      const restartInMs = this.#fillLater(place)
      this.#log.error({ err: error, restartInMs }, 'a place for a worker stays empty for now')
    }
  }

  #fillLater(place: Place): number {
    const restartInMs = restartDelayMs(place.failuresInARow)
    place.restart = setTimeout(() => this.#fill(place), restartInMs)
    return restartInMs
  }

  /** @throws AppError when the system has no process left */
  #fork(place: Place): WorkerProcess {
    this.#started += 1
    const { workerReadyTimeoutMs, workerSilenceTimeoutMs, drainTimeoutMs } = this.#config
    const number = this.#started
    const worker = new WorkerProcess(
      forked(),
      { worker: number, port: this.#config.port, share: place.share },
      { startTimeoutMs: workerReadyTimeoutMs, silenceTimeoutMs: workerSilenceTimeoutMs, drainTimeoutMs },
      (figures) => this.#observer.onFigures(number, figures),
    )
    this.#living.add(worker)
    this.#observer.onStarted(worker)
    void worker.ended.then((end) => this.#onEnded(place, worker, end))
    return worker
  }

  #onEnded(place: Place, worker: WorkerProcess, end: WorkerEnd): void {
    this.#living.delete(worker)
    this.#observer.onEnded(worker, end)
    const told = { worker: worker.number, pid: worker.pid, ...end }
    if (end.cause === 'undrained') this.#log.warn(told, 'a worker did not drain in time and was killed')
    if (place.worker !== worker || this.#state !== 'up') return
    place.worker = undefined
    place.failuresInARow = end.livedMs > steadyAfterMs ? 1 : place.failuresInARow + 1
    // A candidate that gets ready takes the place; if it does not, the place is filled then.
    const restartInMs = place.candidate === undefined ? this.#fillLater(place) : undefined
    this.#log.error({ ...told, restartInMs }, 'a worker ended by itself and is replaced')
  }

  #balance(): void {
    const serving = this.living.filter(({ state }) => state === 'serving')
    const counts = serving.map(({ connections }) => connections)
    for (const [i, count] of surplus(counts).entries()) serving[i]?.letGo(count)
  }

  async #renewAll(): Promise<void> {
    this.#log.info({ workers: this.#places.length }, 'a rolling restart begins')
    for (const place of this.#places) {
      const problem = await this.#renewPlace(place)
      if (this.#state !== 'up') return
      if (problem !== undefined) {
        this.#log.error({ problem }, 'the rolling restart was given up: a new worker is not ready, the old ones stay')
        return
      }
    }
    this.#log.info('every worker has been replaced')
  }

  /** Undefined when the place has a new worker; else why it keeps the one that it has. */
  async #renewPlace(place: Place): Promise<string | undefined> {
    const { worker: old } = place
    // One that is about to start is new anyway.
    if (this.#state !== 'up' || old === undefined) return undefined
    let candidate: WorkerProcess
    try {
      candidate = this.#fork(place)
    } catch (error) {
      return messageOf(error)
    }
    place.candidate = candidate
    const problem = await this.#notAsReadyAs(old, candidate)
    place.candidate = undefined
    if (problem === undefined) {
      place.worker = candidate
      await old.drain()
      return undefined
    }
    const gone = candidate.drain()
    if (place.worker === undefined && this.#state === 'up') this.#fill(place)
    await gone
    return problem
  }

  /** A new worker need not be better than the old one: when a database is down, none is ready. */
  async #notAsReadyAs(old: WorkerProcess, candidate: WorkerProcess): Promise<string | undefined> {
    const { workerReadyTimeoutMs } = this.#config
    const deadline = performance.now() + workerReadyTimeoutMs
    try {
      await candidate.up
    } catch (error) {
      return messageOf(error)
    }
    const mustBeReady = (await old.ask('report'))?.ready ?? false
    for (;;) {
      const report = await candidate.ask('report')
      if (candidate.state !== 'serving') return `worker ${candidate.number} ended`
      if (report?.ready === true || (!mustBeReady && report !== undefined)) return undefined
      if (performance.now() > deadline) {
        const missing = report?.problems.join('; ') ?? 'it does not answer'
        return `worker ${candidate.number} was not ready within ${workerReadyTimeoutMs} ms: ${missing}`
      }
      await delay(readyPollMs)
    }
  }
}

/** One of the places for workers, always to be filled. */
interface Place {
  readonly share: Share
  worker: WorkerProcess | undefined
  /** Is to take the worker's place when it is ready. */
  candidate: WorkerProcess | undefined
  failuresInARow: number
  restart: NodeJS.Timeout | undefined
}

const readyPollMs = 50
const balanceEveryMs = 1_000

function forked(): Worker {
  try {
    return cluster.fork({ [primaryVariable]: String(process.pid) })
  } catch (cause) {
    throw new AppError('workers.not-started', `no process for a worker could be made: ${messageOf(cause)}`, { cause })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
