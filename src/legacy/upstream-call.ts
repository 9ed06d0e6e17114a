import type { RequestFacts } from '../exchange.ts'
import type { HeaderList } from '../http1/index.ts'
import type { Cause } from './causes.ts'

/** One address at which PHP can be reached, by one protocol. */
export interface Upstream {
  /** For logs: `http://127.0.0.1:8081`, `fastcgi://127.0.0.1:9000`. */
  readonly origin: string
  /**
   * True for HTTP: the client's own Content-Length line stays in the list, at its place, and request trailers can be sent.
   * Others get a list without framing headers and without Trailer.
   */
  readonly speaksHttp?: boolean
  /** Takes an idle connection, or opens one. The head leaves as soon as there is a connection. */
  start(request: OutgoingRequest, events: CallEvents): UpstreamCall
  /** Asks whether requests would be taken again. Without it an upstream that failed is simply tried again after a while. */
  probe?(check: HealthCheck): Promise<boolean>
  /** Finishes what runs; cuts it when `signal` aborts. */
  close(signal?: AbortSignal): Promise<void>
}

export interface HealthCheck {
  /** What to GET; an answer below 500 is health. Without a path a connection is enough. */
  readonly path: string | undefined
  readonly timeoutMs: number
}

/** A body that was read before, or one that is fed by write() and end(). */
export type OutgoingBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }

export interface OutgoingRequest {
  readonly method: string
  /** The bytes of the request line, in origin form. */
  readonly target: string
  /** As PHP gets them, without what frames the message (Transfer-Encoding, Connection; Content-Length: see speaksHttp). */
  readonly headers: HeaderList
  readonly body: OutgoingBody
  readonly facts: RequestFacts
}

export interface UpstreamCall {
  /** The connection had carried requests before. */
  readonly reused: boolean
  /** False: wait for onDrain. */
  write(chunk: Buffer): boolean
  end(trailers?: HeaderList): void
  /** Back-pressure on the answer. */
  pause(): void
  resume(): void
  /** Gives the call up and closes its connection; no event comes afterwards. */
  abort(): void
}

export interface AnswerHead {
  readonly status: number
  /** One character per byte; may be empty. */
  readonly reason: string
  /** As PHP sent them; framing and hop-by-hop headers included. The passes work on this very list. */
  readonly headers: HeaderList
}

/** What becomes of a call. Only onConnected may come before start() has returned. After onEnd or onFailure nothing comes. */
export interface CallEvents {
  /** There is a connection: from here on the body may be asked for. */
  onConnected(): void
  onDrain(): void
  /** 1xx apart from 100, which is swallowed, and from a 101 that nobody asked for, which is a failure. */
  onInformation(status: number, headers: HeaderList): void
  onHead(head: AnswerHead): void
  /** The memory of the piece may be used again once `flushed` is true: who keeps it longer takes a copy. */
  onData(chunk: Buffer): void
  /** Nothing holds a piece of the answer any more. Absent where nobody can tell. */
  readonly flushed?: boolean
  /** Everything that came in one read was handed over: the time to flush. */
  onBatchEnd(): void
  onEnd(trailers: HeaderList | undefined): void
  /** @param error what the system said, where it said something */
  onFailure(cause: Cause, error: Error | undefined): void
}
