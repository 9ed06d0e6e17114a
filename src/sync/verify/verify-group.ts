import type { PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import {
  type Mysql,
  type MysqlConnection,
  type Postgres,
  quoteMysqlName,
  quotePostgresName,
  streamMysqlRows,
} from '../../db/index.ts'
import { AppError } from '../../platform/index.ts'
import type { LegacyValue } from '../mapping/codec.ts'
import type { MappedColumn, MappedTable } from '../mapping/compile.ts'
import { modernName } from '../mapping/ddl.ts'
import { imageFromLegacy, imageFromModern, keyOf, type LegacyRow, type RowImage } from '../mapping/row-change.ts'
import type { RowDifference, VerifyReport } from '../sync.ts'
import { readCopy } from './read-copy.ts'

export interface VerifyGroupOptions {
  readonly mysql: Mysql
  readonly postgres: Postgres
  readonly group: string
  readonly tables: readonly MappedTable[]
  readonly differencesMax: number
  readonly signal: AbortSignal | undefined
  /** Waits until Postgres holds what MySQL holds; false when it cannot. */
  readonly caughtUp: () => Promise<boolean>
}

/**
 * Walks both sides of every table in key order and compares row by row, all mapped columns. While writers are at work the
 * sides are read at different moments: a difference counts only if it is still there after Postgres has caught up.
 */
export async function verifyGroup(options: VerifyGroupOptions): Promise<VerifyReport> {
  const rows: Record<string, number> = {}
  const differences: RowDifference[] = []
  for (const table of options.tables) {
    let suspects: (readonly string[])[] = []
    const settle = async (): Promise<void> => {
      differences.push(...(await confirm(options, table, suspects)))
      suspects = []
    }
    rows[table.name] = await compareTable(options, table, async (key) => {
      suspects.push(key)
      // Suspects that are cleared are no reason to leave the rest of the table unread.
      if (suspects.length >= options.differencesMax) await settle()
      return differences.length < options.differencesMax
    })
    await settle()
  }
  return { group: options.group, equal: differences.length === 0, rows, differences }
}

// --- internal ---

const confirmRounds = 3

/** @param onSuspect told the key of a row that differs; answers whether to go on */
async function compareTable(
  { mysql, postgres, signal }: VerifyGroupOptions,
  table: MappedTable,
  onSuspect: (key: readonly string[]) => Promise<boolean>,
): Promise<number> {
  const connection = await mysql.connect()
  const client = await postgres.pool.connect()
  let count = 0
  try {
    const legacy = legacyRows(connection, table)[Symbol.asyncIterator]()
    const modern = modernRows(client, table)[Symbol.asyncIterator]()
    let [left, right] = await Promise.all([legacy.next(), modern.next()])
    while (left.done !== true || right.done !== true) {
      signal?.throwIfAborted()
      const order = compareRows(
        table,
        left.done === true ? undefined : left.value,
        right.done === true ? undefined : right.value,
      )
      const image = order <= 0 ? (left.value as RowImage) : (right.value as RowImage)
      const equal = order === 0 && differingColumns(table, left.value as RowImage, right.value as RowImage).length === 0
      if (!equal && !(await onSuspect(keyOf(table, image)))) break
      if (order <= 0) {
        count += 1
        left = await legacy.next()
      }
      if (order >= 0) right = await modern.next()
    }
    return count
  } finally {
    // Both may be in the middle of an answer.
    connection.destroy()
    client.release(true)
  }
}

/** Reads suspicious rows again, after catching up, until they agree or keep differing. */
async function confirm(
  options: VerifyGroupOptions,
  table: MappedTable,
  suspects: readonly (readonly string[])[],
): Promise<readonly RowDifference[]> {
  let open = suspects
  let differences: readonly RowDifference[] = []
  for (let round = 1; round <= confirmRounds && open.length > 0; round += 1) {
    if (!(await options.caughtUp())) {
      throw new AppError('sync.stale', `${table.name}: cannot be verified, Postgres does not catch up with MySQL`)
    }
    const found: RowDifference[] = []
    for (const key of open) {
      const difference = await readAgain(options, table, key)
      if (difference !== undefined) found.push(difference)
    }
    differences = found
    open = found.map(({ key }) => key)
  }
  return differences
}

async function readAgain(
  { mysql, postgres }: VerifyGroupOptions,
  table: MappedTable,
  key: readonly string[],
): Promise<RowDifference | undefined> {
  const condition = table.key.map(
    (column, index) => `${quoteMysqlName(column.legacy)} = ${column.codec.toLegacy(key[index] ?? '')}`,
  )
  const [legacyFound] = await mysql.pool.query(`${legacySelect(table)} where ${condition.join(' and ')}`)
  const { rows } = await postgres.pool.query<Record<string, string | null>>(
    `${modernSelect(table)} where ${table.key.map((column, index) => `${quotePostgresName(column.name)} = $${index + 1}`).join(' and ')}`,
    [...key],
  )
  const legacyRow = (legacyFound as readonly LegacyRow[])[0]
  const legacy = legacyRow === undefined ? undefined : imageFromLegacy(table, legacyRow)
  const modern = rows[0] === undefined ? undefined : imageFromModern(table, rows[0])
  if (legacy === undefined && modern === undefined) return undefined
  if (legacy === undefined) return { table: table.name, key, kind: 'extra', columns: [] }
  if (modern === undefined) return { table: table.name, key, kind: 'missing', columns: [] }
  const columns = differingColumns(table, legacy, modern)
  return columns.length === 0 ? undefined : { table: table.name, key, kind: 'different', columns }
}

function differingColumns(table: MappedTable, left: RowImage, right: RowImage): readonly string[] {
  return table.columns.map(({ name }) => name).filter((name) => left[name] !== right[name])
}

/** Below 0: only the left side has the row that comes next; above 0: only the right side. */
function compareRows(table: MappedTable, left: RowImage | undefined, right: RowImage | undefined): number {
  if (left === undefined) return 1
  if (right === undefined) return -1
  for (const column of table.key) {
    const order = compareValues(column, left[column.name] ?? '', right[column.name] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function compareValues(column: MappedColumn, left: string, right: string): number {
  if (left === right) return 0
  if (column.codec.order === 'number') return BigInt(left) < BigInt(right) ? -1 : 1
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function legacySelect(table: MappedTable): string {
  const columns = table.columns.map((column) => {
    const name = quoteMysqlName(column.legacy)
    return `${column.codec.legacySelect(name)} as ${name}`
  })
  return `select ${columns.join(', ')} from ${quoteMysqlName(table.legacy)}`
}

function modernSelect(table: MappedTable): string {
  const columns = table.columns.map(({ name }) => `${quotePostgresName(name)}::text as ${quotePostgresName(name)}`)
  return `select ${columns.join(', ')} from ${modernName(table)}`
}

async function* legacyRows(connection: MysqlConnection, table: MappedTable): AsyncGenerator<RowImage> {
  // Both sides in the order of the bytes, whatever their collations say. A bare name would mean the column of the result, which
  // is text.
  const order = table.key.map(({ legacy, codec }) => {
    const name = `${quoteMysqlName(table.legacy)}.${quoteMysqlName(legacy)}`
    return codec.kind === 'text' ? `binary convert(${name} using utf8mb4)` : name
  })
  const sql = `${legacySelect(table)} order by ${order.join(', ')}`
  for await (const row of streamMysqlRows(connection, sql))
    yield imageFromLegacy(table, row as Readonly<Record<string, LegacyValue | null>>)
}

async function* modernRows(client: PoolClient, table: MappedTable): AsyncGenerator<RowImage> {
  const order = table.key.map((column) => {
    const name = `${modernName(table)}.${quotePostgresName(column.name)}`
    return column.codec.modernTypes.includes('text') ? `${name}::text collate "C"` : name
  })
  const stream = client.query(copyTo(`copy (${modernSelect(table)} order by ${order.join(', ')}) to stdout`))
  const names = table.columns.map(({ name }) => name)
  for await (const values of readCopy(stream)) {
    yield imageFromModern(table, Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])))
  }
}
