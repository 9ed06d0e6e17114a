import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { ChunkedDecoder, type HeaderList, headerBits, type ResponseHead, readResponseHead } from '../http1/index.ts'
import { type Cause, causeOfConnectError } from './causes.ts'
import { renderHead } from './request-head.ts'
import { withoutForbiddenTrailers } from './trailers.ts'
import type { CallEvents, OutgoingRequest, UpstreamCall } from './upstream-call.ts'

export interface HttpTimeouts {
  readonly connectMs: number
  /** From the whole request sent to the head of the answer; also the longest that PHP may not take any of a body. */
  readonly firstByteMs: number
  /** Between two pieces of the answer. */
  readonly idleMs: number
}

/** What may follow on the connection of a call that is over. */
export type Afterwards =
  | 'reuse'
  /** The answer announced a body that it must not have: bytes may still come, and must not meet the next request. */
  | 'rest'
  | 'close'

/** What a call needs of the connection that it runs on. */
export interface CallHost {
  readonly socket: Socket
  /** Name and port for requests that bring none. */
  readonly authority: string
  /** @param keepAliveMs how long the server says it keeps the connection; undefined where it says nothing */
  callEnded(afterwards: Afterwards, keepAliveMs: number | undefined): void
  /** The connection was kept, and was dead when it was used again. */
  diedIdle(): void
}

/**
 * One request on a connection, and its answer.
 *
 * Life: connecting -> head -> body -> over. The request's body is sent from `head` on, and may still be under way when the
 * answer comes; a connection whose request was not sent whole carries no other.
 */
export class HttpCall implements UpstreamCall {
  readonly reused: boolean
  /** There are bytes of an answer, be they only some of a 1xx. */
  answerBegun = false
  readonly #host: CallHost
  readonly #request: OutgoingRequest
  readonly #events: CallEvents
  #stage: 'connecting' | 'head' | 'body' | 'over' = 'connecting'
  #requestSent = false
  /** Bytes of a body with a length that are still to come. */
  #unsent: number
  /** PHP takes no more of the body for now. */
  #blocked = false
  #paused = false
  /** Nothing can be sent any more; an answer may still come. */
  #muted = false
  /** The last time that something moved. */
  #movedAt: number
  /** The beginning of a head that did not come whole. */
  #held: Buffer | undefined
  #informationCount = 0
  #head: ResponseHead | undefined
  #left = 0
  #decoder: ChunkedDecoder | undefined
  #onPiece: ((piece: Buffer) => void) | undefined
  #keepAliveMs: number | undefined
  #restsAfterwards = false

  constructor(host: CallHost, request: OutgoingRequest, events: CallEvents, reused: boolean, now: number) {
    this.#host = host
    this.#request = request
    this.#events = events
    this.reused = reused
    this.#movedAt = now
    this.#unsent = request.body.kind === 'length' ? request.body.length : 0
  }

  // --- UpstreamCall ---

  write(chunk: Buffer): boolean {
    if (this.#stage === 'over' || this.#requestSent || this.#muted || chunk.length === 0) {
      return true
    }
    const { socket } = this.#host
    if (this.#request.body.kind === 'chunked') {
      socket.cork()
      socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
      socket.write(chunk)
      socket.write('\r\n', 'latin1')
      socket.uncork()
    } else {
      this.#unsent -= chunk.length
      if (this.#unsent < 0) {
        this.#fail('request-body-client', new Error('the body is longer than its Content-Length'))
        return true
      }
      socket.write(chunk)
    }
    // Not what write() says: that is false for every large piece, also for one that the system has taken whole already.
    const taken = socket.writableLength < unsentBytesMax
    this.#movedAt = performance.now()
    this.#blocked = !taken
    return taken
  }

  end(trailers?: HeaderList): void {
    if (this.#stage === 'over' || this.#requestSent || this.#muted) {
      return
    }
    if (this.#unsent > 0) {
      this.#fail('request-body-client', new Error('the body is shorter than its Content-Length'))
      return
    }
    this.#requestSent = true
    this.#movedAt = performance.now()
    if (this.#request.body.kind === 'chunked') {
      const lines = trailers === undefined ? '' : withoutForbiddenTrailers(trailers).toLines()
      this.#host.socket.write(`0\r\n${lines}\r\n`, 'latin1')
    }
  }

  pause(): void {
    if (this.#stage !== 'over') {
      this.#paused = true
      this.#host.socket.pause()
    }
  }

  resume(): void {
    if (this.#paused && this.#stage !== 'over') {
      this.#paused = false
      this.#movedAt = performance.now()
      this.#host.socket.resume()
    }
  }

