import type { HeaderList } from './header-list.ts'
import type { RequestHead } from './request-head.ts'

// The two halves of a request in flight, whatever version of HTTP the client speaks.

/** Why the rest of a body will never come. */
export type IncomingFailure = 'left' | 'malformed' | 'timeout' | 'too-large'

/** Takes a request's body as it comes. Calls stop for good after onEnd or onBroken. */
export interface IncomingSink {
  onData(chunk: Buffer): void
  onEnd(trailers: HeaderList | undefined): void
  /** `detail` is for the client's eyes. */
  onBroken(why: IncomingFailure, detail: string): void
}

/** The body of a request on its way from the client. Nothing of it is read before somebody asks. */
export interface Incoming {
  /** Every byte was handed over, or there was none to begin with. */
  readonly complete: boolean
  /** Some bytes were handed over: they can't be read again. */
  readonly begun: boolean
  /** Hands the body over from here on, first asking a client that waits for `100 Continue` to send it. Replaces the sink. */
  read(sink: IncomingSink): void
  /** Back-pressure: holds the client until resume(). Bytes in hand stay here. */
  pause(): void
  resume(): void
  /** Gives back bytes that were handed over and not used; they come first at the next read(). Only while paused. */
  unread(chunk: Buffer): void
  /** Nobody wants the rest: it is read and dropped for a bounded time, so that the client comes to read the answer. */
  discard(): void
}

/** How an answer came to its end, for those who give it. */
export type Departure = 'finished' | 'left' | 'stalled' | 'cut'

/**
 * The answer to one request. Framing (length, chunks, close) is made here, from what the client speaks and from the
 * Content-Length among the headers; hop-by-hop headers must not be given. More or fewer bytes than the Content-Length
 * announced break the client's connection, so that it notices.
 */
export interface Answer {
  /** 0 until the head was given. */
  readonly status: number
  readonly headSent: boolean
  /** No more can be sent: everything was, or the client is gone, or it was cut. */
  readonly closed: boolean
  /** Bytes that this answer put on the connection so far, heads included. */
  readonly bytesSent: number
  /** What was written is with the system: nothing here holds the memory of a piece any more. */
  readonly flushed: boolean
  /** An interim answer (102, 103); nothing happens for clients that know none. */
  inform(status: number, headers: HeaderList): void
  /** @param reason one character per byte; empty for none */
  begin(status: number, reason: string, headers: HeaderList): void
  /** Hands a piece of the body on. False: wait for `onDrain`. What a HEAD or 304 answer must not carry is dropped. */
  write(chunk: Buffer): boolean
  end(trailers?: HeaderList): void
  /** Puts what was collected since the last flush on the wire; end() does so by itself. */
  flush(): void
  /** Breaks the connection visibly: the client must not take what it has for a whole answer. */
  cut(): void
  /** One listener: the client takes bytes again. */
  onDrain: (() => void) | undefined
}

/** A request as a connection brings it, with the way to answer it. */
export interface ClientStream extends Incoming, Answer {
  readonly head: RequestHead
  /** One listener: sees, and may change, the headers of the answer just before they are sent, whoever gives it. */
  onBegin: ((status: number, headers: HeaderList) => void) | undefined
  /** One listener, called once: how this exchange came to its end. */
  onDeparture: ((departure: Departure) => void) | undefined
}

/** What is known of the connection that a stream came on. */
export interface ClientConnection {
  /** The address at the other end, as the socket gives it. */
  readonly peer: string
  readonly secure: boolean
  readonly peerPort: number
  /** The address of ours that the client reached. */
  readonly localAddress: string
  /** For the edge: what it found out about the peer, once per connection. */
  peerFacts: unknown
}
