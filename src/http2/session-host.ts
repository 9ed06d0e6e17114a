import type { Socket } from 'node:net'
import { ClientSession, type SessionHandler, type SessionLimits, type SessionOwner } from './client-session.ts'

/** How often deadlines are looked at: a client is cut at most this much later than its limit. */
const tickMs = 250
/** A client whose handshake was finished while draining is about to send its request. */
const lateGraceMs = 1_000

/** Holds every session, and looks at their deadlines by one timer for all. */
export class SessionHost implements SessionOwner {
  readonly limits: SessionLimits
  readonly handler: SessionHandler
  now = performance.now()
  readonly #sessions = new Set<ClientSession>()
  readonly #timer: NodeJS.Timeout
  #draining = false
  #onEmpty: (() => void) | undefined

  constructor(limits: SessionLimits, handler: SessionHandler) {
    this.limits = limits
    this.handler = handler
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#timer.unref()
  }

  get connections(): number {
    return this.#sessions.size
  }

  /** Takes a connection whose client has agreed to HTTP/2 in its handshake. */
  accept(socket: Socket, secure: boolean): void {
    const session = new ClientSession(socket, secure, this)
    this.#sessions.add(session)
    if (this.#draining) {
      session.closeAfterFirst(lateGraceMs)
    }
  }

  forget(session: ClientSession): void {
    this.#sessions.delete(session)
    if (this.#sessions.size === 0) {
      this.#onEmpty?.()
    }
  }

  /**
   * Tells every client to go elsewhere with its next requests, and finishes those that run. Resolves when no session is left;
   * `signal` cuts those that are.
   */
  async drain(signal: AbortSignal | undefined): Promise<void> {
    this.#draining = true
    const cut = (): void => {
      for (const session of this.#sessions) {
        session.destroy()
      }
    }
    for (const session of this.#sessions) {
      session.close()
    }
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    clearInterval(this.#timer)
    signal?.removeEventListener('abort', cut)
  }

  // --- internal ---

  #tick(): void {
    this.now = performance.now()
    for (const session of this.#sessions) {
      session.checkDeadlines(this.now)
    }
  }
}
