import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { PoolClient } from 'pg'
import {
  databaseErrorCode,
  type Mysql,
  type Postgres,
  postgresProblem,
  quotePostgresName,
  quotePostgresText,
} from '../../db/index.ts'
import { AppError, faultPoint, isAppError, type Logger } from '../../platform/index.ts'
import { deleteCascaded } from '../apply/cascade.ts'
import type { GtidPosition } from '../capture/gtid.ts'
import type { Mapping } from '../mapping/compile.ts'
import type { RowChange } from '../mapping/row-change.ts'
import { closeOutbox } from '../outbox/read-outbox.ts'
import { transactionSetting } from '../outbox/triggers.ts'
import type { SyncLimits, SyncTransaction } from '../sync.ts'
import { commitToMysql } from './commit-mysql.ts'
import { WriteConflict } from './guarded-write.ts'

export interface TransactionContext {
  readonly mysql: Mysql
  readonly postgres: Postgres
  readonly mapping: Mapping
  readonly ownSchema: string
  /** Whether Postgres got where MySQL was at the call. */
  readonly caughtUp: (limits: { readonly timeoutMs: number; readonly signal?: AbortSignal }) => Promise<boolean>
  readonly letsPass: (changes: readonly RowChange[], position: GtidPosition) => Promise<boolean>
  readonly limits: SyncLimits
  /** Legacy column that MySQL numbers by itself, by modern table name. */
  readonly autoIncrement: ReadonlyMap<string, string>
  readonly log: Logger
}

/**
 * sync.transaction while MySQL owns the group:
 *
 *   Postgres catches up -> begin (Postgres) -> insert the id -> work, recorded by row triggers
 *     -> begin (MySQL) -> lock and compare rows -> write -> insert the id -> nothing that meets it is on its way
 *     -> commit MySQL: the point of no return -> commit Postgres
 *
 * A crash before it leaves nothing; a crash after it leaves the rest to the applier, which finds the id in the binlog.
 */
export async function runTransaction<T>(
  context: TransactionContext,
  group: string,
  work: (tx: SyncTransaction) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { limits, log } = context
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    await catchUp(context, signal)
    try {
      return await attemptTransaction(context, group, work, signal)
    } catch (error) {
      const kind = conflictKind(error)
      // Perhaps PHP's row came in between; if it is no race, the same error comes again, and is the handler's.
      if (kind === 'none' || (kind === 'constraint' && attempt >= constraintAttemptsMax)) throw error
      if (attempt >= limits.attemptsMax) {
        throw new AppError('sync.conflict', `${group}: other writers were faster ${attempt} times`, { cause: error })
      }
      log.debug(
        { group, attempt, reason: error instanceof WriteConflict ? error.message : databaseErrorCode(error) },
        'conflict, trying again',
      )
      await delay(Math.random() * 4 * 2 ** attempt)
    }
  }
}

// --- internal ---

async function catchUp(context: TransactionContext, signal: AbortSignal | undefined): Promise<void> {
  const { limits } = context
  const options = { timeoutMs: limits.catchUpTimeoutMs, ...(signal === undefined ? {} : { signal }) }
  if (await context.caughtUp(options)) return
  signal?.throwIfAborted()
  throw new AppError('sync.stale', `Postgres did not catch up with MySQL within ${limits.catchUpTimeoutMs} ms`)
}

async function attemptTransaction<T>(
  context: TransactionContext,
  group: string,
  work: (tx: SyncTransaction) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const id = randomUUID()
  const client = await context.postgres.pool.connect().catch((error: unknown) => {
    throw postgresProblem(error, context.postgres.place)
  })
  let result: { readonly value: T } | undefined
  const mysqlCommitted = Promise.withResolvers<void>()
  let committed = false
  try {
    const running = drizzle(client).transaction(async (tx) => {
      await openTransaction(client, context, group, id)
      const value = await work(tx)
      const changes = await collectChanges(client, context, group, id)
      signal?.throwIfAborted()
      if (changes.length > 0) {
        await commitToMysql({ ...context, transactionId: id, changes })
        committed = true
        mysqlCommitted.resolve()
        await faultPoint('sync.after-mysql-commit')
      }
      result = { value }
    })
    await settledSoonAfter(running, mysqlCommitted.promise)
    await faultPoint('sync.after-postgres-commit')
  } catch (error) {
    if (!committed || result === undefined) throw error
    // MySQL has it, Postgres did not answer: the applier brings it, or finds that Postgres has it after all.
    context.log.warn(
      { group, transactionId: id, code: databaseErrorCode(error) },
      'Postgres commit failed; the applier heals it',
    )
    await untilHeld(context, id)
  } finally {
    // Drizzle has rolled back where it could; a connection that is not idle by now is broken.
    client.release(client.getTransactionStatus() !== 'I')
  }
  if (result === undefined) throw new TypeError('a transaction without a result')
  return result.value
}

