import type { PgTable } from 'drizzle-orm/pg-core'
import type { ColumnMapping } from './mapping/codec.ts'

/** What `sync.config.ts` exports: the groups of tables that move together, as data. */
export interface SyncDefinition {
  readonly groups: Readonly<Record<string, GroupDefinition>>
}

export interface GroupDefinition {
  readonly tables: readonly TableMapping[]
}

/** One table on both sides. Everything else is derived from it: DDL, both directions, backfill, comparison. */
export interface TableMapping {
  readonly modern: PgTable
  /** The legacy table's name where it differs. */
  readonly legacy: string | undefined
  /** Property names of the Drizzle table: the primary key, or another unique key without nulls, on both sides. */
  readonly key: readonly string[]
  readonly columns: Readonly<Record<string, ColumnMapping>>
  /** Legacy columns that Postgres does not get. Every other legacy column must be mapped. */
  readonly unmapped: readonly string[]
  readonly cascades: readonly CascadeMapping[]
}

/** MySQL deletes these children by itself, outside the binlog. Child property -> parent property. */
export interface CascadeMapping {
  readonly child: PgTable
  readonly columns: Readonly<Record<string, string>>
}

export type ColumnProperty<Table extends PgTable> = keyof Table['_']['columns'] & string

export interface TableOptions<Table extends PgTable> {
  readonly legacy?: string
  readonly key: readonly ColumnProperty<Table>[]
  /** Every column of the Drizzle table; one that is left out does not compile. */
  readonly columns: { readonly [Property in ColumnProperty<Table>]: ColumnMapping }
  readonly unmapped?: readonly string[]
  readonly cascades?: readonly CascadeMapping[]
}

export function defineSync(definition: SyncDefinition): SyncDefinition {
  return definition
}

export function table<Table extends PgTable>(modern: Table, options: TableOptions<Table>): TableMapping {
  return {
    modern,
    legacy: options.legacy,
    key: options.key,
    columns: options.columns,
    unmapped: options.unmapped ?? [],
    cascades: options.cascades ?? [],
  }
}

/** Declares a legacy foreign key with ON DELETE CASCADE: `cascade(comments, { modId: 'id' })` in the mapping of mods. */
export function cascade<Child extends PgTable>(
  child: Child,
  columns: { readonly [Property in ColumnProperty<Child>]?: string },
): CascadeMapping {
  return { child, columns: columns as Readonly<Record<string, string>> }
}
