import type { Socket } from 'node:net'
import type { ConnectionLimits } from './connection-limits.ts'
import type { ConnectionHandler, ConnectionOwner } from './connection-owner.ts'
import { ServerConnection } from './server-connection.ts'

export interface HostLimits extends ConnectionLimits {
  /** Connections at once; further ones are closed. */
  readonly connectionsMax: number
  /** Connections of one peer address at once. */
  readonly connectionsPerPeerMax: number
}

/** Why a connection was not taken. */
export type Rejection = 'too-many' | 'too-many-of-peer' | 'draining'

/** How often deadlines are looked at: a client is cut at most this much later than its limit. */
export const tickMs = 250

/**
 * Holds every HTTP/1.x connection: counts them, and looks at their deadlines by one timer for all. Ten thousand idle
 * connections cost ten thousand comparisons a tick and no timer of their own.
 */
export class ConnectionHost implements ConnectionOwner {
  readonly limits: HostLimits
  readonly handler: ConnectionHandler
  now = performance.now()
  draining = false
  readonly #connections = new Set<ServerConnection>()
  #admitted = 0
  readonly #perPeer = new Map<string, number>()
  readonly #onRejected: (why: Rejection) => void
  readonly #timer: NodeJS.Timeout
  #second = 0
  #dateLine = ''
  #toLetGo = 0
  #onEmpty: (() => void) | undefined

  constructor(limits: HostLimits, handler: ConnectionHandler, onRejected: (why: Rejection) => void) {
    this.limits = limits
    this.handler = handler
    this.#onRejected = onRejected
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#timer.unref()
  }

  get connections(): number {
    return this.#connections.size
  }

  /**
   * For a connection that will speak TLS, before its handshake: counts it until it is closed, whatever is spoken on it. False:
   * there are too many, and it was closed.
   */
  admit(socket: Socket): boolean {
    const peer = socket.remoteAddress ?? ''
    if (!this.#enter(socket, peer)) {
      return false
    }
    socket.once('close', () => this.#leave(peer))
    return true
  }

  /** @param under the socket that this one speaks TLS over; admit() has counted it */
  accept(socket: Socket, under?: Socket): void {
    if (under !== undefined || this.#enter(socket, socket.remoteAddress ?? '')) {
      this.#connections.add(new ServerConnection(socket, under, this))
    }
  }

  forget(connection: ServerConnection): void {
    if (!this.#connections.delete(connection)) {
      return
    }
    if (!connection.secure) {
      this.#leave(connection.peer)
    }
    if (this.#connections.size === 0) {
      this.#onEmpty?.()
    }
  }

  /** So many of the next answers end their connections: another process has more time for these clients. */
  letGo(count: number): void {
    this.#toLetGo = count
  }

  letsGo(): boolean {
    if (this.#toLetGo === 0) {
      return false
    }
    this.#toLetGo -= 1
    return true
  }

  /** RFC 9110 section 6.6.1; made once a second. */
  dateLine(): string {
    const second = Math.trunc(Date.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#dateLine = `Date: ${new Date(second * 1000).toUTCString()}\r\n`
    }
    return this.#dateLine
  }

  /**
   * Every answer from here on ends its connection. Idle connections get `graceMs` to bring their next request, as a client may
   * just be sending it; then they are closed. Resolves when none is left; `signal` cuts those that are.
   */
  async drain(graceMs: number, signal: AbortSignal | undefined): Promise<void> {
    this.draining = true
    const cut = (): void => {
      for (const connection of this.#connections) {
        connection.destroy()
      }
    }
    const closeIdle = (): void => {
      for (const connection of this.#connections) {
        connection.closeIfIdle()
      }
    }
    const grace = setTimeout(closeIdle, graceMs)
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    clearTimeout(grace)
    clearInterval(this.#timer)
    signal?.removeEventListener('abort', cut)
  }

  // --- internal ---

  #enter(socket: Socket, peer: string): boolean {
    const ofPeer = this.#perPeer.get(peer) ?? 0
    const why = this.#whyNot(ofPeer)
    if (why !== undefined) {
      this.#onRejected(why)
      socket.on('error', () => {})
      socket.destroy()
      return false
    }
    this.#admitted += 1
    this.#perPeer.set(peer, ofPeer + 1)
    return true
  }

  #leave(peer: string): void {
    this.#admitted -= 1
    const left = (this.#perPeer.get(peer) ?? 1) - 1
    left === 0 ? this.#perPeer.delete(peer) : this.#perPeer.set(peer, left)
  }

  #whyNot(ofPeer: number): Rejection | undefined {
    if (this.#admitted >= this.limits.connectionsMax) {
      return 'too-many'
    }
    return ofPeer >= this.limits.connectionsPerPeerMax ? 'too-many-of-peer' : undefined
  }

  #tick(): void {
    this.now = performance.now()
    for (const connection of this.#connections) {
      connection.checkDeadlines(this.now)
    }
  }
}
