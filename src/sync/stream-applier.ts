import { setTimeout as delay } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import { databaseErrorCode } from '../db/index.ts'
import { isAppError, type Logger } from '../platform/index.ts'
import type { Conflict } from './apply/apply-changes.ts'
import { applyTransactions } from './apply/apply-transactions.ts'
import type { CapturedTransaction } from './capture/binlog-stream.ts'
import { advance, covers, coversAll, type GtidPosition } from './capture/gtid.ts'
import { type BinlogPlace, type FollowedGroup, type GroupState, type GroupStore, groupsChannel } from './groups.ts'
import type { MappedTable, Mapping } from './mapping/compile.ts'
import type { PendingTransactions } from './pending-transactions.ts'
import type { WaitablePosition } from './waitable-position.ts'

/** Told of what happens in the stream. */
export interface StreamObserver {
  onApplied(transactions: readonly CapturedTransaction[]): void
  onConflict(conflict: Conflict): void
}

export interface StreamApplierOptions {
  readonly client: ClientBase
  readonly mapping: Mapping
  readonly groups: GroupStore
  readonly ownSchema: string
  readonly applied: WaitablePosition
  readonly followed: readonly GroupState[]
  readonly from: GtidPosition
  readonly observer: StreamObserver
  /** Called before any position moves past what the group is missing. */
  readonly onStopped: (group: string, reason: string) => void
  readonly log: Logger
}

/** Applies one stream: decides what is wanted of each transaction, retries, stops groups that cannot go on. */
export class StreamApplier {
  readonly #options: StreamApplierOptions
  readonly #followed: Map<string, GroupState>
  #place: BinlogPlace
  #savedAt = performance.now()
  #unsaved = false

  constructor(options: StreamApplierOptions) {
    this.#options = options
    this.#followed = new Map(options.followed.map((group) => [group.name, group]))
    this.#place = { position: options.from, file: '', fileOffset: 0 }
  }

  /** False once every group has been stopped. */
  get following(): boolean {
    return this.#followed.size > 0
  }

  /** Applies what waits at the moment, in runs of bounded size. */
  async apply(pending: PendingTransactions): Promise<void> {
    const run = pending.take(runChangesMax, (transaction) => transaction.stops.length === 0)
    const stopping = run.at(-1)?.stops ?? []
    const plain = stopping.length === 0 ? run : run.slice(0, -1)
    await this.#applyRun(plain)
    if (stopping.length === 0) return
    for (const { group, reason } of stopping) await this.#stop(group, reason)
    // The other groups get their part of the transaction that stopped these.
    await this.#applyRun(run.slice(-1))
  }

