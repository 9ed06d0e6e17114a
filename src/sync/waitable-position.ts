import { advance, coversAll, type Gtid, type GtidPosition } from './capture/gtid.ts'

/** A position in MySQL's history that only moves on, and who waits for it to get somewhere. */
export class WaitablePosition {
  #position: GtidPosition = new Map()
  readonly #waiters = new Set<Waiter>()

  get current(): GtidPosition {
    return this.#position
  }

  /** A new start, perhaps further back: after a reconnect or when groups joined. Those who wait go on waiting. */
  reset(position: GtidPosition): void {
    this.#position = position
    this.#wake()
  }

  advance(gtid: Gtid): void {
    this.#position = advance(this.#position, gtid)
    if (this.#waiters.size > 0) this.#wake()
  }

  /** True once the target is reached; false when time is up or the caller gave up. */
  reached(
    target: GtidPosition,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    if (coversAll(this.#position, target)) return Promise.resolve(true)
    if (options.signal?.aborted === true || options.timeoutMs <= 0) return Promise.resolve(false)
    return new Promise((resolve) => {
      const end = (outcome: boolean) => {
        clearTimeout(timer)
        options.signal?.removeEventListener('abort', giveUp)
        this.#waiters.delete(waiter)
        resolve(outcome)
      }
      const giveUp = () => end(false)
      const waiter: Waiter = { target, reached: () => end(true) }
      const timer = setTimeout(giveUp, options.timeoutMs)
      options.signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiters.add(waiter)
    })
  }

  // --- internal ---

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (coversAll(this.#position, waiter.target)) waiter.reached()
    }
  }
}

interface Waiter {
  readonly target: GtidPosition
  readonly reached: () => void
}
