import type { BinlogStream, CapturedTransaction } from './capture/binlog-stream.ts'

/** What was read from MySQL and waits to be applied. Reading pauses while too much waits. */
export class PendingTransactions {
  readonly #changesMax: number
  readonly #stream: Pick<BinlogStream, 'pause' | 'resume'>
  #queue: CapturedTransaction[] = []
  #underWay: readonly CapturedTransaction[] = []
  #changes = 0
  #paused = false
  #wake: (() => void) | undefined
  #ended = false
  #failure: Error | undefined

  constructor(changesMax: number, stream: Pick<BinlogStream, 'pause' | 'resume'>) {
    this.#changesMax = changesMax
    this.#stream = stream
  }

  get changes(): number {
    return this.#changes
  }

  /** Read from MySQL, and not yet known to be in Postgres. */
  get unsettled(): readonly CapturedTransaction[] {
    return this.#underWay.length === 0 ? this.#queue : [...this.#underWay, ...this.#queue]
  }

  add(transaction: CapturedTransaction): void {
    this.#queue.push(transaction)
    this.#changes += transaction.changes.length
    if (!this.#paused && this.#changes > this.#changesMax) {
      this.#paused = true
      this.#stream.pause()
    }
    this.#wake?.()
  }

  /** Nothing more is to be applied; what waits is read again by the next stream. */
  end(failure?: Error): void {
    this.#ended = true
    this.#failure ??= failure
    this.#wake?.()
  }

  /** Ends a wait without anything to apply: there is other work between two runs. */
  wake(): void {
    this.#wake?.()
  }

  /** True when something waits or it was woken, false when the stream ended, rejects when it was lost. One caller at a time. */
  async available(): Promise<boolean> {
    this.#underWay = []
    if (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#failure !== undefined) throw this.#failure
    return !this.#ended
  }

  /** The transactions to apply next, in order: one, and as many more as fit. The ones taken before are settled. */
  take(changesMax: number, fits: (transaction: CapturedTransaction) => boolean): readonly CapturedTransaction[] {
    let count = 0
    let changes = 0
    for (const transaction of this.#queue) {
      const next = changes + transaction.changes.length
      if (count > 0 && (next > changesMax || !fits(transaction))) break
      count += 1
      changes = next
      if (!fits(transaction)) break
    }
    const taken = this.#queue.slice(0, count)
    this.#underWay = taken
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count)
    this.#changes -= changes
    if (this.#paused && this.#changes <= this.#changesMax / 2) {
      this.#paused = false
      this.#stream.resume()
    }
    return taken
  }
}
