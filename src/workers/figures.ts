import { lasting, type MetricSnapshot, type Metrics, namedAfter, totals, totalText } from '../platform/index.ts'

/**
 * The figures of all workers as one exposition. A counter must never go down, or Prometheus takes it for a restart and counts
 * everything again: so the last known counters of a worker that has ended, or does not answer now, stay in the sum.
 */
export class Figures {
  readonly #own: Metrics
  /** By worker; only of workers that live. */
  readonly #last = new Map<number, readonly MetricSnapshot[]>()
  #ended: readonly MetricSnapshot[] = []
  #retiring: Promise<void> = Promise.resolve()

  /** `own`: the primary's. */
  constructor(own: Metrics) {
    this.#own = own
  }

  add(worker: number): void {
    this.#last.set(worker, [])
  }

  note(worker: number, figures: readonly MetricSnapshot[]): void {
    if (this.#last.has(worker)) this.#last.set(worker, figures)
  }

  /** The worker has ended. */
  retire(worker: number): Promise<void> {
    this.#retiring = this.#retiring.then(async () => {
      const ended = await totals([this.#ended, lasting(this.#last.get(worker) ?? [])])
      this.#last.delete(worker)
      this.#ended = ended
    })
    return this.#retiring
  }

  /** `answering`: the workers that have just told their figures; of the others only what lasts is counted. */
  async text(answering: ReadonlySet<number>): Promise<{ readonly contentType: string; readonly body: string }> {
    const own = namedAfter('primary', await this.#own.snapshots())
    const workers = [...this.#last].map(([worker, figures]) =>
      answering.has(worker) ? namedAfter(String(worker), figures) : lasting(figures),
    )
    return totalText([own, this.#ended, ...workers])
  }
}
