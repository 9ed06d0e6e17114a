import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Mysql, Postgres } from '../db/index.ts'
import type { Logger, Metrics } from '../platform/index.ts'
import type { SyncDefinition } from './define-sync.ts'

/** Keeps the tables of the definition in step between MySQL and Postgres. */
export interface Sync {
  /**
   * Creates and fills what is missing: Fig's schemas, tables, triggers, rows; copies stopped groups anew. Does nothing where all
   * is in place. A group with a row that cannot be carried is left stopped and says so in status(). A copy that close() breaks
   * off leaves nothing behind.
   */
  setup(options?: SetupOptions): Promise<void>
  /** Begins to follow MySQL, or stands by while another process does. */
  start(): Promise<void>
  close(): Promise<void>
  /**
   * Runs `work` on Postgres and carries what it wrote to the group's owner, all or nothing. `work` may run more than once:
   * it must have no other effect than its writes.
   * @throws AppError 'sync.conflict', 'sync.stale', 'sync.stopped', 'sync.write-refused' with nothing written anywhere;
   *   'sync.outcome-unknown' when the owner vanished at the commit
   */
  transaction<T>(group: string, work: (tx: SyncTransaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Waits until Postgres holds what the owner held at the call. `fresh` at once for tables that MySQL does not own. */
  caughtUp(tables: readonly string[], options: FreshnessOptions): Promise<Freshness>
  /** Compares every row of the group; differences count only when they outlast the lag. */
  verify(group: string, options?: VerifyOptions): Promise<VerifyReport>
  status(): SyncStatus
}

/** What a handler writes with: Drizzle inside the open Postgres transaction. */
export type SyncTransaction = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0]

export interface SyncOptions {
  readonly definition: SyncDefinition
  /** Stays open after close(): whoever opened it closes it. */
  readonly mysql: Mysql
  readonly postgres: Postgres
  /** Name of Fig's own schema in both databases. */
  readonly ownSchema?: string
  readonly log: Logger
  readonly metrics?: Metrics
  readonly limits?: Partial<SyncLimits>
}

export interface SyncLimits {
  /** The longest a transaction waits for Postgres to catch up before it begins. */
  readonly catchUpTimeoutMs: number
  /** The longest it waits right before its commit, with rows locked, for changes that meet it; then it counts as a conflict. */
  readonly barrierTimeoutMs: number
  /** How often a transaction that met a conflict is tried before it fails. */
  readonly attemptsMax: number
  /** The longest `work` may leave the Postgres transaction idle: its locks hold up the applier. */
  readonly idleInTransactionMs: number
  /** After so long without a sign of life from MySQL the capture connection is given up and opened anew. */
  readonly silenceTimeoutMs: number
  /** Captured row changes that wait to be applied before reading from MySQL pauses. */
  readonly pendingChangesMax: number
}

export interface TransactionOptions {
  /** Ends the attempt before the point of no return; after it the write stands. */
  readonly signal?: AbortSignal
}

export interface FreshnessOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

export type Freshness = 'fresh' | 'stale'

export interface SetupOptions {
  readonly onProgress?: (progress: SetupProgress) => void
  /** Groups to empty and copy anew though nothing is wrong with them; stopped ones always are. */
  readonly refill?: readonly string[]
}

export type SetupProgress =
  | { readonly step: 'schema' | 'tables' | 'triggers' }
  | {
      readonly step: 'copy'
      readonly group: string
      readonly table: string
      readonly rows: number
      readonly rowsEstimate: number
    }
  | { readonly step: 'copied'; readonly group: string; readonly rows: number; readonly durationMs: number }

export interface VerifyOptions {
  readonly signal?: AbortSignal
  /** Differences to report before giving up on finding more. */
  readonly differencesMax?: number
}

export interface VerifyReport {
  readonly group: string
  readonly equal: boolean
  readonly rows: Readonly<Record<string, number>>
  readonly differences: readonly RowDifference[]
}

/** Seen from the owner: `missing` in the follower, `extra` in the follower, `different` in the named columns. */
export interface RowDifference {
  readonly table: string
  readonly key: readonly string[]
  readonly kind: 'missing' | 'extra' | 'different'
  readonly columns: readonly string[]
}

export type Phase = 'legacy' | 'backfilling' | 'dual' | 'fenced' | 'modern'
export type Owner = 'mysql' | 'postgres'

export interface SyncStatus {
  readonly stream: 'idle' | 'connecting' | 'streaming' | 'standby' | 'stopped'
  /** The last MySQL transaction whose changes Postgres holds. */
  readonly position: string | undefined
  readonly pendingChanges: number
  readonly groups: readonly GroupStatus[]
}

export interface GroupStatus {
  readonly name: string
  readonly phase: Phase
  readonly owner: Owner
  readonly epoch: string
  /** Why following this group was stopped. */
  readonly stopped: string | undefined
}
