import { performance } from 'node:perf_hooks'
import type { Departure, Exchange } from '../exchange.ts'
import { type HeaderList, headerBits } from '../http1/index.ts'
import { BodyFeed } from './body-feed.ts'
import { type Cause, causes } from './causes.ts'
import type { ForwardOutcome } from './forwarder.ts'
import type { RequestPass } from './request-passes.ts'
import type { ResponsePass } from './response-passes.ts'
import type { AnswerHead, CallEvents, OutgoingBody, OutgoingRequest, Upstream, UpstreamCall } from './upstream-call.ts'
import type { UpstreamSet, UpstreamState } from './upstream-set.ts'

export interface RelaySettings {
  readonly upstreams: UpstreamSet
  readonly requestPasses: readonly RequestPass[]
  readonly responsePasses: readonly ResponsePass[]
  readonly onRetry: () => void
  readonly onOutcome: (relay: Relay) => void
}

export type RelayOutcome =
  | { readonly kind: 'answered' }
  /** Nothing was written to the client: somebody else may answer. */
  | { readonly kind: 'failed'; readonly cause: Cause; readonly error: Error | undefined }
  /** The answer broke off; the client's connection was cut so that it notices. */
  | { readonly kind: 'cut'; readonly cause: Cause; readonly error: Error | undefined }

/**
 * Joins one exchange to one upstream: the request goes there, the answer comes back as it is read, nothing is kept. Who does
 * not take what it is sent stops the other side. When the client leaves, PHP's call is given up; when PHP dies midway, the
 * client's connection is cut.
 *
 * A second attempt is made in two cases only, in both of which PHP has done nothing: no connection came about and there is
 * another upstream; or a safe request without a body went out on a kept connection that was dead.
 */
export class Relay implements CallEvents {
  readonly exchange: Exchange
  outcome: RelayOutcome | undefined
  /** From sending the request to the head of the answer. */
  firstByteMs = 0
  /** Where the request went last. */
  state: UpstreamState | undefined
  /** What the caller of forward() waits for. */
  readonly resolve: (outcome: ForwardOutcome) => void
  readonly #settings: RelaySettings
  #request: OutgoingRequest | undefined
  #call: UpstreamCall | undefined
  #connected = false
  #triedAnother = false
  #retried = false
  #sentAt = 0

  constructor(exchange: Exchange, settings: RelaySettings, resolve: (outcome: ForwardOutcome) => void) {
    this.exchange = exchange
    this.#settings = settings
    this.resolve = resolve
  }

  run(): void {
    if (this.exchange.left) {
      this.#settle({ kind: 'failed', cause: 'client-left', error: undefined })
      return
    }
    this.#attempt(this.#settings.upstreams.pick())
    if (this.outcome === undefined) {
      this.exchange.onLeave(this.#onLeave)
    }
  }

  // --- CallEvents ---

  onConnected(): void {
    this.#connected = true
    if (this.#call !== undefined) {
      this.#askForBody(this.#call)
    }
  }

  onDrain(): void {
    this.exchange.incoming.resume()
  }

  onInformation(status: number, headers: HeaderList): void {
    this.#passAnswer(status, headers)
    this.exchange.answer.inform(status, headers)
  }

  onHead({ status, reason, headers }: AnswerHead): void {
    const { exchange } = this
    this.firstByteMs = performance.now() - this.#sentAt
    this.#settings.upstreams.succeeded(this.state as UpstreamState)
    this.#passAnswer(status, headers)
    exchange.answer.begin(status, reason, headers)
  }

  onData(chunk: Buffer): void {
    const { answer } = this.exchange
    if (!answer.write(chunk) && this.outcome === undefined) {
      this.#call?.pause()
      answer.onDrain = () => this.#onAnswerDrain()
    }
  }

  get flushed(): boolean {
    return this.exchange.answer.flushed
  }

  onBatchEnd(): void {
    this.exchange.answer.flush()
  }

  onEnd(trailers: HeaderList | undefined): void {
    const { incoming, answer } = this.exchange
    this.exchange.onLeave(undefined)
    if (!incoming.complete) {
      // PHP has answered without wanting the rest: the client must get to read that.
      incoming.discard()
    }
    answer.onDrain = undefined
    answer.end(trailers)
    this.#settle(answered)
  }

  onFailure(cause: Cause, error: Error | undefined): void {
    const state = this.state as UpstreamState
    const { upstreams, onRetry } = this.#settings
    upstreams.failed(state, cause)
    if (this.#mayTryAnother(cause)) {
      this.#triedAnother = true
      this.#attemptAgain(upstreams.pick(state))
    } else if (this.#mayRetry(cause)) {
      this.#retried = true
      onRetry()
      this.#attemptAgain(upstreams.pick())
    } else {
      this.#fail(cause, error)
      if (this.outcome?.kind === 'failed' && this.exchange.incoming.begun) {
        this.exchange.incoming.discard()
      }
    }
  }

  // --- internal ---

  #attempt(state: UpstreamState): void {
    this.state = state
    state.running += 1
    this.#request ??= this.#outgoing(state.upstream)
    this.#sentAt = performance.now()
    const call = state.upstream.start(this.#request, this)
    this.#call = call
    if (this.#connected) {
      this.#askForBody(call)
    }
  }

  #attemptAgain(state: UpstreamState): void {
    const before = this.state as UpstreamState
    before.running -= 1
    this.#call = undefined
    this.#connected = false
    this.#attempt(state)
  }

