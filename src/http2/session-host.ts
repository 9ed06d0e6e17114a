import type { Socket } from 'node:net'
import { ClientSession, type SessionHandler, type SessionLimits, type SessionOwner } from './client-session.ts'

/** How often deadlines are looked at: a client is cut at most this much later than its limit. */
const tickMs = 250

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
      session.announceEnd()
    }
  }

  forget(session: ClientSession): void {
    this.#sessions.delete(session)
    if (this.#sessions.size === 0) {
      this.#onEmpty?.()
    }
  }

  /**
   * Tells every client to send its next requests elsewhere, answers for `graceMs` what is on its way, then takes nothing new.
   * Resolves when no session is left; `signal` cuts those that are.
   */
  async drain(graceMs: number, signal: AbortSignal | undefined): Promise<void> {
    this.#draining = true
    const all = (act: (session: ClientSession) => void): void => {
      for (const session of this.#sessions) {
        act(session)
      }
    }
    const cut = (): void => all((session) => session.destroy())
    all((session) => session.announceEnd())
    const grace = setTimeout(() => all((session) => session.close()), graceMs)
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    clearTimeout(grace)
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
