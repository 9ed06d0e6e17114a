export interface GateLimits {
  /** Requests that PHP is given at once. */
  readonly runningMax: number
  /** Requests that may wait for a place. */
  readonly waitingMax: number
  readonly waitTimeoutMs: number
}

export type GateOutcome = 'entered' | 'full' | 'timeout' | 'left'

/**
 * Holds the number of requests that PHP works on at once: php-fpm has few workers, and what it can't take is better
 * refused here, quickly, than left to hang there. First come, first served.
 */
export class Gate {
  readonly #limits: GateLimits
  readonly #waiting: Set<(outcome: GateOutcome) => void> = new Set()
  #running = 0

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** The fast path: a place at once, or not. */
  tryEnter(): boolean {
    if (this.#running >= this.#limits.runningMax || this.#waiting.size > 0) {
      return false
    }
    this.#running += 1
    return true
  }

  /** Waits for a place. `onLeave` is given a function that gives up waiting. */
  wait(onLeave: (leave: () => void) => void): Promise<GateOutcome> {
    if (this.tryEnter()) {
      return Promise.resolve('entered')
    }
    if (this.#waiting.size >= this.#limits.waitingMax) {
      return Promise.resolve('full')
    }
    return new Promise((resolve) => {
      const settle = (outcome: GateOutcome): void => {
        clearTimeout(timer)
        this.#waiting.delete(settle)
        resolve(outcome)
      }
      const timer = setTimeout(() => settle('timeout'), this.#limits.waitTimeoutMs)
      this.#waiting.add(settle)
      onLeave(() => settle('left'))
    })
  }

  /** Gives the place up; the longest waiting request takes it over. */
  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#running -= 1
      return
    }
    next('entered')
  }
}
