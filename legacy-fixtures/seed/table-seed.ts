import type { World } from './world.ts'

export type Value = string | number | bigint | null | Uint8Array
export type Row = readonly Value[]

// bit: BIT(n) given as a number; binary: bytes. LOAD DATA would read both as text otherwise.
export interface Column {
  readonly name: string
  readonly as: 'text' | 'bit' | 'binary'
}

export interface TableSeed {
  readonly table: string
  readonly columns: readonly Column[]
  // Primary key columns, [] for the table that has none.
  readonly key: readonly string[]
  // What one row costs to load, compared with an endorsement; only the remaining time is estimated by it.
  readonly weight: number
  // Rows to expect; only progress is measured by it.
  estimate(world: World): number
  rows(world: World): Iterable<Row>
}

export function columns(...list: readonly (string | Column)[]): readonly Column[] {
  return list.map((column) => (typeof column === 'string' ? { name: column, as: 'text' } : column))
}

export function bit(name: string): Column {
  return { name, as: 'bit' }
}

export function binary(name: string): Column {
  return { name, as: 'binary' }
}
