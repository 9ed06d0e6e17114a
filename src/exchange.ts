import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from './platform/index.ts'

export interface Visitor {
  readonly id: string
  /** The id was made for this request: the client holds no cookie with it yet. */
  readonly isNew: boolean
  readonly ip: string
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
}

/** What is known of any request, also of one that becomes a WebSocket. */
export interface RequestFacts {
  readonly id: string
  readonly req: IncomingMessage
  readonly target: RequestTarget
  readonly client: ClientFacts
  readonly log: Logger
}

/** One request in flight. */
export interface Exchange extends RequestFacts {
  readonly res: ServerResponse
  readonly method: string
  readonly visitor: Visitor
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal
  /** Set when the body had to be read to decide; it is replayed byte for byte to the side that was chosen. */
  body: Buffer | undefined
  /** Headers that Fig adds to the answer, whoever gives it: name, value, name, value, … */
  readonly answerHeaders?: readonly string[] | undefined
  /** Lets a client that waits for `100 Continue` send its body; does nothing for others, or a second time. */
  sendContinue(): void
}
