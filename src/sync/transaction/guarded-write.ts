import type { RowDataPacket } from 'mysql2/promise'
import { type MysqlPoolConnection, quoteMysqlName } from '../../db/index.ts'
import { AppError } from '../../platform/index.ts'
import type { MappedColumn, MappedTable } from '../mapping/compile.ts'
import { fold, type NetChange } from '../mapping/fold.ts'
import {
  changedColumns,
  imageFromLegacy,
  type LegacyRow,
  legacyLiteral,
  type RowChange,
  type RowImage,
  rowIdentity,
  subtractDecimal,
} from '../mapping/row-change.ts'

/** Thrown where MySQL's row is not as the handler saw it; the attempt is rolled back and tried again. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict'
}

/** A statement that MySQL has not answered by then met a dead connection: row locks give up earlier. */
export const statementTimeoutMs = 8000

/**
 * Writes a handler's changes to MySQL, inside a transaction that the caller commits. First every row that is to be changed is
 * locked and compared with what the handler saw, then all is written: a legacy trigger that fires on the way may alter rows
 * of the same transaction, and must not look like somebody else.
 * @throws WriteConflict
 */
export async function guardedWrite(connection: MysqlPoolConnection, changes: readonly RowChange[]): Promise<void> {
  const touched = [...fold(changes).values()].filter(({ before }) => before !== undefined)
  for (const [table, rows] of Map.groupBy(touched, (change) => change.table)) {
    await checkBeforeImages(connection, table, rows)
  }
  for (const change of withoutCascaded(changes)) {
    const [result] = await connection.query({ sql: writeStatement(change), timeout: statementTimeoutMs })
    const affected = 'affectedRows' in result ? result.affectedRows : 0
    if (affected !== 1) throw new WriteConflict(`a row of ${change.table.legacy} was not there to be written`)
  }
}

// --- internal ---

async function checkBeforeImages(
  connection: MysqlPoolConnection,
  table: MappedTable,
  rows: readonly NetChange[],
): Promise<void> {
  const columns = table.columns.map((column) => {
    const name = quoteMysqlName(column.legacy)
    return `${column.codec.legacySelect(name)} as ${name}`
  })
  const conditions = rows.map((row) => `(${keyCondition(table, row.key)})`)
  const sql = `select ${columns.join(', ')} from ${quoteMysqlName(table.legacy)} where ${conditions.join(' or ')} for update`
  const [found] = await connection.query<RowDataPacket[]>({ sql, timeout: statementTimeoutMs })
  const images = new Map(
    found.map((row) => {
      const image = imageFromLegacy(table, row as LegacyRow)
      return [
        rowIdentity(
          table,
          table.key.map(({ name }) => image[name] ?? ''),
        ),
        image,
      ]
    }),
  )
  for (const row of rows) {
    const image = images.get(rowIdentity(table, row.key))
    if (image === undefined) throw new WriteConflict(`a row of ${table.legacy} is gone`)
    const differing = guardedColumns(row).filter(({ name }) => image[name] !== row.before?.[name])
    if (differing.length > 0) {
      throw new WriteConflict(`${table.legacy}: ${differing.map(({ legacy }) => legacy).join(', ')} changed meanwhile`)
    }
  }
}

/** Of an update what it changes; of a delete everything. Counters are added to, whatever they are. */
function guardedColumns(row: NetChange): readonly MappedColumn[] {
  const { table, before, after } = row
  return table.columns.filter(
    ({ name, counter }) => !counter && (after === undefined || before?.[name] !== after[name]),
  )
}

/**
 * Deletes that Postgres cascaded from a parent come right behind it and are left to InnoDB, which cascades too, without firing
 * triggers. Children that the handler deleted itself, before the parent, are deleted as it did.
 */
function withoutCascaded(changes: readonly RowChange[]): readonly RowChange[] {
  const parents: RowChange[] = []
  return changes.filter((change) => {
    if (change.after !== undefined) return true
    const cascaded = parents.some((parent) => isChildOf(change, parent))
    parents.push(change)
    return !cascaded
  })
}

function isChildOf(change: RowChange, parent: RowChange): boolean {
  return parent.table.cascades.some(
    (cascade) =>
      cascade.child === change.table.name &&
      cascade.columns.every((pair) => change.before?.[pair.child] === parent.before?.[pair.parent]),
  )
}

export function writeStatement(change: RowChange): string {
  const { table, key, before, after } = change
  const target = quoteMysqlName(table.legacy)
  if (after === undefined) return `delete from ${target} where ${keyCondition(table, key)}`
  if (before === undefined) {
    const names = table.columns.map((column) => quoteMysqlName(column.legacy))
    const values = table.columns.map((column) => legacyLiteral(table, column, after[column.name] ?? null))
    return `insert into ${target} (${names.join(', ')}) values (${values.join(', ')})`
  }
  const assigned = changedColumns(change).map((column) => assignment(table, column, before, after))
  return `update ${target} set ${assigned.join(', ')} where ${keyCondition(table, key)}`
}

function assignment(table: MappedTable, column: MappedColumn, before: RowImage, after: RowImage): string {
  const name = quoteMysqlName(column.legacy)
  const value = after[column.name] ?? null
  if (!column.counter) return `${name} = ${legacyLiteral(table, column, value)}`
  const difference = subtractDecimal(value ?? '0', before[column.name] ?? '0')
  // An unsigned counter minus something is computed signed only if it is written as a subtraction.
  return difference.startsWith('-')
    ? `${name} = ${name} - ${legacyLiteral(table, column, difference.slice(1))}`
    : `${name} = ${name} + ${legacyLiteral(table, column, difference)}`
}

function keyCondition(table: MappedTable, key: readonly string[]): string {
  if (table.key.length !== key.length)
    throw new AppError('sync.write-refused', `${table.name}: a key of the wrong length`)
  return table.key
    .map((column, index) => `${quoteMysqlName(column.legacy)} = ${legacyLiteral(table, column, key[index] ?? '')}`)
    .join(' and ')
}