  /** Positions move with every transaction of the server, also of other schemas; those are saved now and then. */
  async saveProgress(): Promise<void> {
    if (!this.#unsaved) return
    const { groups, client } = this.#options
    await groups.saveCheckpoints(client, this.#groupsAt(this.#place.position), this.#place)
    this.#saved()
  }

  async stopAll(reason: string): Promise<void> {
    for (const group of [...this.#followed.keys()]) await this.#stop(group, reason)
  }

  // --- internal ---

  async #applyRun(run: readonly CapturedTransaction[]): Promise<void> {
    const last = run.at(-1)
    if (last === undefined) return
    const position = run.reduce((reached, { gtid }) => advance(reached, gtid), this.#place.position)
    const place = { position, file: last.file, fileOffset: last.fileOffset }
    const relevant = run.filter((transaction) => this.#isRelevant(transaction))
    if (relevant.length > 0) {
      if (!(await this.#applyRelevant(relevant, place)) && relevant.length > 1) {
        // Something in the run cannot be applied: alone it is found, and only its groups stop.
        for (const transaction of run) await this.#applyRun([transaction])
        return
      }
      this.#options.observer.onApplied(relevant)
    }
    this.#place = place
    this.#unsaved = relevant.length === 0
    for (const { gtid } of run) this.#options.applied.advance(gtid)
    if (relevant.length > 0) this.#saved()
    else if (performance.now() - this.#savedAt > saveEveryMs) await this.saveProgress()
  }

  /** False when a run of several could not be applied as a whole. */
  async #applyRelevant(transactions: readonly CapturedTransaction[], place: BinlogPlace): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await applyTransactions({
          ...this.#options,
          transactions,
          wanted: (transaction, table) => this.#isWanted(transaction, table),
          checkpointGroups: this.#groupsAt(place.position),
          place,
          onConflict: (conflict) => this.#options.observer.onConflict(conflict),
        })
        return true
      } catch (error) {
        if (isRetryable(error)) {
          if (attempt > 2 && transactions.length > 1) return false
          this.#options.log.debug({ err: error, attempt }, 'applying again')
          await delay(Math.random() * Math.min(500, 5 * 2 ** attempt))
          continue
        }
        if (!isRowProblem(error)) throw error
        if (transactions.length > 1) return false
        await this.#stopConcerned(transactions, error)
      }
    }
  }

  async #stopConcerned(transactions: readonly CapturedTransaction[], error: unknown): Promise<void> {
    const concerned = new Set(
      transactions.flatMap((transaction) =>
        transaction.changes.filter(({ table }) => this.#isWanted(transaction, table)).map(({ table }) => table.group),
      ),
    )
    this.#options.log.error({ err: error, groups: [...concerned] }, 'a change cannot be applied')
    if (concerned.size === 0) throw error
    for (const group of concerned) await this.#stop(group, problemOf(error))
  }

  async #stop(group: string, reason: string): Promise<void> {
    if (!this.#followed.delete(group)) return
    const { groups, client, log, onStopped } = this.#options
    log.error({ group, reason }, 'this group is no longer followed; set it up anew to go on')
    onStopped(group, reason)
    await groups.stop(client, group, reason)
    await client.query('select pg_notify($1, $2)', [groupsChannel, group])
  }

  #isWanted(transaction: CapturedTransaction, table: MappedTable): boolean {
    const group = this.#followed.get(table.group)
    return group?.checkpoint !== undefined && !covers(group.checkpoint, transaction.gtid)
  }

  #isRelevant(transaction: CapturedTransaction): boolean {
    return (
      transaction.transactionId !== undefined ||
      transaction.changes.some(({ table }) => this.#isWanted(transaction, table))
    )
  }

  /** A group that was copied later than this stream stands keeps its own, later checkpoint. */
  #groupsAt(position: GtidPosition): readonly FollowedGroup[] {
    return [...this.#followed.values()].filter(
      ({ checkpoint }) => checkpoint !== undefined && coversAll(position, checkpoint),
    )
  }

  #saved(): void {
    this.#unsaved = false
    this.#savedAt = performance.now()
  }
}

const runChangesMax = 500
const saveEveryMs = 1000

function isRetryable(error: unknown): boolean {
  return ['40001', '40P01', '55P03', '57014'].includes(databaseErrorCode(error) ?? '')
}

/** The row is at fault, or the table, but not the connection or the server: the same again would fail again. */
function isRowProblem(error: unknown): boolean {
  if (isAppError(error)) return error.code === 'sync.value-refused'
  return /^(?:21|22|23|42|44|P0|FI)/.test(databaseErrorCode(error) ?? '')
}

/** Names only: the message of Postgres quotes values. */
function problemOf(error: unknown): string {
  if (isAppError(error)) return error.message
  const named = (name: 'table' | 'column' | 'constraint') => {
    const value: unknown =
      error instanceof Error && name in error ? (error as unknown as Record<string, unknown>)[name] : undefined
    return typeof value === 'string' && value !== '' ? ` ${name} ${value}` : ''
  }
  return `Postgres refused a change (${databaseErrorCode(error)})${named('table')}${named('column')}${named('constraint')}`
}
