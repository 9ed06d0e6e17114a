import type { ClientBase } from 'pg'
import { quotePostgresName } from '../../db/index.ts'
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
    text: `select table_name, before::text as before, after::text as after
             from ${quotePostgresName(ownSchema)}.outbox where transaction_id = $1 order by id`,
    values: [transactionId],
  })
  return rows.map((row) => {
    const table = mapping.tables.get(row.table_name)
    if (table === undefined) {
      throw new AppError('sync.write-refused', `table ${row.table_name} was written to but is not mapped`)
    }
    const image = (json: string | null): RowImage | undefined =>
      json === null ? undefined : imageFromModern(table, JSON.parse(json) as RowImage)
    return rowChange(table, image(row.before), image(row.after))
  })
}

// --- internal ---

interface OutboxRow {
  readonly table_name: string
  readonly before: string | null
  readonly after: string | null
}
