import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RowDataPacket } from 'mysql2/promise'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import {
  type Mysql,
  type MysqlConnection,
  type Postgres,
  quoteMysqlName,
  quotePostgresName,
  streamMysqlRows,
  withPostgresTransaction,
} from '../db/index.ts'
import { AppError } from '../platform/index.ts'
import { parseGtidPosition } from './capture/gtid.ts'
import { type BinlogPlace, type GroupStore, groupsChannel } from './groups.ts'
import type { LegacyValue } from './mapping/codec.ts'
import type { MappedTable } from './mapping/compile.ts'
import { createIndexStatements, modernName } from './mapping/ddl.ts'
import { imageFromLegacy, type LegacyRow } from './mapping/row-change.ts'
import { applyingSetting, captureStatements } from './outbox/triggers.ts'
import type { SetupProgress } from './sync.ts'

export interface BackfillOptions {
  readonly mysql: Mysql
  readonly postgres: Postgres
  readonly groups: GroupStore
  readonly ownSchema: string
  readonly group: string
  readonly tables: readonly MappedTable[]
  readonly rowsEstimate: (table: MappedTable) => number
  readonly onProgress: (progress: SetupProgress) => void
  readonly signal: AbortSignal
}

/**
 * Copies a group's tables as they were at one binlog position, which becomes the group's checkpoint: the stream goes on from
 * there without gap or overlap. All in one Postgres transaction, so a copy that breaks off leaves nothing.
 */
export async function backfillGroup(options: BackfillOptions): Promise<void> {
  const { mysql, postgres, groups, ownSchema, group, tables } = options
  const started = performance.now()
  const connection = await mysql.connect()
  try {
    const place = await openSnapshot(connection)
    let rows = 0
    await withPostgresTransaction(postgres, async (client) => {
      await client.query(`select set_config('${applyingSetting}', 'on', true)`)
      await client.query(`truncate ${tables.map(modernName).join(', ')}`)
      await client.query(`delete from ${quotePostgresName(ownSchema)}.outbox where table_name = any($1::text[])`, [
        tables.map(({ name }) => name),
      ])
      for (const table of tables) rows += await copyTable(connection, client, table, options)
      for (const statement of tables.flatMap((table) => [
        ...createIndexStatements(table),
        ...captureStatements(table, ownSchema),
      ])) {
        await client.query(statement)
      }
      await groups.beginDual(client, group, place)
      await client.query('select pg_notify($1, $2)', [groupsChannel, group])
    })
    for (const table of tables) await postgres.pool.query(`analyze ${modernName(table)}`)
    options.onProgress({ step: 'copied', group, rows, durationMs: Math.round(performance.now() - started) })
  } finally {
    connection.destroy()
  }
}

// --- internal ---

/** From here on the connection sees MySQL as it was at the returned position, to the transaction. */
async function openSnapshot(connection: MysqlConnection): Promise<BinlogPlace> {
  await connection.query('set session transaction isolation level repeatable read')
  await connection.query('start transaction with consistent snapshot, read only')
  const [status] = await connection.query<RowDataPacket[]>(
    "show status where variable_name in ('binlog_snapshot_file', 'binlog_snapshot_position')",
  )
  const value = (name: string) =>
    String(status.find((row) => String(row.Variable_name).toLowerCase() === name)?.Value ?? '')
  const [file, fileOffset] = [value('binlog_snapshot_file'), Number(value('binlog_snapshot_position'))]
  const [rows] = await connection.query<RowDataPacket[]>('select binlog_gtid_pos(?, ?) as position', [file, fileOffset])
  const position: unknown = rows[0]?.position
  if (file === '' || typeof position !== 'string') {
    throw new AppError('sync.unsuitable-source', 'MySQL does not tell the binlog position of a snapshot')
  }
  return { position: parseGtidPosition(position), file, fileOffset }
}

async function copyTable(
  connection: MysqlConnection,
  client: PoolClient,
  table: MappedTable,
  { group, rowsEstimate, onProgress, signal }: BackfillOptions,
): Promise<number> {
  const names = table.columns.map(({ name }) => quotePostgresName(name))
  const target = client.query(copyFrom(`copy ${modernName(table)} (${names.join(', ')}) from stdin`))
  const estimate = rowsEstimate(table)
  let rows = 0
  const report = () =>
    onProgress({ step: 'copy', group, table: table.name, rows, rowsEstimate: Math.max(rows, estimate) })
  const lines = async function* (source: AsyncIterable<unknown>): AsyncGenerator<string> {
    let chunk = ''
    for await (const row of source) {
      chunk += copyLine(table, row as readonly (LegacyValue | null)[])
      rows += 1
      if (chunk.length < chunkCharacters) continue
      yield chunk
      chunk = ''
      report()
    }
    yield chunk
  }
  await pipeline(readRows(connection, table), lines, target, { signal })
  report()
  return rows
}

const chunkCharacters = 64 * 1024

function readRows(connection: MysqlConnection, table: MappedTable): Readable {
  const columns = table.columns.map((column) => column.codec.legacySelect(quoteMysqlName(column.legacy)))
  const sql = `select ${columns.join(', ')} from ${quoteMysqlName(table.legacy)}`
  return streamMysqlRows(connection, sql, { rowsAsArray: true })
}

function copyLine(table: MappedTable, values: readonly (LegacyValue | null)[]): string {
  const row: Record<string, LegacyValue | null> = {}
  table.columns.forEach((column, index) => {
    row[column.legacy] = values[index] ?? null
  })
  const image = imageFromLegacy(table, row as LegacyRow)
  return `${table.columns.map(({ name }) => copyField(image[name] ?? null)).join('\t')}\n`
}

function copyField(value: string | null): string {
  if (value === null) return '\\N'
  return copySpecial.test(value) ? value.replaceAll(copySpecialAll, (character) => copyEscapes[character] ?? '') : value
}

const copySpecial = /[\\\n\r\t]/
const copySpecialAll = /[\\\n\r\t]/g
const copyEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
