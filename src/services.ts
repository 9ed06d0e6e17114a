import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Context } from 'hono'
import type { Visitor } from './exchange.ts'
import type { PhpBridge } from './php/index.ts'
import type { Logger } from './platform/index.ts'
import type { Sync } from './sync/index.ts'

/** What Fig gives to a modern handler, as `c.env.fig`. */
export interface FigServices<Params = Readonly<Record<string, string>>> {
  /** What the route's pattern captured, decoded once. */
  readonly params: Params
  readonly visitor: Visitor
  readonly requestId: string
  /** Scheme and host as the visitor sees the site, such as 'https://www.example.com': for absolute URLs. */
  readonly origin: string
  readonly log: Logger
  /** Aborts when the client leaves or the handler's time is up. */
  readonly signal: AbortSignal
  /** @throws AppError 'config.not-configured' where Fig was started without Postgres */
  readonly postgres: NodePgDatabase
  /** @throws AppError 'config.not-configured' where Fig was started without sync */
  readonly sync: Pick<Sync, 'transaction' | 'caughtUp'>
  /** @throws AppError 'config.not-configured' where Fig was started without PHP's session path */
  readonly php: PhpBridge
  /** The body, where it had to be read to choose this route; then `c.req` holds it too. */
  readonly body: Buffer | undefined
  /** "Not this one": return it, and PHP answers. Only before anything was written. */
  legacy(reason: string): Response
}

export interface FigEnv<Params = Readonly<Record<string, string>>> {
  readonly Bindings: { readonly fig: FigServices<Params> }
}

/** A Hono handler that finds Fig's services in `c.env.fig`. */
export type ModernHandler<Params = Readonly<Record<string, string>>> = (
  context: Context<FigEnv<Params>>,
) => Response | Promise<Response>
