import type { FastcgiAddress } from './address.ts'
import { Connection } from './connection.ts'

export interface PoolLimits {
  /** Connections at once; the caller has no more requests under way than that. */
  readonly connectionsMax: number
  /** Connections that stay open between two requests. Each keeps a worker of php-fpm from everybody else. */
  readonly keptMax: number
  readonly keptIdleMs: number
}

/** Opens connections to php-fpm, and keeps a few of them for a moment. */
export class ConnectionPool {
  readonly #address: FastcgiAddress
  readonly #limits: PoolLimits
  /** And when each is closed; the longest idle first. */
  readonly #idle = new Map<Connection, number>()
  #open = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(address: FastcgiAddress, limits: PoolLimits) {
    this.#address = address
    this.#limits = limits
  }

  get keeps(): boolean {
    return this.#limits.keptMax > 0 && !this.#isClosed
  }

  /**
   * The connection that was used last, so that those which are not needed run out; or a new one.
   * @param mayReuse the request can be sent once more, should php-fpm be closing the connection at this moment
   */
  take(mayReuse: boolean): Connection {
    const kept = mayReuse ? this.#takeIdle() : undefined
    if (kept !== undefined) {
      kept.reused = true
      return kept
    }
    // A new connection is another worker: one that only waits gives its place up.
    const [longestIdle] = this.#idle.keys()
    if (longestIdle !== undefined && this.#open >= this.#limits.connectionsMax) {
      this.#drop(longestIdle)
    }
    this.#open += 1
    return new Connection(this.#address, this.#onGone)
  }

  /** After a request that was read to its end, on a connection that php-fpm was asked to keep. */
  giveBack(connection: Connection): void {
    connection.release()
    if (this.#isClosed || !connection.isClean || this.#idle.size >= this.#limits.keptMax) {
      connection.destroy()
      return
    }
    this.#idle.set(connection, performance.now() + this.#limits.keptIdleMs)
    this.#timer ??= setInterval(this.#closeOld, this.#limits.keptIdleMs / 4)
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const connection of this.#idle.keys()) {
      this.#drop(connection)
    }
  }

  // --- internal ---

  #takeIdle(): Connection | undefined {
    for (;;) {
      let last: Connection | undefined
      for (const connection of this.#idle.keys()) {
        last = connection
      }
      if (last === undefined) {
        return undefined
      }
      this.#idle.delete(last)
      if (last.isClean) {
        return last
      }
      last.destroy()
    }
  }

  #drop(connection: Connection): void {
    this.#idle.delete(connection)
    connection.destroy()
  }

  readonly #onGone = (connection: Connection): void => {
    this.#idle.delete(connection)
    this.#open -= 1
  }

  readonly #closeOld = (): void => {
    const now = performance.now()
    for (const [connection, until] of this.#idle) {
      if (now >= until) {
        this.#drop(connection)
      }
    }
    if (this.#idle.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}
