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
  readonly #idle = new Map<Connection, NodeJS.Timeout>()
  readonly #onGone = (connection: Connection): void => {
    this.#forget(connection)
    this.#open -= 1
  }
  #open = 0
  #isClosed = false

  constructor(address: FastcgiAddress, limits: PoolLimits) {
    this.#address = address
    this.#limits = limits
  }

  get keeps(): boolean {
    return this.#limits.keptMax > 0 && !this.#isClosed
  }

  get idle(): number {
    return this.#idle.size
  }

  /**
   * The connection that was used last, so that those which are not needed run out; or a new one.
   * @param mayReuse the request can be sent once more, should php-fpm be closing the connection at this moment
   */
  take(mayReuse: boolean): Connection {
    const kept = mayReuse ? [...this.#idle.keys()].at(-1) : undefined
    if (kept !== undefined) {
      this.#forget(kept)
      kept.reused = true
      return kept
    }
    // A new connection is another worker: one that only waits gives its place up.
    if (this.#open >= this.#limits.connectionsMax) {
      this.#idle.keys().next().value?.destroy()
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
    this.#idle.set(
      connection,
      setTimeout(() => connection.destroy(), this.#limits.keptIdleMs),
    )
  }

  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.keys()) {
      connection.destroy()
    }
  }

  // --- internal ---

  #forget(connection: Connection): void {
    clearTimeout(this.#idle.get(connection))
    this.#idle.delete(connection)
  }
}
