import type { OperatorReport, OperatorSources } from '../operator/index.ts'
import { createMetrics, type Logger, type MetricSnapshot, type Metrics } from '../platform/index.ts'
import { Figures } from './figures.ts'
import { joinReports, type WorkerReport } from './join-reports.ts'
import type { Staff, StaffObserver } from './staff.ts'
import type { WorkerEnd, WorkerProcess, WorkerState } from './worker-process.ts'

/** Answers the operator for all workers: asks each of them, and does not wait long for one that hangs. */
export class OperatorDesk implements OperatorSources, StaffObserver {
  readonly #log: Logger
  readonly #metrics: Metrics
  readonly #figures: Figures
  readonly #ends
  readonly #unanswered
  readonly #startedAt = performance.now()
  #staff: Staff | undefined

  constructor(log: Logger) {
    this.#log = log
    this.#metrics = createMetrics({ process: true })
    this.#figures = new Figures(this.#metrics)
    this.#ends = this.#metrics.counter({
      name: 'fig_worker_ends_total',
      help: 'Workers that ended without being told to, by cause.',
      labelNames: ['cause'] as const,
    })
    this.#unanswered = this.#metrics.counter({
      name: 'fig_worker_unanswered_total',
      help: 'Questions that a worker did not answer in time.',
    })
    const countOf = (state: WorkerState) =>
      (this.#staff?.living ?? []).filter((worker) => worker.state === state).length
    this.#metrics.gauge({
      name: 'fig_workers',
      help: 'Worker processes by state.',
      labelNames: ['state'] as const,
      collect() {
        for (const state of livingStates) this.set({ state }, countOf(state))
      },
    })
  }

  get staff(): Staff | undefined {
    return this.#staff
  }

  /** Whom it answers for from now on. */
  attend(staff: Staff): void {
    this.#staff = staff
  }

  readonly onStarted = (worker: WorkerProcess): void => this.#figures.add(worker.number)

  readonly onFigures = (worker: number, figures: readonly MetricSnapshot[]): void => this.#figures.note(worker, figures)

  readonly onEnded = (worker: WorkerProcess, { cause }: WorkerEnd): void => {
    if (cause !== 'drained') this.#ends.inc({ cause })
    this.#figures.retire(worker.number).catch((error: unknown) => {
      this.#log.error({ err: error, worker: worker.number }, 'the figures of a worker are lost')
    })
  }

  readonly report = async (): Promise<OperatorReport> => {
    const staff = this.#staff
    const living = staff?.living ?? []
    const reports = await Promise.all(living.map((worker) => this.#reportOf(worker)))
    const draining = staff?.isStopping ?? false
    const missing = staff?.missing ?? 0
    return joinReports(
      {
        draining,
        problems: draining ? ['draining'] : missing === 0 ? [] : [`${missing} of the workers not started yet`],
        status: {
          draining,
          renewing: staff?.isRenewing ?? false,
          uptimeSeconds: Math.round((performance.now() - this.#startedAt) / 1000),
        },
      },
      reports,
    )
  }

  readonly metrics = async (): Promise<{ readonly contentType: string; readonly body: string }> => {
    const answering = new Set<number>()
    await Promise.all(
      (this.#staff?.living ?? []).map(async (worker) => {
        const figures = worker.state === 'starting' ? undefined : await this.#asked(worker, 'figures')
        if (figures === undefined) return
        this.#figures.note(worker.number, figures)
        answering.add(worker.number)
      }),
    )
    return this.#figures.text(answering)
  }

  // --- internal ---

  async #reportOf(worker: WorkerProcess): Promise<WorkerReport> {
    const report = worker.state === 'starting' ? undefined : await this.#asked(worker, 'report')
    const { number, pid, state, livedMs } = worker
    return { worker: number, pid, state, uptimeSeconds: Math.round(livedMs / 1000), report }
  }

  async #asked<Asked extends 'report' | 'figures'>(worker: WorkerProcess, question: Asked) {
    const answer = await worker.ask(question)
    if (answer === undefined) this.#unanswered.inc()
    return answer
  }
}

const livingStates: readonly Exclude<WorkerState, 'ended'>[] = ['starting', 'serving', 'draining']