  abort(): void {
    if (this.#stage !== 'over') {
      this.#stage = 'over'
      this.#host.callEnded('close', undefined)
    }
  }

  // --- for the connection ---

  /** There is a connection: the request leaves, with a small body in the same packet. */
  send(): void {
    const { socket, authority } = this.#host
    const request = this.#request
    const head = renderHead(request, authority)
    this.#stage = 'head'
    switch (request.body.kind) {
      case 'none':
        socket.write(head, 'latin1')
        this.#requestSent = true
        break
      case 'bytes':
        socket.cork()
        socket.write(head, 'latin1')
        socket.write(request.body.bytes)
        socket.uncork()
        this.#requestSent = true
        break
      default:
        socket.cork()
        socket.write(head, 'latin1')
        // What of the body has arrived is read before an immediate runs: it leaves with the head, in one system call.
        setImmediate(uncork, socket)
    }
    this.#events.onConnected()
  }

  drained(): void {
    this.#movedAt = performance.now()
    if (this.#blocked) {
      this.#blocked = false
      this.#events.onDrain()
    }
  }

  /**
   * The server has closed the connection while a body was on its way to it. It may have answered before: true asks for what can
   * still be read. The rest of the body is dropped.
   */
  writeFailed(): boolean {
    if (this.#stage === 'over' || this.#stage === 'connecting' || this.#request.body.kind === 'none') {
      return false
    }
    this.#muted = true
    this.#requestSent = false
    this.drained()
    return true
  }

  /** @returns true when nothing holds the memory of the bytes any more */
  receive(chunk: Buffer): boolean {
    this.#movedAt = performance.now()
    if (this.#stage === 'head') {
      this.answerBegun = true
      this.#receiveHead(this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]))
    } else {
      this.#receiveBody(chunk, 0)
    }
    return this.#held === undefined && this.#decoder?.holdsBytes !== true && this.#events.flushed === true
  }

  /** The server has closed its half. */
  finished(): void {
    if (this.#stage === 'body' && this.#head?.framing === 'until-close') {
      this.#complete('close', undefined)
    } else {
      this.broken(undefined)
    }
  }

