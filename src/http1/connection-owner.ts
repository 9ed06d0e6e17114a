import type { ConnectionLimits } from './connection-limits.ts'
import type { HeaderList } from './header-list.ts'
import type { HeadRefusal, RequestHead } from './request-head.ts'
import type { ServerConnection } from './server-connection.ts'
import type { ServerStream } from './server-stream.ts'

/** The answer to what could not be let in. */
export interface RefusalAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: HeaderList
  readonly body: Buffer
}

/** What the owner of the connections does with what comes in on them. */
export interface ConnectionHandler {
  /** The exchange runs until `stream.onDeparture` was called. */
  onRequest(stream: ServerStream, connection: ServerConnection): void
  /** @param accept the Accept header, as far as it could be seen */
  onRefused(refusal: HeadRefusal | 'head-timeout', accept: string | undefined): RefusalAnswer
  /** Something inside failed; the connection is closed. */
  onDefect(error: unknown): void
  /** A WebSocket handshake: the socket is the handler's from here on, and `rest` is what came behind the head. */
  onUpgrade(head: RequestHead, connection: ServerConnection, rest: Buffer): void
}

/** What a connection needs of those who hold all of them. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits
  readonly handler: ConnectionHandler
  /** Coarse time: of the last tick. */
  readonly now: number
  readonly draining: boolean
  /** True where a connection that could be kept should be closed with its answer, so that its client connects anew. */
  letsGo(): boolean
  dateLine(): string
  forget(connection: ServerConnection): void
}
