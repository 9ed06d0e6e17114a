import type { Answer, Departure, Incoming, RequestHead } from './http1/index.ts'
import type { Logger } from './platform/index.ts'

export type { Answer, Departure, Incoming, IncomingFailure, IncomingSink } from './http1/index.ts'

export interface Visitor {
  readonly id: string
  /** The id was made for this request: the client holds no cookie with it yet. */
  readonly isNew: boolean
  readonly ip: string
  /** What lists, constraints and segments of a flag can name. */
  readonly properties: Readonly<Record<string, string>>
}

export interface RequestTarget {
  /** The bytes of the request line, in origin form; this is what PHP gets. */
  readonly raw: string
  /** What routes are matched on: percent-decoded once, where that is safe. */
  readonly path: string
  /** Raw, without the question mark. */
  readonly query: string
}

/** Who is at the other end, and under which address the client reached the site. */
export interface ClientFacts {
  /** The address at the other end of the connection. */
  readonly peer: string
  /** The peer is a configured proxy: what it says in X-Forwarded-* is believed. */
  readonly trusted: boolean
  /** The visitor's address: the peer, or what a trusted peer says. */
  readonly ip: string
  readonly proto: 'http' | 'https'
  /** Name and port as the client wrote them. */
  readonly host: string
  readonly port: number
  /** What is known of the connection itself; looked up when it is asked for. */
  readonly connection: { readonly peerPort: number; readonly localAddress: string }
}

/** What is known of any request, also of one that becomes a WebSocket. */
export interface RequestFacts {
  readonly id: string
  /** As it came; header passes work on a copy. */
  readonly request: RequestHead
  readonly target: RequestTarget
  readonly client: ClientFacts
  readonly log: Logger
}

/** One request in flight. */
export interface Exchange extends RequestFacts {
  readonly method: string
  readonly incoming: Incoming
  readonly answer: Answer
  readonly visitor: Visitor
  /** The client is gone, or was cut off. */
  readonly left: boolean
  /** Calls back once when the client goes before its answer is complete; at once if it has gone. One listener at a time. */
  onLeave(listener: ((departure: Departure) => void) | undefined): void
  /** Aborts when the client leaves. Made when asked for; the hot path uses onLeave. */
  readonly signal: AbortSignal
  /** Set when the body had to be read to decide; it is replayed byte for byte to the side that was chosen. */
  body: Buffer | undefined
}
