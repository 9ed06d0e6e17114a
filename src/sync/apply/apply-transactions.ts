import type { ClientBase } from 'pg'
import { quotePostgresName } from '../../db/index.ts'
import { faultPoint } from '../../platform/index.ts'
import type { CapturedTransaction } from '../capture/binlog-stream.ts'
import type { BinlogPlace, FollowedGroup, GroupStore } from '../groups.ts'
import type { MappedTable, Mapping } from '../mapping/compile.ts'
import { residual } from '../mapping/fold.ts'
import type { RowChange } from '../mapping/row-change.ts'
import { readOutbox } from '../outbox/read-outbox.ts'
import { applyingSetting } from '../outbox/triggers.ts'
import { applyChanges, type Conflict } from './apply-changes.ts'

export interface ApplyTransactionsOptions {
  readonly client: ClientBase
  readonly mapping: Mapping
  readonly groups: GroupStore
  readonly ownSchema: string
  readonly transactions: readonly CapturedTransaction[]
  /** False for tables whose group already holds this transaction, or has been stopped. */
  readonly wanted: (transaction: CapturedTransaction, table: MappedTable) => boolean
  /** The groups whose checkpoint moves to `place`, in the same Postgres transaction. */
  readonly checkpointGroups: readonly FollowedGroup[]
  readonly place: BinlogPlace
  readonly onConflict: (conflict: Conflict) => void
}

/**
 * Brings a run of MySQL transactions to Postgres in one Postgres transaction, with the position that they end at and the ids
 * that they carry: after a crash the same run either is there as a whole or comes again.
 */
export async function applyTransactions(options: ApplyTransactionsOptions): Promise<void> {
  const { client, groups } = options
  await faultPoint('sync.before-apply')
  await client.query(`begin; select set_config('${applyingSetting}', 'on', true)`)
  try {
    for (const transaction of options.transactions) await applyTransaction(transaction, options)
    await faultPoint('sync.before-checkpoint')
    await groups.saveCheckpoints(client, options.checkpointGroups, options.place)
    await client.query('commit')
  } catch (error) {
    // Where the connection is gone there is nothing left to roll back.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
  await faultPoint('sync.after-checkpoint')
}

// --- internal ---

async function applyTransaction(transaction: CapturedTransaction, options: ApplyTransactionsOptions): Promise<void> {
  const { client, mapping, ownSchema, onConflict } = options
  const wanted = transaction.changes.filter(({ table }) => options.wanted(transaction, table))
  const changes =
    transaction.transactionId === undefined ? wanted : await notYetHeld(transaction.transactionId, wanted, options)
  if (changes.length === 0) return
  const { domain, server, sequence } = transaction.gtid
  await applyChanges(changes, { client, mapping, ownSchema, onConflict, position: `${domain}-${server}-${sequence}` })
}

/**
 * A handler's transaction. Inserting its id waits for a handler that is between its two commits. If Postgres then holds it,
 * only what MySQL made beyond the handler's own writes is left; if the handler died, all of it is.
 */
async function notYetHeld(
  id: string,
  changes: readonly RowChange[],
  { client, mapping, ownSchema }: ApplyTransactionsOptions,
): Promise<readonly RowChange[]> {
  const own = quotePostgresName(ownSchema)
  const { rowCount } = await client.query({
    name: 'fig_claim_transaction',
    text: `insert into ${own}.applied_transactions (id, origin) values ($1, 'binlog') on conflict (id) do nothing`,
    values: [id],
  })
  if (rowCount === 1) return changes
  const written = await readOutbox(client, mapping, ownSchema, id)
  await client.query({
    name: 'fig_settle_transaction',
    text: `delete from ${own}.outbox where transaction_id = $1`,
    values: [id],
  })
  return residual(written, changes)
}
