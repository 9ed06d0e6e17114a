import { is, SQL } from 'drizzle-orm'
import { getTableConfig, type IndexedColumn, type PgColumn, PgDialect } from 'drizzle-orm/pg-core'
import type { ClientBase } from 'pg'
import { quotePostgresName, quotePostgresText } from '../../db/index.ts'
import { baseTypeOf, invalidMapping, type MappedTable } from './compile.ts'

/** `create table if not exists` with primary and unique keys; other indexes come after the rows. */
export function createTableStatement(table: MappedTable): string {
  const config = getTableConfig(table.drizzle)
  const unique = [
    ...config.columns.filter((column) => column.primary).map((column) => ['primary key', [column.name]] as const),
    ...config.columns.filter((column) => column.isUnique).map((column) => ['unique', [column.name]] as const),
    ...config.primaryKeys.map((key) => ['primary key', key.columns.map((column) => column.name)] as const),
    ...config.uniqueConstraints.map((key) => ['unique', key.columns.map((column) => column.name)] as const),
  ]
  const parts = [
    ...config.columns.map(columnDefinition),
    ...unique.map(([kind, names]) => `${kind} (${names.map(quotePostgresName).join(', ')})`),
  ]
  return `create table if not exists ${modernName(table)} (\n  ${parts.join(',\n  ')}\n)`
}

export function createIndexStatements(table: MappedTable): readonly string[] {
  const config = getTableConfig(table.drizzle)
  return config.indexes.map(({ config: index }) => {
    const parts = index.columns.map((part) =>
      is(part, SQL) ? `(${inline(part)})` : indexedColumn(part as Partial<IndexedColumn>),
    )
    const name =
      index.name ?? `${table.name}_${index.columns.map((part) => ('name' in part ? part.name : 'expr')).join('_')}`
    const where = index.where === undefined ? '' : ` where ${inline(index.where)}`
    return `create ${index.unique ? 'unique ' : ''}index if not exists ${quotePostgresName(name)} on ${modernName(table)} using ${index.method ?? 'btree'} (${parts.join(', ')})${where}`
  })
}

/** `"public"."mods"` */
export function modernName(table: MappedTable): string {
  return `${quotePostgresName(table.modernSchema)}.${quotePostgresName(table.name)}`
}

/** A table that was there before must look as the Drizzle schema says. @throws AppError 'sync.invalid-mapping' */
export async function checkAgainstModern(client: ClientBase, tables: readonly MappedTable[]): Promise<void> {
  const problems: string[] = []
  for (const table of tables) {
    const { rows } = await client.query<{ name: string; type: string; notNull: boolean }>(
      `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull"
         from pg_attribute a where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped`,
      [modernName(table)],
    )
    const actual = new Map(rows.map((row) => [row.name, row]))
    for (const column of table.columns) {
      const found = actual.get(column.name)
      if (found === undefined) problems.push(`${table.name}.${column.name}: the Postgres table lacks this column`)
      else if (normalType(found.type) !== normalType(column.modernType)) {
        problems.push(
          `${table.name}.${column.name}: is ${found.type} in Postgres but ${column.modernType} in the Drizzle schema`,
        )
      } else if (found.notNull !== column.notNull) {
        problems.push(
          `${table.name}.${column.name}: ${found.notNull ? 'is' : 'is not'} NOT NULL in Postgres; the Drizzle schema says otherwise`,
        )
      }
    }
    const mapped = new Set(table.columns.map(({ name }) => name))
    for (const { name } of rows.filter((row) => !mapped.has(row.name))) {
      problems.push(`${table.name}.${name}: the Postgres table has a column that is not mapped`)
    }
  }
  if (problems.length > 0) throw invalidMapping(problems)
}

// --- internal ---

const dialect = new PgDialect()

function columnDefinition(column: PgColumn): string {
  const notNull = column.notNull || column.primary ? ' not null' : ''
  return `${quotePostgresName(column.name)} ${column.getSQLType()}${notNull}${defaultOf(column)}`
}

function defaultOf(column: PgColumn): string {
  const value: unknown = column.default
  if (value === undefined) return ''
  if (is(value, SQL)) return ` default ${inline(value)}`
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return ` default ${value}`
  if (typeof value === 'string') return ` default ${quotePostgresText(value)}`
  throw invalidMapping([`${column.name}: its default cannot be written as DDL; give it as sql\`…\``])
}

function inline(sql: SQL): string {
  return dialect.sqlToQuery(sql.inlineParams()).sql
}

function indexedColumn(part: Partial<IndexedColumn>): string {
  const { order, nulls } = part.indexConfig ?? {}
  return [quotePostgresName(part.name ?? ''), order, nulls === undefined ? undefined : `nulls ${nulls}`]
    .filter((word) => word !== undefined)
    .join(' ')
}

/** 'timestamp (6) with time zone' and 'timestamp(6) with time zone', 'numeric(20, 0)' and 'numeric(20,0)' are one. */
function normalType(type: string): string {
  const sizes = /\(([\d\s,]+)\)/.exec(type)?.[1]?.replace(/\s/g, '')
  return `${baseTypeOf(type)}${sizes === undefined ? '' : `(${sizes})`}`
}
