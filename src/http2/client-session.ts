import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import {
  type ClientConnection,
  type ClientStream,
  HeaderList,
  type HeadRefusal,
  type RefusalAnswer,
  type RequestHead,
} from '../http1/index.ts'
import { readRequestFields } from './request-fields.ts'
import { sessionOptions, sessionWindowBytes } from './session-options.ts'
import { SessionStream, type StreamOwner } from './session-stream.ts'

/** What the owner of the sessions does with what comes in on them. */
export interface SessionHandler {
  /** The exchange runs until `stream.onDeparture` was called. */
  onRequest(stream: ClientStream, connection: ClientConnection): void
  /** @param accept the Accept header, as far as it could be seen */
  onRefused(refusal: HeadRefusal, accept: string | undefined): RefusalAnswer
  /** A session was ended because of what its client did. @param code of node:http2 */
  onSessionFault(code: string): void
}

/** The longest that a client may take, and how much it may ask for. */
export interface SessionLimits {
  /** From the handshake to the first whole head. */
  readonly headTimeoutMs: number
  readonly bodyIdleTimeoutMs: number
  readonly bodyBytesMax: number
  readonly bodyRateMin: number
  readonly answerIdleTimeoutMs: number
  /** Without a request. */
  readonly keepAliveTimeoutMs: number
  /** Requests on one connection. */
  readonly requestsMax: number
}

/** What a session needs of those who hold all of them. */
export interface SessionOwner {
  readonly limits: SessionLimits
  readonly handler: SessionHandler
  /** Coarse time: of the last tick. */
  readonly now: number
  forget(session: ClientSession): void
}

/** A client that does not close a session that is over is closed. */
const closeTimeoutMs = 2_000

/**
 * One client's connection that speaks HTTP/2.
 *
 * Life: open -> closing (GOAWAY was sent; running streams finish, and the client repeats elsewhere what we did not take up,
 * RFC 9113 section 6.8) -> closed.
 */
export class ClientSession implements ClientConnection, StreamOwner {
  readonly peer: string
  readonly secure: boolean
  peerFacts: unknown = undefined
  readonly #session: ServerHttp2Session
  readonly #socket: Socket
  readonly #owner: SessionOwner
  readonly #streams = new Set<SessionStream>()
  #requests = 0
  #endsWhenIdle = false
  /** Without streams: when the client must have done what it owes us. */
  #idleDeadline: number

  constructor(socket: Socket, secure: boolean, owner: SessionOwner) {
    this.peer = socket.remoteAddress ?? ''
    this.secure = secure
    this.#socket = socket
    this.#owner = owner
    this.#idleDeadline = owner.now + owner.limits.headTimeoutMs
    // A client that closed its half can open no window any more: it is gone.
    socket.allowHalfOpen = false
    const session = performServerHandshake(socket, sessionOptions)
    this.#session = session
    session.setLocalWindowSize(sessionWindowBytes)
    session.on('stream', this.#onStream)
    session.on('error', this.#onError)
    session.on('close', () => owner.forget(this))
  }

  get peerPort(): number {
    return this.#socket.remotePort ?? 0
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? ''
  }

  get limits(): SessionLimits {
    return this.#owner.limits
  }

  get now(): number {
    return this.#owner.now
  }

  /** Requests so far. */
  get requests(): number {
    return this.#requests
  }

  checkDeadlines(now: number): void {
    for (const stream of this.#streams) {
      stream.checkDeadlines(now)
    }
    if (this.#streams.size === 0 && now >= this.#idleDeadline) {
      this.#session.closed ? this.destroy() : this.close()
    }
  }

  /** For a client that has just come: answers what it brings within `graceMs`, then closes. */
  closeAfterFirst(graceMs: number): void {
    this.#endsWhenIdle = true
    this.#idleDeadline = this.now + graceMs
  }

  /** Takes no further request, finishes those that run. */
  close(): void {
    this.#idleDeadline = this.now + closeTimeoutMs
    this.#session.close()
  }

  destroy(): void {
    this.#session.destroy()
    // node:http2 would wait until everything that was written has left.
    this.#socket.destroy()
  }

  // --- for its streams ---

  holdsInput(asking: SessionStream): boolean {
    for (const stream of this.#streams) {
      if (stream !== asking && stream.holdsInput) {
        return true
      }
    }
    return false
  }

  forget(stream: SessionStream): void {
    this.#streams.delete(stream)
    if (this.#streams.size > 0) {
      return
    }
    this.#idleDeadline = this.now + (this.#session.closed ? closeTimeoutMs : this.limits.keepAliveTimeoutMs)
    if (this.#endsWhenIdle) {
      this.close()
    }
  }

  // --- internal ---

  readonly #onStream = (stream: ServerHttp2Stream, _headers: unknown, flags: number, fields: string[]): void => {
    stream.on('error', ignore)
    if (stream.closed || stream.destroyed) {
      // Reset by the client before we came to it: nothing is begun for it (CVE-2023-44487).
      return
    }
    this.#requests += 1
    if (this.#requests >= this.limits.requestsMax) {
      this.#session.close()
    }
    const bodyFollows = (flags & endStreamFlag) === 0
    const head = readRequestFields(fields, bodyFollows)
    if ('kind' in head) {
      this.#refuse(stream, head, fields, bodyFollows)
      return
    }
    const request = new SessionStream(stream, head, this)
    this.#streams.add(request)
    this.#owner.handler.onRequest(request, this)
  }

  /** The answer to a malformed request is an answer (RFC 9113 section 8.1.1); it goes out under the same deadlines. */
  #refuse(stream: ServerHttp2Stream, refusal: HeadRefusal, fields: readonly string[], bodyFollows: boolean): void {
    const answer = this.#owner.handler.onRefused(refusal, fieldOf(fields, 'accept'))
    const answering = new SessionStream(stream, emptyHead(fieldOf(fields, ':method') ?? '', bodyFollows), this)
    this.#streams.add(answering)
    answering.begin(answer.status, answer.reason, answer.headers)
    answering.write(answer.body)
    answering.end()
  }

  readonly #onError = (error: Error & { readonly code?: string }): void => {
    this.#owner.handler.onSessionFault(error.code ?? 'unknown')
  }
}

const endStreamFlag = 1

function ignore(): void {
  // The close event follows, with the reason in rstCode.
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const i = fields.findIndex((field, at) => at % 2 === 0 && field === name)
  return i === -1 ? undefined : fields[i + 1]
}

function emptyHead(method: string, bodyFollows: boolean): RequestHead {
  const framing = bodyFollows ? 'chunked' : 'none'
  return { method, target: '', minor: 1, headers: new HeaderList(), framing, length: 0 }
}
