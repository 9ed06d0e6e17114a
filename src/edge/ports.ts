import type { Socket } from 'node:net'
import type { Exchange, RequestFacts } from '../exchange.ts'
import type { AppError } from '../platform/index.ts'

// What the edge needs of other folders. It imports none of them: app.ts gives it the real parts.

export type LegacyResult =
  | { readonly kind: 'answered'; readonly firstByteMs: number }
  /** Nothing was written: the edge answers with an error page. */
  | { readonly kind: 'failed'; readonly error: AppError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'client-left' }

export interface LegacyPort {
  forward(exchange: Exchange): Promise<LegacyResult>
  upgrade(request: RequestFacts, socket: Socket, head: Buffer): void
}

export interface Freshness {
  /** Waits, for a bounded time, until the follower holds what the owner of these tables held at the call. */
  caughtUp(
    tables: readonly string[],
    options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<'fresh' | 'stale'>
}
