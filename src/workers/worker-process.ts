import type { Worker } from 'node:cluster'
import { AppError, type MetricSnapshot } from '../platform/index.ts'
import {
  type Answers,
  type Assignment,
  opened,
  type Question,
  sealed,
  type ToPrimary,
  type ToWorker,
} from './messages.ts'
import type { Addresses } from './served-fig.ts'

/**
 *   starting -> serving -> draining -> ended
 *       '----------'----------------------^   by itself, or killed: too late, silent, did not drain in time
 */
export type WorkerState = 'starting' | 'serving' | 'draining' | 'ended'

export interface WorkerTimes {
  /** The longest it may take to listen. */
  readonly startTimeoutMs: number
  /** The longest it may be silent. */
  readonly silenceTimeoutMs: number
  /** The longest it may take to end once it was told to drain. */
  readonly drainTimeoutMs: number
}

export interface WorkerEnd {
  /** Such as `exit code 1`, `signal SIGKILL`, `silent for 30000 ms`. */
  readonly how: string
  readonly cause: 'drained' | 'undrained' | 'by-itself' | 'silent' | 'not-started'
  readonly livedMs: number
}

/** One worker as its primary sees it. */
export class WorkerProcess {
  readonly number: number
  readonly pid: number | undefined
  /** Where it serves; rejects with why it does not. */
  readonly up: Promise<Addresses>
  readonly ended: Promise<WorkerEnd>
  readonly #worker: Worker
  readonly #times: WorkerTimes
  readonly #onFigures: (figures: readonly MetricSnapshot[]) => void
  readonly #listening = Promise.withResolvers<Addresses>()
  readonly #ending = Promise.withResolvers<WorkerEnd>()
  readonly #questions = new Map<number, (answer: unknown) => void>()
  readonly #startedAt = performance.now()
  readonly #heartbeat: NodeJS.Timeout
  readonly #startTimer: NodeJS.Timeout
  /** Messages for when it listens. */
  #unsent: ToWorker[] | undefined = []
  #state: WorkerState = 'starting'
  #connections = 0
  #lettingGo = 0
  #lastQuestion = 0
  #silentBeats = 0
  #killed: Pick<WorkerEnd, 'how' | 'cause'> | undefined

  constructor(
    worker: Worker,
    assignment: Assignment,
    times: WorkerTimes,
    onFigures: (figures: readonly MetricSnapshot[]) => void,
  ) {
    this.#worker = worker
    this.#times = times
    this.#onFigures = onFigures
    this.number = assignment.worker
    this.pid = worker.process.pid
    this.up = this.#listening.promise
    this.up.catch(() => undefined) // often nobody waits for it
    this.ended = this.#ending.promise
    worker.on('message', (message: unknown) => this.#hear(opened<ToPrimary>(message)))
    worker.once('exit', (code: number, signal: string | null) =>
      this.#onEnd(signal === null ? `exit code ${code}` : `signal ${signal}`),
    )
    // Its pipe breaks when it is killed; where it could not even be started there is no exit.
    worker.on('error', (error: Error) => this.pid === undefined && this.#onEnd(error.message))
    this.#heartbeat = setInterval(() => this.#beat(), beatMs)
    this.#startTimer = setTimeout(() => {
      this.#kill({ how: `not listening after ${times.startTimeoutMs} ms`, cause: 'not-started' })
    }, times.startTimeoutMs)
    this.#send({ kind: 'assign', ...assignment })
  }

  get state(): WorkerState {
    return this.#state
  }

  /** As it told last. */
  get connections(): number {
    return this.#connections
  }

  get livedMs(): number {
    return performance.now() - this.#startedAt
  }

  /** Undefined when it does not answer in time. */
  ask<Asked extends Question>(question: Asked): Promise<Answers[Asked] | undefined> {
    if (this.#state === 'ended') return Promise.resolve(undefined)
    this.#lastQuestion += 1
    const id = this.#lastQuestion
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => resolve(undefined), answerTimeoutMs[question])
    this.#questions.set(id, resolve)
    this.#send({ kind: 'ask', id, question })
    return promise.finally(() => {
      clearTimeout(timer)
      this.#questions.delete(id)
    }) as Promise<Answers[Asked] | undefined>
  }

