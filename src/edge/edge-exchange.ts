import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientFacts, Exchange, RequestTarget, Visitor } from '../exchange.ts'
import type { Logger } from '../platform/index.ts'
import { RequestVisitor } from './visitor-cookie.ts'

export interface ExchangeOptions {
  readonly log: Logger
  readonly visitorCookie: string
}

/** One request in flight. What most requests don't need (visitor, child logger, abort signal) is made when it is asked for. */
export class EdgeExchange implements Exchange {
  readonly id: string
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly method: string
  readonly target: RequestTarget
  readonly client: ClientFacts
  readonly startedAt: number = performance.now()
  body: Buffer | undefined
  answerHeaders: readonly string[] | undefined
  readonly #options: ExchangeOptions
  #visitor: Visitor | undefined
  #log: Logger | undefined
  #abort: AbortController | undefined
  #continued = false

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    target: RequestTarget,
    client: ClientFacts,
    options: ExchangeOptions,
  ) {
    this.id = requestId(req, client)
    this.req = req
    this.res = res
    this.method = req.method ?? 'GET'
    this.target = target
    this.client = client
    this.#options = options
  }

  get visitor(): Visitor {
    this.#visitor ??= new RequestVisitor(this.req.headers.cookie, this.#options.visitorCookie, this.client.ip)
    return this.#visitor
  }

  get log(): Logger {
    this.#log ??= this.#options.log.child({ requestId: this.id })
    return this.#log
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.res.destroyed) {
        this.#abort.abort()
      }
    }
    return this.#abort.signal
  }

  /** The client is gone, or has everything. */
  closed(): void {
    if (!this.res.writableFinished) {
      this.#abort?.abort()
    }
  }

  sendContinue(): void {
    if (!this.#continued && awaitsContinue(this.req) && !this.res.headersSent) {
      this.#continued = true
      this.res.writeContinue()
    }
  }
}

/** A trusted proxy may have given the request its id already; anybody else's is not taken over. */
export function requestId(req: IncomingMessage, client: ClientFacts): string {
  const given = client.trusted ? req.headers['x-request-id'] : undefined
  if (typeof given === 'string' && /^[\w.:+/=-]{8,128}$/.test(given)) {
    return given
  }
  requestCount += 1
  return `${processPrefix}${requestCount.toString(36).padStart(7, '0')}`
}

// --- internal ---

const processPrefix = `${randomBytes(6).toString('hex')}-`
let requestCount = 0

/** HTTP/1.0 knows no 1xx (RFC 9110 section 10.1.1). */
function awaitsContinue(req: IncomingMessage): boolean {
  return req.headers.expect !== undefined && req.httpVersionMinor === 1
}
