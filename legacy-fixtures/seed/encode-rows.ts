import type { Column, Row, TableSeed, Value } from './table-seed.ts'
import type { World } from './world.ts'

export interface EncodedChunk {
  readonly bytes: Buffer
  readonly rows: number
}

// A table's rows as LOAD DATA reads them: tab between columns, newline after rows, backslash escapes, \N for NULL.
export function* encodeRows(seed: TableSeed, world: World): Generator<EncodedChunk> {
  let text = ''
  let rows = 0
  for (const row of seed.rows(world)) {
    text += encodeRow(row)
    rows++
    if (text.length >= chunkCharacters) {
      yield { bytes: Buffer.from(text), rows }
      text = ''
      rows = 0
    }
  }
  if (rows > 0) yield { bytes: Buffer.from(text), rows }
}

// BIT and binary columns arrive as text and are turned into their type by the SET clause.
export function loadStatement(table: string, columns: readonly Column[]): string {
  const targets = columns.map(({ name, as }) => (as === 'text' ? `\`${name}\`` : `@\`${name}\``))
  const conversions = columns.flatMap(({ name, as }) => {
    if (as === 'bit') return `\`${name}\` = CAST(@\`${name}\` AS UNSIGNED)`
    if (as === 'binary') return `\`${name}\` = UNHEX(@\`${name}\`)`
    return []
  })
  const set = conversions.length === 0 ? '' : ` SET ${conversions.join(', ')}`
  return (
    `LOAD DATA LOCAL INFILE '${table}' INTO TABLE \`${table}\` CHARACTER SET utf8mb4 ` +
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' ` +
    `(${targets.join(', ')})${set}`
  )
}

// --- internal ---

// Large enough that a chunk's system call costs nothing, small enough that the server is never idle for long.
const chunkCharacters = 128 * 1024

function encodeRow(row: Row): string {
  let line = encodeValue(row[0] as Value)
  for (let index = 1; index < row.length; index++) line += `\t${encodeValue(row[index] as Value)}`
  return `${line}\n`
}

function encodeValue(value: Value): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return needsEscape.test(value) ? value.replace(escapable, escapeOf) : value
  if (value === null) return '\\N'
  if (typeof value === 'bigint') return value.toString()
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}

const escapable = /[\\\t\n\r\0]/g
const needsEscape = /[\\\t\n\r\0]/

function escapeOf(character: string): string {
  switch (character) {
    case '\t':
      return '\\t'
    case '\n':
      return '\\n'
    case '\r':
      return '\\r'
    case '\0':
      return '\\0'
    default:
      return '\\\\'
  }
}
