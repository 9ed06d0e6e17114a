import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { Exchange } from '../exchange.ts'
import { type Cause, classify, ForwardError, type Stage } from './causes.ts'
import { HeaderList } from './header-list.ts'
import { type AnswerFacts, responsePasses } from './response-passes.ts'
import type { ConnectionAware, TrackedClient } from './tracked-client.ts'

export type RelayOutcome =
  | { readonly kind: 'answered' }
  /** Nothing was written to the client: somebody else may answer. */
  | { readonly kind: 'failed'; readonly cause: Cause; readonly error: unknown }
  /** The answer broke off; the client's connection was destroyed so that it notices. */
  | { readonly kind: 'cut'; readonly cause: Cause; readonly error: unknown }

export interface RelayOptions {
  readonly exchange: Exchange
  /** The longest the client may take no bytes while there are some. */
  readonly clientIdleTimeoutMs: number
  readonly onFirstByte: () => void
  readonly onOutcome: (outcome: RelayOutcome) => void
}

/**
 * Carries PHP's answer to the client as undici delivers it: head, body and trailers in one go, nothing kept. When the client
 * reads slowly PHP is paused; when the client leaves PHP is aborted; when PHP dies midway the client's connection is cut.
 * One relay serves one attempt.
 */
export class Relay implements Dispatcher.DispatchHandler, ConnectionAware {
  connection: TrackedClient | undefined
  /** The request went out on a connection that had carried others before. */
  reused = false
  readonly #options: RelayOptions
  readonly #res: ServerResponse
  #controller: Dispatcher.DispatchController | undefined
  #stage: Stage = 'waiting'
  #settled = false
  #stallTimer: NodeJS.Timeout | undefined
  #listensToDrain = false

  constructor(options: RelayOptions) {
    this.#options = options
    this.#res = options.exchange.res
  }

  /** The client has left: give up, whatever the stage. */
  abort(cause: Cause): void {
    const error = new ForwardError(cause)
    this.#fail(error)
    this.#controller?.abort(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#settled) {
      controller.abort(new ForwardError('client-left'))
      return
    }
    this.#stage = 'sending'
    if (this.connection !== undefined) {
      this.reused = this.connection.requestsOnConnection > 0
      this.connection.requestsOnConnection += 1
    }
  }

  onResponseStarted(): void {
    this.#stage = 'answer-head'
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    const facts: AnswerFacts = {
      status,
      method: this.#options.exchange.method,
      modernClient: this.#options.exchange.req.httpVersionMinor === 1,
    }
    const headers = receivedHeaders(controller.rawHeaders)
    for (const pass of responsePasses) {
      pass(headers, facts)
    }
    if (status < 200) {
      writeInformation(this.#res, facts, headers)
      return
    }
    this.#options.onFirstByte()
    const raw = headers.toRaw()
    const { answerHeaders } = this.#options.exchange
    if (answerHeaders !== undefined) {
      raw.push(...answerHeaders)
    }
    keepDispositionBytes(raw)
    // Throws on a byte that no header may hold; undici hands that to onResponseError.
    this.#res.writeHead(status, sendableReason(statusText), raw)
    this.#stage = 'answer-body'
    // A body that comes with the head goes out in the same packet; a head that comes alone is not held back.
    process.nextTick(flushHead, this.#res)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#res.write(chunk) || this.#settled) {
      return
    }
    controller.pause()
    this.#stallTimer = setTimeout(() => this.#onStall(), this.#options.clientIdleTimeoutMs)
    if (!this.#listensToDrain) {
      this.#listensToDrain = true
      this.#res.on('drain', () => {
        clearTimeout(this.#stallTimer)
        controller.resume()
      })
    }
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      return
    }
    const trailers = controller.rawTrailers
    if (Array.isArray(trailers) && trailers.length > 0 && this.#res.chunkedEncoding) {
      this.#res.addTrailers(pairs(receivedHeaders(trailers).toRaw()))
    }
    this.#res.end()
    this.#settle({ kind: 'answered' })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error)
  }

  // --- internal ---

  #fail(error: Error): void {
    if (this.#settled) {
      return
    }
    const cause = classify(error, this.#stage)
    if (this.#res.headersSent) {
      cutConnection(this.#res)
      this.#settle({ kind: 'cut', cause, error })
    } else {
      this.#settle({ kind: 'failed', cause, error })
    }
  }

  #onStall(): void {
    this.abort('answer-body-client-stalled')
  }

  #settle(outcome: RelayOutcome): void {
    this.#settled = true
    clearTimeout(this.#stallTimer)
    this.#options.onOutcome(outcome)
  }
}

/** undici hands over the bytes of names and values in turn. */
function receivedHeaders(raw: Dispatcher.DispatchController['rawHeaders']): HeaderList {
  const list: string[] = []
  if (Array.isArray(raw)) {
    for (const bytes of raw) {
      list.push(typeof bytes === 'string' ? bytes : bytes.toString('latin1'))
    }
  }
  return new HeaderList(list)
}

/** 103 Early Hints and 102 Processing go on; HTTP/1.0 clients know no 1xx. */
function writeInformation(res: ServerResponse, { status, modernClient }: AnswerFacts, headers: HeaderList): void {
  if (modernClient && !res.headersSent && res.socket?.writable === true && 'writeInformation' in res) {
    res.writeInformation(status, headers.toRaw())
  }
}

/** undici decodes the reason phrase as UTF-8; on the wire it is bytes. What was not UTF-8 is lost there: a mark stands in. */
function sendableReason(reason: string | undefined): string | undefined {
  return reason === undefined || plainReason.test(reason)
    ? reason
    : Buffer.from(reason.replaceAll('\ufffd', '?'), 'utf8').toString('latin1')
}

/**
 * Behind a Content-Length, Node reads the bytes of a Content-Disposition as UTF-8 once more (processHeader in _http_outgoing):
 * a name in UTF-8 would leave in Latin-1, and one in Latin-1 would be refused. Encoded once beforehand it leaves as it came.
 */
function keepDispositionBytes(raw: string[]): void {
  let lengthKnown = false
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    if (name === 'content-length') {
      lengthKnown = Number(raw[i + 1]) !== 0
    } else if (lengthKnown && name === 'content-disposition') {
      raw[i + 1] = Buffer.from(raw[i + 1] as string, 'utf8').toString('latin1')
    }
  }
}

const plainReason = /^[\t\x20-\x7e]*$/

function flushHead(res: ServerResponse): void {
  if (!res.writableEnded && !res.destroyed) {
    res.flushHeaders()
  }
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    list.push([raw[i] as string, raw[i + 1] as string])
  }
  return list
}

/**
 * The client must see that the answer is incomplete. Where the end of the connection is the end of the body (HTTP/1.0), an
 * orderly close would look like a complete answer, so the connection is reset.
 */
function cutConnection(res: ServerResponse): void {
  const socket: Socket | null = res.socket
  if (socket === null || socket.destroyed) {
    res.destroy()
  } else if ('encrypted' in socket) {
    socket.destroy()
  } else {
    socket.resetAndDestroy()
  }
}