  /** Replaces what was asked before, also by none. */
  letGo(connections: number): void {
    if (connections !== this.#lettingGo || connections > 0) this.#send({ kind: 'let-go', connections })
    this.#lettingGo = connections
  }

  reload(): void {
    this.#send({ kind: 'reload' })
  }

  /** Lets it finish what it runs. Resolves when it has ended, by force where it must be. */
  async drain(): Promise<void> {
    if (this.#state === 'starting' || this.#state === 'serving') {
      this.#state = 'draining'
      this.#send({ kind: 'drain' })
      const deadlineMs = this.#times.drainTimeoutMs + drainMarginMs
      const timer = setTimeout(
        () => this.#kill({ how: `still there ${deadlineMs} ms later`, cause: 'undrained' }),
        deadlineMs,
      )
      void this.ended.then(() => clearTimeout(timer))
    }
    await this.ended
  }

  /** At once, whatever runs. */
  kill(): void {
    this.#kill({ how: 'killed', cause: 'drained' })
  }

  // --- internal ---

  #hear(message: ToPrimary | undefined): void {
    this.#silentBeats = 0
    switch (message?.kind) {
      case 'listens':
        this.#sendUnsent()
        return
      case 'beat':
        this.#connections = message.connections
        return
      case 'up':
        clearTimeout(this.#startTimer)
        if (this.#state === 'starting') this.#state = 'serving'
        this.#listening.resolve(message.addresses)
        return
      case 'failed':
        this.#listening.reject(new AppError(message.code, message.message))
        return
      case 'answer':
        this.#questions.get(message.id)?.(message.answer)
        return
      case 'last-figures':
        this.#onFigures(message.figures)
        return
    }
  }

  /** Counted in beats, not by the clock: a primary that was stopped for a while must not blame its workers. */
  #beat(): void {
    // Loading modules may take long; a start has a limit of its own.
    if (this.#state === 'starting') return
    this.#silentBeats += 1
    const { silenceTimeoutMs } = this.#times
    if (this.#silentBeats * beatMs > silenceTimeoutMs) {
      this.#kill({ how: `silent for ${silenceTimeoutMs} ms`, cause: 'silent' })
    }
  }

  #kill(why: Pick<WorkerEnd, 'how' | 'cause'>): void {
    if (this.#state === 'ended') return
    this.#killed ??= why
    this.#worker.process.kill('SIGKILL')
  }

  #onEnd(how: string): void {
    if (this.#state === 'ended') return
    const cause = this.#state === 'draining' ? 'drained' : this.#state === 'starting' ? 'not-started' : 'by-itself'
    const end = { ...(this.#killed ?? { how, cause }), livedMs: this.livedMs }
    this.#state = 'ended'
    clearInterval(this.#heartbeat)
    clearTimeout(this.#startTimer)
    for (const resolve of this.#questions.values()) resolve(undefined)
    this.#listening.reject(
      new AppError('workers.not-started', `worker ${this.number} ended before it served (${end.how})`),
    )
    this.#ending.resolve(end)
  }

  /** Node drops what comes while nobody listens yet, which while modules are loaded takes half a second. */
  #sendUnsent(): void {
    const unsent = this.#unsent ?? []
    this.#unsent = undefined
    for (const message of unsent) this.#send(message)
  }

  #send(message: ToWorker): void {
    if (this.#unsent !== undefined) {
      this.#unsent.push(message)
      return
    }
    // A pipe that is gone means an end that is about to be reported.
    if (this.#worker.isConnected()) this.#worker.send(sealed(message), () => undefined)
  }
}

/** How often a worker gives a sign of life, and how often they are counted. */
export const beatMs = 500
/** A load balancer that asks for /readyz waits a second at the most; who asks for figures waits longer. */
const answerTimeoutMs: Readonly<Record<Question, number>> = { report: 500, figures: 2_000 }
/** What a worker may take beyond its own drain to close its databases and end. */
const drainMarginMs = 5_000