  #outgoing(upstream: Upstream): OutgoingRequest {
    const { exchange } = this
    const headers = exchange.request.headers.copy()
    for (const pass of this.#settings.requestPasses) {
      pass(headers, exchange)
    }
    const body = outgoingBody(exchange)
    if (upstream.speaksHttp !== true) {
      headers.removeBits(headerBits.contentLength | headerBits.trailer)
    } else if (body.kind !== 'chunked') {
      headers.removeBits(headerBits.trailer)
    }
    return { method: exchange.method, target: exchange.target.raw, headers, body, facts: exchange }
  }

  #askForBody(call: UpstreamCall): void {
    const kind = this.#request?.body.kind
    if (kind === 'length' || kind === 'chunked') {
      const { incoming } = this.exchange
      incoming.read(new BodyFeed(incoming, call, (cause, error) => this.#onBodyBroken(cause, error)))
    }
  }

  #passAnswer(status: number, headers: HeaderList): void {
    for (const pass of this.#settings.responsePasses) {
      pass(headers, this.exchange, status)
    }
  }

  /** Nothing was sent, so that any request may go elsewhere. */
  #mayTryAnother(cause: Cause): boolean {
    return (
      (cause === 'connect-refused' || cause === 'connect-timeout') &&
      !this.#triedAnother &&
      this.#settings.upstreams.size > 1 &&
      !this.exchange.left
    )
  }

  /**
   * The server may close a kept-alive connection at the moment in which we reuse it. Then nothing has come back, and a safe
   * request may be sent once more (RFC 9110 section 9.2.2). On a fresh connection the same sight means that PHP crashed.
   */
  #mayRetry(cause: Cause): boolean {
    return (
      causes[cause].retryable &&
      this.#call?.reused === true &&
      !this.#retried &&
      this.#request?.body.kind === 'none' &&
      safeMethods.has(this.exchange.method) &&
      !this.exchange.left
    )
  }

  #onAnswerDrain(): void {
    this.exchange.answer.onDrain = undefined
    this.#call?.resume()
  }

  readonly #onLeave = (departure: Departure): void => {
    if (this.outcome === undefined) {
      this.#call?.abort()
      this.#fail(causeOfDeparture[departure], undefined)
    }
  }

  #onBodyBroken(cause: Cause, error: Error): void {
    if (this.outcome === undefined) {
      this.#call?.abort()
      this.#fail(cause, error)
    }
  }

  #fail(cause: Cause, error: Error | undefined): void {
    const { exchange } = this
    const kind = exchange.answer.headSent ? 'cut' : 'failed'
    exchange.onLeave(undefined)
    exchange.answer.onDrain = undefined
    const outcome: RelayOutcome = { kind, cause, error }
    this.outcome = outcome
    if (kind === 'cut') {
      exchange.answer.cut()
    }
    this.#settle(outcome)
  }

  #settle(outcome: RelayOutcome): void {
    this.outcome = outcome
    if (this.state !== undefined) {
      this.state.running -= 1
    }
    this.#settings.onOutcome(this)
  }
}

/** `cut`: more came than the Content-Length of the answer had announced. */
const causeOfDeparture: Readonly<Record<Departure, Cause>> = {
  finished: 'client-left',
  left: 'client-left',
  stalled: 'answer-body-client-stalled',
  cut: 'answer-body-upstream',
}

const answered: RelayOutcome = { kind: 'answered' }
const noBody: OutgoingBody = { kind: 'none' }
const chunkedBody: OutgoingBody = { kind: 'chunked' }
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

function outgoingBody({ body, request }: Exchange): OutgoingBody {
  if (body !== undefined) {
    return body.length === 0 && request.framing === 'none' ? noBody : { kind: 'bytes', bytes: body }
  }
  switch (request.framing) {
    case 'none':
      return noBody
    case 'length':
      return { kind: 'length', length: request.length }
    case 'chunked':
      return chunkedBody
  }
}
