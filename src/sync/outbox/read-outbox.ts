import type { ClientBase } from 'pg'
import { quotePostgresName, quotePostgresText } from '../../db/index.ts'
import { AppError } from '../../platform/index.ts'
import type { Mapping } from '../mapping/compile.ts'
import { imageFromModern, type RowChange, type RowImage, rowChange } from '../mapping/row-change.ts'

/** What the row triggers recorded of one transaction, in order. */
export async function readOutbox(
  client: ClientBase,
  mapping: Mapping,
  ownSchema: string,
  transactionId: string,
): Promise<readonly RowChange[]> {
  const { rows } = await client.query<OutboxRow>({
    name: 'fig_read_outbox',
    text: `${selection(ownSchema)} where transaction_id = $1 order by id`,
    values: [transactionId],
  })
  return rows.map((row) => recordedChange(row, mapping))
}

/**
 * The same from within the transaction, at its end. Constraints that wait for the commit are checked now: the Postgres commit
 * comes after the point of no return and must not fail for a reason that could be known before. One round trip.
 */
export async function closeOutbox(
  client: ClientBase,
  mapping: Mapping,
  ownSchema: string,
  transactionId: string,
): Promise<readonly RowChange[]> {
  const results: unknown = await client.query(
    `set constraints all immediate;
     ${selection(ownSchema)} where transaction_id = ${quotePostgresText(transactionId)} order by id`,
  )
  const rows = (results as readonly { readonly rows: readonly OutboxRow[] }[]).at(-1)?.rows ?? []
  return rows.map((row) => recordedChange(row, mapping))
}

// --- internal ---

function selection(ownSchema: string): string {
  return `select table_name, before::text as before, after::text as after from ${quotePostgresName(ownSchema)}.outbox`
}

function recordedChange(row: OutboxRow, mapping: Mapping): RowChange {
  const table = mapping.tables.get(row.table_name)
  if (table === undefined) {
    throw new AppError('sync.write-refused', `table ${row.table_name} was written to but is not mapped`)
  }
  const image = (json: string | null): RowImage | undefined =>
    json === null ? undefined : imageFromModern(table, JSON.parse(json) as RowImage)
  return rowChange(table, image(row.before), image(row.after))
}

interface OutboxRow {
  readonly table_name: string
  readonly before: string | null
  readonly after: string | null
}
