import type { Socket } from 'node:net'
import { type Afterwards, type CallHost, HttpCall, type HttpTimeouts } from './http-call.ts'
import type { CallEvents, OutgoingRequest } from './upstream-call.ts'
import type { SocketListener } from './upstream-socket.ts'

/** What a connection needs of those who hold all of them. */
export interface ConnectionOwner {
  readonly authority: string
  /** Takes a connection back that may carry another request. */
  keep(connection: HttpConnection, afterwards: 'reuse' | 'rest', keepAliveMs: number | undefined): void
  forget(connection: HttpConnection): void
  /** A kept connection turned out to be dead: the others are as old, and the next request gets a new one. */
  distrustIdle(): void
}

/**
 * One connection to an HTTP server, one call at a time.
 *
 * Life: connecting -> (busy -> idle)* -> closed. Whatever is unexpected closes it: bytes while idle, bytes behind an answer,
 * an answer before the request was sent whole, faults of framing, calls that were given up.
 */
export class HttpConnection implements CallHost, SocketListener {
  readonly socket: Socket
  /** By performance.now(): not to be used any more from then on. Set by the owner while idle. */
  idleUntil = 0
  readonly #owner: ConnectionOwner
  #call: HttpCall | undefined
  #connected = false
  #requests = 0

  /**
   * @param open makes the socket
   * @param readyEvent of the socket: `connect`, or `secureConnect` for TLS
   */
  constructor(
    open: (listener: SocketListener) => Socket,
    readyEvent: 'connect' | 'secureConnect',
    owner: ConnectionOwner,
  ) {
    this.#owner = owner
    const socket = open(this)
    this.socket = socket
    socket.on(readyEvent, this.#onReady)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  get authority(): string {
    return this.#owner.authority
  }

  get busy(): boolean {
    return this.#call !== undefined
  }

  begin(request: OutgoingRequest, events: CallEvents, now: number): HttpCall {
    const call = new HttpCall(this, request, events, this.#requests > 0, now)
    this.#requests += 1
    this.#call = call
    if (this.#connected) {
      call.send()
    }
    return call
  }

  callEnded(afterwards: Afterwards, keepAliveMs: number | undefined): void {
    this.#call = undefined
    if (afterwards === 'close' || this.socket.destroyed) {
      this.close()
      return
    }
    // An answer's last bytes may have met a client that was asked to wait.
    if (this.socket.isPaused()) {
      this.socket.resume()
    }
    this.#owner.keep(this, afterwards, keepAliveMs)
  }

  diedIdle(): void {
    this.#owner.distrustIdle()
  }

  onBytes(bytes: Buffer): boolean {
    if (this.#call === undefined) {
      this.close()
      return true
    }
    try {
      return this.#call.receive(bytes)
    } catch (error) {
      // A defect of ours costs the call on which it shows, not the process and all its other visitors.
      this.#call?.broken(error instanceof Error ? error : new Error(String(error)))
      this.close()
      return false
    }
  }

  onWriteFailed(): boolean {
    return this.#call?.writeFailed() === true
  }

  checkDeadline(now: number, timeouts: HttpTimeouts): void {
    this.#call?.checkDeadline(now, timeouts)
  }

  close(): void {
    this.#owner.forget(this)
    this.socket.destroy()
  }

  /** Ends what runs. */
  stop(): void {
    this.#call?.stop()
    this.close()
  }

  // --- internal ---

  readonly #onReady = (): void => {
    this.#connected = true
    this.#call?.send()
  }

  readonly #onDrain = (): void => {
    this.#call?.drained()
  }

  readonly #onEnd = (): void => {
    this.#call?.finished()
    this.close()
  }

  readonly #onError = (error: Error): void => {
    this.#call?.broken(error)
    this.close()
  }

  readonly #onClose = (): void => {
    this.#call?.broken(undefined)
    this.#owner.forget(this)
  }
}
