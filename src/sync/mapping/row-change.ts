import { AppError } from '../../platform/index.ts'
import { type LegacyValue, ValueRefused } from './codec.ts'
import type { MappedColumn, MappedTable } from './compile.ts'

/** A row in canonical text, by modern column name. */
export type RowImage = Readonly<Record<string, string | null>>

/** The only change format. An insert has no `before`, a delete no `after`. */
export interface RowChange {
  readonly table: MappedTable
  /** Where the row was found (or, for an insert, where it now is). */
  readonly key: readonly string[]
  readonly before: RowImage | undefined
  readonly after: RowImage | undefined
}

export type LegacyRow = Readonly<Record<string, LegacyValue | null>>

export function rowChange(table: MappedTable, before: RowImage | undefined, after: RowImage | undefined): RowChange {
  const image = before ?? after
  if (image === undefined) throw new TypeError('a change without images')
  return { table, key: keyOf(table, image), before, after }
}

/** Columns that an update alters; of an insert or a delete, all. */
export function changedColumns(change: RowChange): readonly MappedColumn[] {
  const { before, after, table } = change
  if (before === undefined || after === undefined) return table.columns
  return table.columns.filter(({ name }) => before[name] !== after[name])
}

export function keyOf(table: MappedTable, image: RowImage): readonly string[] {
  return table.key.map(({ name }) => image[name] ?? '')
}

/** One string per row of one table, for maps; JSON keeps ('a', 'b,c') and ('a,b', 'c') apart. */
export function rowIdentity(table: MappedTable, key: readonly string[]): string {
  return JSON.stringify([table.name, ...key])
}

/** @throws AppError 'sync.value-refused' */
export function imageFromLegacy(table: MappedTable, row: LegacyRow): RowImage {
  const image: Record<string, string | null> = {}
  for (const column of table.columns) {
    const value = row[column.legacy]
    if (!(column.legacy in row)) {
      throw new AppError('sync.value-refused', `legacy ${table.legacy}.${column.legacy}: the column is gone`)
    }
    try {
      image[column.name] = value === null ? null : column.codec.fromLegacy(value)
    } catch (error) {
      throw refused(error, table, column, 'legacy', row[table.key[0]?.legacy ?? ''])
    }
  }
  return image
}

/** @throws AppError 'sync.value-refused' */
export function imageFromModern(table: MappedTable, row: Readonly<Record<string, string | null>>): RowImage {
  const image: Record<string, string | null> = {}
  for (const column of table.columns) {
    const value = row[column.name] ?? null
    try {
      image[column.name] = value === null ? null : column.codec.fromModern(value)
    } catch (error) {
      throw refused(error, table, column, 'modern', row[table.key[0]?.name ?? ''])
    }
  }
  return image
}

export function legacyLiteral(table: MappedTable, column: MappedColumn, canonical: string | null): string {
  try {
    return column.codec.toLegacy(canonical)
  } catch (error) {
    throw refused(error, table, column, 'modern', undefined)
  }
}

/** The sum of a counter and a difference, exact for any size and scale. */
export function addDecimal(left: string, right: string): string {
  const scale = Math.max(fractionDigits(left), fractionDigits(right))
  return fromScaled(toScaled(left, scale) + toScaled(right, scale), scale)
}

export function subtractDecimal(left: string, right: string): string {
  const scale = Math.max(fractionDigits(left), fractionDigits(right))
  return fromScaled(toScaled(left, scale) - toScaled(right, scale), scale)
}

// --- internal ---

function refused(
  error: unknown,
  table: MappedTable,
  column: MappedColumn,
  side: 'legacy' | 'modern',
  firstKey: unknown,
): unknown {
  if (!(error instanceof ValueRefused)) return error
  const row =
    typeof firstKey === 'string' || typeof firstKey === 'number' ? `, row ${table.key[0]?.name}=${firstKey}` : ''
  return new AppError(
    'sync.value-refused',
    `${side} ${side === 'legacy' ? table.legacy : table.name}.${side === 'legacy' ? column.legacy : column.name}${row}: ${error.message}`,
    { cause: error },
  )
}

function fractionDigits(text: string): number {
  const point = text.indexOf('.')
  return point === -1 ? 0 : text.length - point - 1
}

function toScaled(text: string, scale: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(scale - fractionDigits(text)))
}

function fromScaled(value: bigint, scale: number): string {
  if (scale === 0) return String(value)
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