  /** The connection is lost, or never came about. */
  broken(error: Error | undefined): void {
    switch (this.#stage) {
      case 'connecting':
        this.#fail(error === undefined ? 'connect-refused' : causeOfConnectError(error), error)
        return
      case 'head':
        if (this.answerBegun) {
          this.#fail(
            'answer-head-invalid',
            error ?? new Error('the connection was closed within the head of the answer'),
          )
        } else {
          if (this.reused) {
            this.#host.diedIdle()
          }
          this.#fail(this.#requestSent ? 'first-byte-upstream' : 'request-body-upstream', error)
        }
        return
      case 'body':
        this.#fail('answer-body-upstream', error)
        return
      case 'over':
    }
  }

  /** The upstream is being closed by force. */
  stop(): void {
    this.#fail('stopping', undefined)
  }

  checkDeadline(now: number, timeouts: HttpTimeouts): void {
    const quietMs = now - this.#movedAt
    if (this.#muted && quietMs >= lastAnswerMs) {
      this.broken(undefined)
      return
    }
    switch (this.#stage) {
      case 'connecting':
        if (quietMs >= timeouts.connectMs) {
          this.#fail('connect-timeout', undefined)
        }
        return
      case 'head':
        if (this.#isPhpsTurn() && quietMs >= timeouts.firstByteMs) {
          this.#fail('first-byte-timeout', undefined)
        }
        return
      case 'body':
        if (this.#isPhpsTurn() && quietMs >= timeouts.idleMs) {
          this.#fail('answer-body-timeout', undefined)
        }
        return
      case 'over':
    }
  }

  // --- internal ---

  /** While the client has to send or to take something, PHP is not late. */
  #isPhpsTurn(): boolean {
    return !this.#paused && (this.#requestSent || this.#blocked)
  }

  #receiveHead(bytes: Buffer): void {
    const { method } = this.#request
    let rest = bytes
    for (;;) {
      const read = readResponseHead(rest, method)
      if (read.kind === 'incomplete') {
        this.#held = rest
        return
      }
      if (read.kind === 'invalid') {
        this.#fail('answer-head-invalid', new Error(read.fault))
        return
      }
      if (read.head.status >= 200) {
        this.#begin(read.head)
        if (this.#stage === 'body') {
          this.#receiveBody(rest, read.end)
        }
        return
      }
      rest = rest.subarray(read.end)
      if (!this.#inform(read.head)) {
        return
      }
    }
  }

  /** RFC 9110 section 15.2: an interim answer is passed on, apart from the 100, which is between neighbours. */
  #inform({ status, headers }: ResponseHead): boolean {
    this.#informationCount += 1
    if (status === 101 || this.#informationCount > informationMax) {
      this.#fail('answer-head-invalid', new Error(`an answer ${status} that nobody asked for`))
    } else if (status !== 100) {
      this.#events.onInformation(status, headers)
    }
    return this.#stage === 'head'
  }

  #begin(head: ResponseHead): void {
    this.#stage = 'body'
    this.#held = undefined
    this.#head = head
    this.#left = head.length
    if ((head.headers.bits & headerBits.hopByHop) !== 0) {
      this.#keepAliveMs = readKeepAlive(head.headers.first('keep-alive'))
    }
    if (head.framing === 'chunked') {
      this.#decoder = new ChunkedDecoder()
      this.#onPiece = (piece) => {
        if (this.#stage === 'body') {
          this.#events.onData(piece)
        }
      }
    }
    // The passes take headers out of the list: what is asked of it later is asked now.
    this.#restsAfterwards = head.framing === 'none' && announcesBody(head.headers)
    this.#events.onHead(head)
  }

  #receiveBody(bytes: Buffer, from: number): void {
    switch ((this.#head as ResponseHead).framing) {
      case 'none':
        this.#completeAt(from, bytes.length, undefined)
        return
      case 'length':
        this.#receiveLength(bytes, from)
        break
      case 'chunked':
        this.#receiveChunks(bytes, from, this.#decoder as ChunkedDecoder)
        break
      case 'until-close':
        if (from < bytes.length) {
          this.#events.onData(from === 0 ? bytes : bytes.subarray(from))
        }
    }
    if (this.#stage === 'body') {
      this.#events.onBatchEnd()
    }
  }

  #receiveLength(bytes: Buffer, from: number): void {
    const to = Math.min(bytes.length, from + this.#left)
    this.#left -= to - from
    if (to > from) {
      this.#events.onData(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to))
    }
    if (this.#left === 0 && this.#stage === 'body') {
      this.#completeAt(to, bytes.length, undefined)
    }
  }

  #receiveChunks(bytes: Buffer, from: number, decoder: ChunkedDecoder): void {
    const end = decoder.decode(bytes, from, this.#onPiece as (piece: Buffer) => void)
    if (decoder.fault !== undefined) {
      this.#fail('answer-body-upstream', new Error(decoder.fault))
    } else if (decoder.done && this.#stage === 'body') {
      const { trailers } = decoder
      this.#completeAt(end, bytes.length, trailers === undefined ? undefined : withoutForbiddenTrailers(trailers))
    }
  }

  /** Bytes behind an answer belong to nothing that was asked: the connection is not to be trusted any more. */
  #completeAt(end: number, received: number, trailers: HeaderList | undefined): void {
    const keeps = (this.#head as ResponseHead).keepsAlive && this.#requestSent && end === received
    this.#complete(keeps ? (this.#restsAfterwards ? 'rest' : 'reuse') : 'close', trailers)
  }

  #complete(afterwards: Afterwards, trailers: HeaderList | undefined): void {
    this.#stage = 'over'
    this.#host.callEnded(afterwards, this.#keepAliveMs)
    this.#events.onEnd(trailers)
  }

  #fail(cause: Cause, error: Error | undefined): void {
    if (this.#stage !== 'over') {
      this.#stage = 'over'
      this.#host.callEnded('close', undefined)
      this.#events.onFailure(cause, error)
    }
  }
}

/** How long an answer is waited for on a connection on which nothing can be sent any more: it has arrived, or never will. */
const lastAnswerMs = 250
/** Interim answers before one answer; more of them are no hints. */
const informationMax = 32

/** Bytes of a body that wait for PHP before the client is asked to wait too. */
const unsentBytesMax = 128 * 1024

function uncork(socket: Socket): void {
  socket.uncork()
}

/** An answer to HEAD, a 204 or a 304 that says that there is a body: some servers then really send one. */
function announcesBody(headers: HeaderList): boolean {
  if ((headers.bits & headerBits.transferEncoding) !== 0) {
    return true
  }
  return (headers.bits & headerBits.contentLength) !== 0 && headers.first('content-length') !== '0'
}

/** `Keep-Alive: timeout=5, max=100`, as Apache says it. */
function readKeepAlive(value: string | undefined): number | undefined {
  const seconds = value === undefined ? undefined : /(?:^|[,\s])timeout=(\d{1,6})/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
