import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from './platform/index.ts'

export interface Visitor {
  readonly id: string
  /** The id was made for this request: the client holds no cookie with it yet. */
  readonly isNew: boolean
  readonly ip: string
}

export interface RequestTarget {
  /** The bytes of the request line; this is what PHP gets. */
  readonly raw: string
  /** What routes are matched on: percent-decoded once, where that is safe. */
  readonly path: string
  /** Raw, without the question mark. */
  readonly query: string
}

/** One request in flight. */
export interface Exchange {
  readonly id: string
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly method: string
  readonly target: RequestTarget
  readonly visitor: Visitor
  readonly log: Logger
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal
  /** Set when the body had to be read to decide; it is replayed byte for byte to the side that was chosen. */
  body: Buffer | undefined
}
