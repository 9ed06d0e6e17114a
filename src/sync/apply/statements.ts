import { quotePostgresName } from '../../db/index.ts'
import type { MappedColumn, MappedTable } from '../mapping/compile.ts'
import { modernName } from '../mapping/ddl.ts'
import { changedColumns, type RowChange, subtractDecimal } from '../mapping/row-change.ts'

/** A statement for Postgres; `name` makes it a prepared one. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly (string | null)[]
}

/**
 * The statements that apply a change where the row still is as the change says it was, and touch nothing (0 rows) where it
 * is not. An update writes only what changed; counters are added to, whatever they are.
 */
export function guardedStatement(change: RowChange): Statement {
  if (change.before === undefined) return insertStatement(change)
  return change.after === undefined ? guardedDelete(change) : guardedUpdate(change)
}

/** Makes the changed columns as MySQL has them, whatever they are now: how a conflict ends while MySQL owns the group. */
export function overwriteStatement(change: RowChange): Statement {
  const { table, after, key } = change
  if (after === undefined) return deleteByKey(table, key)
  const columns = change.before === undefined ? table.columns : changedColumns(change)
  const assigned = columns.map((column, index) => `${name(column)} = $${index + 1}`)
  return statement({
    text: `update ${modernName(table)} set ${assigned.join(', ')} where ${keyCondition(table, columns.length)}`,
    values: [...columns.map((column) => after[column.name] ?? null), ...key],
  })
}

export function insertStatement(change: RowChange): Statement {
  const { table, after } = change
  const columns = table.columns
  return statement({
    text: `insert into ${modernName(table)} (${columns.map(name).join(', ')})
           values (${columns.map((_, index) => `$${index + 1}`).join(', ')})
           on conflict (${table.key.map(name).join(', ')}) do nothing`,
    values: columns.map((column) => after?.[column.name] ?? null),
  })
}

/** The row's columns as text, by key; the row is locked. */
export function selectForUpdate(table: MappedTable, key: readonly string[]): Statement {
  return statement({
    text: `select ${table.columns.map((column) => `${name(column)}::text as ${name(column)}`).join(', ')}
             from ${modernName(table)} where ${keyCondition(table, 0)} for update`,
    values: key,
  })
}

export function deleteChildren(
  child: MappedTable,
  columns: readonly { readonly child: string; readonly value: string | null }[],
): Statement {
  const condition = columns.map((pair, index) => `${quotePostgresName(pair.child)} = $${index + 1}`).join(' and ')
  return statement({
    text: `delete from ${modernName(child)} where ${condition}
           returning ${child.columns.map((column) => `${name(column)}::text as ${name(column)}`).join(', ')}`,
    values: columns.map(({ value }) => value),
  })
}

// --- internal ---

function guardedUpdate(change: RowChange): Statement {
  const { table, key } = change
  const before = change.before ?? {}
  const after = change.after ?? {}
  const columns = changedColumns(change)
  const plain = columns.filter((column) => !column.counter)
  const assigned = columns.map((column, index) =>
    column.counter ? `${name(column)} = ${name(column)} + $${index + 1}` : `${name(column)} = $${index + 1}`,
  )
  const guards = plain.map((column, index) => same(column, columns.length + table.key.length + index + 1))
  return statement({
    text: `update ${modernName(table)} set ${assigned.join(', ')}
            where ${[keyCondition(table, columns.length), ...guards].join(' and ')}`,
    values: [
      ...columns.map((column) =>
        column.counter
          ? subtractDecimal(after[column.name] ?? '0', before[column.name] ?? '0')
          : (after[column.name] ?? null),
      ),
      ...key,
      ...plain.map((column) => before[column.name] ?? null),
    ],
  })
}

function guardedDelete(change: RowChange): Statement {
  const { table, key } = change
  const plain = table.columns.filter((column) => !column.counter && !table.key.includes(column))
  const guards = plain.map((column, index) => same(column, table.key.length + index + 1))
  return statement({
    text: `delete from ${modernName(table)} where ${[keyCondition(table, 0), ...guards].join(' and ')}`,
    values: [...key, ...plain.map((column) => change.before?.[column.name] ?? null)],
  })
}

export function deleteByKey(table: MappedTable, key: readonly string[]): Statement {
  return statement({
    text: `delete from ${modernName(table)} where ${keyCondition(table, 0)}`,
    values: key,
  })
}

function keyCondition(table: MappedTable, offset: number): string {
  return table.key.map((column, index) => `${name(column)} = $${offset + index + 1}`).join(' and ')
}

/** Text is compared by its bytes: a column's own collation may hold 'a' and 'A' for equal. */
function same(column: MappedColumn, parameter: number): string {
  return column.codec.modernTypes.includes('text')
    ? `${name(column)}::text collate "C" is not distinct from $${parameter}`
    : `${name(column)} is not distinct from $${parameter}`
}

function name(column: MappedColumn): string {
  return quotePostgresName(column.name)
}

// By text: one connection must never meet one name for two texts. A mapping has few texts; a table with very many updated
// column combinations stops being prepared rather than filling the server's memory.
const preparedNames = new Map<string, string>()
const preparedMax = 2000

function statement(parts: Omit<Statement, 'name'>): Statement {
  const known = preparedNames.get(parts.text)
  if (known !== undefined) return { name: known, ...parts }
  if (preparedNames.size >= preparedMax) return { name: '', ...parts }
  const fresh = `fig_${preparedNames.size}`
  preparedNames.set(parts.text, fresh)
  return { name: fresh, ...parts }
}