/** Once MySQL has committed, the caller does not wait for a Postgres that has fallen silent. */
async function settledSoonAfter(running: Promise<void>, committed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    void committed.then(() => {
      timer = setTimeout(() => reject(new Error('Postgres has not answered the commit')), heldTimeoutMs)
    })
  })
  try {
    await Promise.race([running, overdue])
  } finally {
    clearTimeout(timer)
  }
}

/** Ours from here on: row triggers record under this id; a flip of the group's owner waits for us, or refuses us. */
async function openTransaction(
  client: PoolClient,
  context: TransactionContext,
  group: string,
  id: string,
): Promise<void> {
  const own = quotePostgresName(context.ownSchema)
  const lock = quotePostgresText(`${context.ownSchema}/group/${group}`)
  // One round trip; each statement sees what was committed before it, so the group is read after its lock is held.
  const results: unknown = await client.query(`
    set local idle_in_transaction_session_timeout = ${Math.round(context.limits.idleInTransactionMs)};
    select set_config('${transactionSetting}', '${id}', true), pg_advisory_xact_lock_shared(hashtextextended(${lock}, 0));
    insert into ${own}.applied_transactions (id, origin) values ('${id}', 'handler');
    select phase, owner, stopped from ${own}.groups where name = ${quotePostgresText(group)}`)
  const last = (results as readonly { readonly rows: readonly GroupRow[] }[]).at(-1)
  const state = last?.rows[0]
  if (state === undefined) throw new AppError('sync.stopped', `${group}: has not been set up yet`)
  if (state.stopped !== null) throw new AppError('sync.stopped', `${group}: ${state.stopped}`)
  if (state.owner !== 'mysql' || state.phase !== 'dual') {
    throw new AppError('sync.stopped', `${group}: is ${state.phase}, owned by ${state.owner}`)
  }
}

interface GroupRow {
  readonly phase: string
  readonly owner: string
  readonly stopped: string | null
}

async function collectChanges(
  client: PoolClient,
  context: TransactionContext,
  group: string,
  id: string,
): Promise<readonly RowChange[]> {
  const { mapping, ownSchema } = context
  const changes = await closeOutbox(client, mapping, ownSchema, id)
  const parents = changes.filter(({ table, after }) => after === undefined && table.cascades.length > 0)
  for (const { table, before } of parents) {
    if (before !== undefined) await deleteCascaded(client, mapping, table, before)
  }
  const all = parents.length === 0 ? changes : await closeOutbox(client, mapping, ownSchema, id)
  for (const change of all) refuseUncarried(change, group, context)
  return all
}

function refuseUncarried(change: RowChange, group: string, { autoIncrement }: TransactionContext): void {
  const { table, before } = change
  if (table.group !== group) {
    throw new AppError('sync.write-refused', `${table.name} belongs to group ${table.group}, not to ${group}`)
  }
  if (before === undefined && autoIncrement.has(table.name)) {
    throw new AppError(
      'sync.write-refused',
      `${table.name}: MySQL numbers its rows (${autoIncrement.get(table.name)}); inserting from TypeScript is not carried yet`,
    )
  }
}

const constraintAttemptsMax = 3

function conflictKind(error: unknown): 'race' | 'constraint' | 'none' {
  if (error instanceof WriteConflict) return 'race'
  if (isAppError(error)) return 'none'
  const code = databaseErrorCode(error) ?? ''
  if (code === '40001' || code === '40P01') return 'race'
  return code === '23505' || code === '23503' ? 'constraint' : 'none'
}

const heldTimeoutMs = 5000

async function untilHeld(context: TransactionContext, id: string): Promise<void> {
  const own = quotePostgresName(context.ownSchema)
  const deadline = performance.now() + heldTimeoutMs
  while (performance.now() < deadline) {
    const held = await context.postgres.pool
      .query(`select 1 from ${own}.applied_transactions where id = $1`, [id])
      .then(({ rowCount }) => rowCount === 1)
      .catch(() => false)
    if (held) return
    await delay(20)
  }
  // The write stands: MySQL owns the group. Postgres gets it when it can.
  context.log.error({ transactionId: id }, 'Postgres does not hold a committed write yet')
}
