import type { ClientBase } from 'pg'
import type { MappedTable, Mapping } from '../mapping/compile.ts'
import { imageFromModern, type RowImage } from '../mapping/row-change.ts'
import { deleteChildren } from './statements.ts'

/** Deletes what MySQL deletes by itself when the parent row goes: the declared children, and theirs. */
export async function deleteCascaded(
  client: ClientBase,
  mapping: Mapping,
  parent: MappedTable,
  image: RowImage,
): Promise<void> {
  for (const cascade of parent.cascades) {
    const child = mapping.tables.get(cascade.child)
    if (child === undefined) continue
    const columns = cascade.columns.map((pair) => ({ child: pair.child, value: image[pair.parent] ?? null }))
    const statement = deleteChildren(child, columns)
    const { rows } = await client.query<Record<string, string | null>>({ ...statement, values: [...statement.values] })
    if (child.cascades.length === 0) continue
    for (const row of rows) await deleteCascaded(client, mapping, child, imageFromModern(child, row))
  }
}
