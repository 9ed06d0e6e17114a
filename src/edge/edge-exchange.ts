import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Answer, ClientFacts, Departure, Exchange, Incoming, RequestTarget, Visitor } from '../exchange.ts'
import type { ClientStream, HeaderList, RequestHead } from '../http1/index.ts'
import { headerBits } from '../http1/index.ts'
import type { Logger } from '../platform/index.ts'
import type { Decision } from '../routing/index.ts'
import { keepFromSharedCaches } from './shared-caches.ts'
import { markValidators, withOwnValidators } from './side-validators.ts'
import { RequestVisitor, type VisitorProperties, visitorCookie } from './visitor-cookie.ts'

export interface ExchangeOptions {
  readonly log: Logger
  readonly visitorCookie: string
  readonly visitorProperties: VisitorProperties
  /** Called once, when the exchange is over. */
  readonly onOver: (exchange: EdgeExchange) => void
}

/** One request in flight. What most requests don't need (visitor, child logger, abort signal) is made when it is asked for. */
export class EdgeExchange implements Exchange {
  readonly id: string
  request: RequestHead
  readonly incoming: Incoming
  answer: Answer
  readonly method: string
  readonly target: RequestTarget
  readonly client: ClientFacts
  readonly startedAt: number = performance.now()
  body: Buffer | undefined = undefined
  // What became of it, for the access log.
  decision: Decision | undefined = undefined
  firstByteMs: number | undefined = undefined
  departure: Departure | undefined = undefined
  /** One listener: may add to the head of the answer of a matched route, whichever side gives it. */
  beforeHead: ((status: number, headers: HeaderList, decision: Decision) => void) | undefined = undefined
  readonly #stream: ClientStream
  readonly #options: ExchangeOptions
  #visitor: Visitor | undefined
  #log: Logger | undefined
  #abort: AbortController | undefined
  #leaveListener: ((departure: Departure) => void) | undefined

  constructor(stream: ClientStream, target: RequestTarget, client: ClientFacts, options: ExchangeOptions) {
    this.id = requestId(stream.head, client)
    this.request = stream.head
    this.incoming = stream
    this.answer = stream
    this.method = stream.head.method
    this.target = target
    this.client = client
    this.#stream = stream
    this.#options = options
    stream.onDeparture = (departure) => this.#onDeparture(departure)
  }

  /**
   * The decision, as it was made or changed since. Where a route was matched both sides could have answered, and the answer and
   * the request are kept apart from the other side's.
   */
  decided(decision: Decision): void {
    this.decision = decision
    if (decision.routeId !== null) {
      this.request = withOwnValidators(this.#stream.head, decision.target)
      this.#stream.onBegin = (status, headers) => this.#beforeHead(status, headers, decision)
    }
  }

  get visitor(): Visitor {
    const { visitorCookie: cookie, visitorProperties } = this.#options
    this.#visitor ??= new RequestVisitor(this.request.headers, cookie, this.client.ip, visitorProperties)
    return this.#visitor
  }

  get log(): Logger {
    this.#log ??= this.#options.log.child({ requestId: this.id })
    return this.#log
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.left) {
        this.#abort.abort()
      }
    }
    return this.#abort.signal
  }

  get left(): boolean {
    return this.departure !== undefined && this.departure !== 'finished'
  }

  onLeave(listener: ((departure: Departure) => void) | undefined): void {
    this.#leaveListener = listener
    if (listener !== undefined && this.left) {
      listener(this.departure as Departure)
    }
  }

  #beforeHead(status: number, headers: HeaderList, decision: Decision): void {
    const { target, partial, reason } = decision
    if (target === 'modern') {
      markValidators(headers)
    }
    if (partial || reason === 'override' || reason === 'pinned') {
      keepFromSharedCaches(headers)
    }
    if (partial && this.visitor.isNew) {
      headers.append('Set-Cookie', visitorCookie(this.#options.visitorCookie, this.visitor, this.client))
    }
    this.beforeHead?.(status, headers, decision)
  }

  #onDeparture(departure: Departure): void {
    this.departure = departure
    if (departure !== 'finished') {
      this.#leaveListener?.(departure)
      this.#abort?.abort()
    }
    this.#options.onOver(this)
  }
}

/** A trusted proxy may have given the request its id already; anybody else's is not taken over. */
export function requestId({ headers }: RequestHead, client: ClientFacts): string {
  if (client.trusted && (headers.bits & headerBits.requestId) !== 0) {
    const given = headers.get('x-request-id')
    if (given !== undefined && /^[\w.:+/=-]{8,128}$/.test(given)) {
      return given
    }
  }
  requestCount += 1
  return processPrefix + requestCount.toString(36).padStart(7, '0')
}

// --- internal ---

const processPrefix = `${randomBytes(6).toString('hex')}-`
let requestCount = 0
