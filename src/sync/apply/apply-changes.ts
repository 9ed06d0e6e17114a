import type { ClientBase } from 'pg'
import { quotePostgresName } from '../../db/index.ts'
import type { Mapping } from '../mapping/compile.ts'
import { imageFromModern, keyOf, type RowChange, type RowImage } from '../mapping/row-change.ts'
import { deleteCascaded } from './cascade.ts'
import {
  deleteByKey,
  guardedStatement,
  insertStatement,
  overwriteStatement,
  type Statement,
  selectForUpdate,
} from './statements.ts'

/** A row in Postgres that was not as MySQL's change said it was. Stored, and reported to whoever listens. */
export interface Conflict {
  readonly group: string
  readonly table: string
  readonly key: readonly string[]
  /** `exists`: to be inserted but there. `missing`: to be changed but gone. `changed`: there, but with other values. */
  readonly kind: 'exists' | 'missing' | 'changed'
}

export interface ApplyContext {
  /** Inside a transaction for which the row triggers are silent. */
  readonly client: ClientBase
  readonly mapping: Mapping
  readonly ownSchema: string
  /** Where the changes come from, for the record of a conflict. */
  readonly position: string
  readonly onConflict: (conflict: Conflict) => void
}

/**
 * Applies MySQL's changes in their order. A conflict means that somebody wrote to Postgres past Fig: MySQL owns the group, so
 * its values win, and what was found is kept in the conflicts table.
 */
export async function applyChanges(changes: readonly RowChange[], context: ApplyContext): Promise<void> {
  for (const change of changes) {
    if (change.after === undefined && change.before !== undefined) {
      await deleteCascaded(context.client, context.mapping, change.table, change.before)
    }
    const applied = await run(context.client, guardedStatement(change))
    if (applied === 0) await resolveForOwner(change, context)
  }
}

// --- internal ---

async function resolveForOwner(change: RowChange, context: ApplyContext): Promise<void> {
  const { client } = context
  const { table, key, after } = change
  const select = selectForUpdate(table, change.before === undefined && after !== undefined ? keyOf(table, after) : key)
  const { rows } = await client.query<Record<string, string | null>>({ ...select, values: [...select.values] })
  const found = rows[0] === undefined ? undefined : imageFromModern(table, rows[0])
  if (after === undefined) {
    if (found !== undefined) await run(client, deleteByKey(table, key))
  } else if (found === undefined || keyOf(table, after).some((part, index) => part !== key[index])) {
    await run(client, deleteByKey(table, key))
    await run(client, deleteByKey(table, keyOf(table, after)))
    await run(client, insertStatement(change))
  } else {
    await run(client, overwriteStatement(change))
  }
  const kind = found === undefined ? 'missing' : change.before === undefined ? 'exists' : 'changed'
  await record(change, kind, found, context)
}

async function record(
  change: RowChange,
  kind: Conflict['kind'],
  found: RowImage | undefined,
  context: ApplyContext,
): Promise<void> {
  const { table, key, before, after } = change
  const json = (image: RowImage | undefined) => (image === undefined ? null : JSON.stringify(image))
  await context.client.query(
    `insert into ${quotePostgresName(context.ownSchema)}.conflicts
       (group_name, table_name, key, kind, resolution, before, after, found, position)
     values ($1, $2, $3, $4, 'mysql-wins', $5, $6, $7, $8)`,
    [table.group, table.name, JSON.stringify(key), kind, json(before), json(after), json(found), context.position],
  )
  context.onConflict({ group: table.group, table: table.name, key, kind })
}

async function run(client: ClientBase, statement: Statement): Promise<number> {
  const result = await client.query({ ...statement, values: [...statement.values] })
  return result.rowCount ?? 0
}
