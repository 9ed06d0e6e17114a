/** All rows of the legacy database: to see what a request has written, and to take it back. */
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { siteDatabase } from '../scripts/stack/index.ts'

type Row = Readonly<Record<string, unknown>>

export type Snapshot = ReadonlyMap<string, TableSnapshot>

export interface TableSnapshot {
  readonly checksum: string
  /** By key. One that occurs twice, in a table without primary key, has a number behind it. */
  readonly rows: ReadonlyMap<string, Row>
}

export interface RowDifference {
  readonly table: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before: Row | undefined
  readonly after: Row | undefined
}

export class LegacyRows implements AsyncDisposable {
  readonly #connection: Connection
  readonly #keys: ReadonlyMap<string, readonly string[]>

  private constructor(connection: Connection, keys: ReadonlyMap<string, readonly string[]>) {
    this.#connection = connection
    this.#keys = keys
  }

  /** @param only the tables to look at; all of them when absent */
  static async open(mysqlUrl: string, only?: readonly string[]): Promise<LegacyRows> {
    const connection = await createConnection({
      uri: mysqlUrl,
      database: siteDatabase,
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    })
    // As the site's own: zero dates are dates, and what a row holds now it may hold again.
    await connection.query("SET time_zone = '+00:00', sql_mode = ''")
    const keys = [...(await readKeys(connection))].filter(([table]) => only?.includes(table) ?? true)
    return new LegacyRows(connection, new Map(keys))
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const [rows] = await this.#connection.query<RowDataPacket[]>(sql, [...values])
    return rows
  }

  /** Tables that are as they were in `known` are not read again. */
  async snapshot(known?: Snapshot): Promise<Snapshot> {
    const tables = [...this.#keys.keys()]
    const checksums = await this.query(`CHECKSUM TABLE ${tables.map((table) => `\`${table}\``).join(', ')}`)
    const snapshot = new Map<string, TableSnapshot>()
    for (const [index, table] of tables.entries()) {
      const checksum = String(checksums[index]?.Checksum)
      const before = known?.get(table)
      snapshot.set(table, before?.checksum === checksum ? before : { checksum, rows: await this.#read(table) })
    }
    return snapshot
  }

  /** Makes the rows what they were. */
  async restore(wanted: Snapshot): Promise<void> {
    // A trigger may answer to what is taken back here, so it takes a second look.
    for (let round = 0; round < 4; round += 1) {
      const differences = differencesBetween(await this.snapshot(wanted), wanted)
      if (differences.length === 0) return
      for (const difference of differences) await this.#apply(difference)
    }
    throw new Error('the rows of the legacy database could not be put back')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.end()
  }

  // --- internal ---

  async #read(table: string): Promise<ReadonlyMap<string, Row>> {
    const key = this.#keys.get(table) ?? []
    const rows = new Map<string, Row>()
    for (const row of await this.query(`SELECT * FROM \`${table}\``)) {
      const text = JSON.stringify(key.length === 0 ? row : key.map((column) => row[column]))
      let unique = text
      for (let copy = 2; rows.has(unique); copy += 1) unique = `${text} ${copy}`
      rows.set(unique, row)
    }
    return rows
  }

  async #apply({ table, before, after }: RowDifference): Promise<void> {
    if (before === undefined) {
      await this.query(`INSERT INTO \`${table}\` SET ?`, [after])
      return
    }
    const key = this.#keys.get(table) ?? []
    const columns = key.length === 0 ? Object.keys(before) : key
    const where = columns.map((column) => `\`${column}\` <=> ?`).join(' AND ')
    const values = columns.map((column) => before[column])
    if (after === undefined) await this.query(`DELETE FROM \`${table}\` WHERE ${where} LIMIT 1`, values)
    else await this.query(`UPDATE \`${table}\` SET ? WHERE ${where}`, [after, ...values])
  }
}

export function differencesBetween(before: Snapshot, after: Snapshot): readonly RowDifference[] {
  const differences: RowDifference[] = []
  for (const [table, { rows }] of before) {
    const later = after.get(table)?.rows
    if (later === undefined || later === rows) continue
    for (const [key, row] of rows) {
      const now = later.get(key)
      if (now === undefined) differences.push({ table, kind: 'removed', before: row, after: undefined })
      else if (JSON.stringify(now) !== JSON.stringify(row))
        differences.push({ table, kind: 'changed', before: row, after: now })
    }
    for (const [key, row] of later) {
      if (!rows.has(key)) differences.push({ table, kind: 'added', before: undefined, after: row })
    }
  }
  return differences
}

// --- internal ---

async function readKeys(connection: Connection): Promise<ReadonlyMap<string, readonly string[]>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT t.table_name AS name, k.column_name AS part FROM information_schema.tables t
       LEFT JOIN information_schema.key_column_usage k ON k.table_schema = t.table_schema
        AND k.table_name = t.table_name AND k.constraint_name = 'PRIMARY'
      WHERE t.table_schema = ? AND t.table_type = 'BASE TABLE' ORDER BY t.table_name, k.ordinal_position`,
    [siteDatabase],
  )
  const keys = new Map<string, readonly string[]>()
  for (const { name, part } of rows as { name: string; part: string | null }[])
    keys.set(name, [...(keys.get(name) ?? []), ...(part === null ? [] : [part])])
  return keys
}
