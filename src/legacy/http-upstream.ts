import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { HttpTimeouts } from './http-call.ts'
import { type ConnectionOwner, HttpConnection } from './http-connection.ts'
import { probeHttp } from './http-probe.ts'
import type { CallEvents, HealthCheck, OutgoingRequest, Upstream, UpstreamCall } from './upstream-call.ts'
import { openPlain, openSecure, type SocketListener, type UpstreamTls } from './upstream-socket.ts'

export interface HttpUpstreamOptions {
  /** `http:` or `https:`. */
  readonly url: URL
  readonly timeouts: HttpTimeouts
  readonly tls?: UpstreamTls
  /** PHP's servers close idle connections after 5 s by default: be first, or the next request runs into the closing. */
  readonly keepAliveMs?: number
}

/**
 * One HTTP server and the connections to it. The connection that was idle last is used first, so that the others grow old
 * and go. One timer looks after all deadlines; it runs while there are connections.
 */
export class HttpUpstream implements Upstream, ConnectionOwner {
  readonly origin: string
  readonly authority: string
  readonly speaksHttp = true
  readonly #options: HttpUpstreamOptions
  readonly #keepAliveMs: number
  readonly #tickMs: number
  readonly #connections = new Set<HttpConnection>()
  readonly #idle: HttpConnection[] = []
  /** Idle, but not to be used before the next tick: see `Afterwards`. */
  #resting: HttpConnection[] = []
  #timer: NodeJS.Timeout | undefined
  #closing = false
  #onEmpty: (() => void) | undefined
  #session: Buffer | undefined

  constructor(options: HttpUpstreamOptions) {
    const { url, timeouts } = options
    this.#options = options
    this.origin = url.origin
    this.authority = url.host
    this.#keepAliveMs = options.keepAliveMs ?? 4_000
    this.#tickMs = tickLength(timeouts, this.#keepAliveMs)
  }

  /** Connections that are open or opening, busy ones included. */
  get connections(): number {
    return this.#connections.size
  }

  start(request: OutgoingRequest, events: CallEvents): UpstreamCall {
    const now = performance.now()
    const connection = this.#takeIdle(now) ?? this.#open()
    if (this.#closing) {
      process.nextTick(() => connection.stop())
    }
    return connection.begin(request, events, now)
  }

  probe(check: HealthCheck): Promise<boolean> {
    return probeHttp(this.authority, (listener) => this.#connect(listener), this.#readyEvent, check)
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#closing = true
    for (const connection of this.#connections) {
      if (!connection.busy) {
        connection.close()
      }
    }
    const cut = (): void => {
      for (const connection of this.#connections) {
        connection.stop()
      }
    }
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
      })
    }
    signal?.removeEventListener('abort', cut)
  }

  // --- for its connections ---

  keep(connection: HttpConnection, afterwards: 'reuse' | 'rest', keepAliveMs: number | undefined): void {
    // What the server says counts from its side of the network: a fifth less.
    const idleMs = keepAliveMs === undefined ? this.#keepAliveMs : Math.min(this.#keepAliveMs, keepAliveMs * 0.8)
    if (this.#closing || idleMs <= 0 || (afterwards === 'rest' && this.#resting.length >= restingMax)) {
      connection.close()
      return
    }
    connection.idleUntil = performance.now() + idleMs
    if (afterwards === 'rest') {
      this.#resting.push(connection)
    } else {
      this.#idle.push(connection)
    }
  }

  forget(connection: HttpConnection): void {
    if (!this.#connections.delete(connection)) {
      return
    }
    remove(this.#idle, connection)
    remove(this.#resting, connection)
    if (this.#connections.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#onEmpty?.()
    }
  }

  distrustIdle(): void {
    for (const connection of [...this.#idle, ...this.#resting]) {
      connection.close()
    }
  }

  // --- internal ---

  #takeIdle(now: number): HttpConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (now < connection.idleUntil && !connection.socket.destroyed) {
        return connection
      }
      connection.close()
    }
    return undefined
  }

  #open(): HttpConnection {
    const connection = new HttpConnection((listener) => this.#connect(listener), this.#readyEvent, this)
    this.#connections.add(connection)
    this.#timer ??= setInterval(this.#tick, this.#tickMs).unref()
    return connection
  }

  #connect(listener: SocketListener): Socket {
    const { url, tls } = this.#options
    if (url.protocol !== 'https:') {
      return openPlain(url, listener)
    }
    const socket = openSecure(url, tls, this.#session, listener)
    return socket.on('session', (session: Buffer) => {
      this.#session = session
    })
  }

  get #readyEvent(): 'connect' | 'secureConnect' {
    return this.#options.url.protocol === 'https:' ? 'secureConnect' : 'connect'
  }

  readonly #tick = (): void => {
    const now = performance.now()
    for (const connection of this.#connections) {
      connection.checkDeadline(now, this.#options.timeouts)
    }
    for (const connection of this.#idle.filter(({ idleUntil }) => now >= idleUntil)) {
      connection.close()
    }
    // Behind those that are in use: they have been quiet for the shortest time.
    this.#idle.unshift(...this.#resting.splice(0))
  }
}

/** Connections that rest at a time; further ones are closed. */
const restingMax = 16

/** Deadlines are kept to a quarter of the shortest, and looked at no more than forty times a second. */
function tickLength({ connectMs, firstByteMs, idleMs }: HttpTimeouts, keepAliveMs: number): number {
  return Math.max(25, Math.min(250, Math.min(connectMs, firstByteMs, idleMs, keepAliveMs) / 4))
}

function remove(list: HttpConnection[], connection: HttpConnection): void {
  const at = list.indexOf(connection)
  if (at !== -1) {
    list.splice(at, 1)
  }
}
