import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { AppError } from '../../platform/index.ts'
import type { CascadeMapping, SyncDefinition, TableMapping } from '../define-sync.ts'
import type { ColumnMapping } from './codec.ts'

/** A definition with every name resolved; what the rest of sync works with. */
export interface Mapping {
  readonly groups: ReadonlyMap<string, readonly MappedTable[]>
  /** By modern name. */
  readonly tables: ReadonlyMap<string, MappedTable>
  readonly byLegacy: ReadonlyMap<string, MappedTable>
}

export interface MappedTable {
  /** Modern name: the table's name everywhere in sync. */
  readonly name: string
  readonly modernSchema: string
  readonly legacy: string
  readonly group: string
  readonly columns: readonly MappedColumn[]
  readonly key: readonly MappedColumn[]
  readonly unmapped: readonly string[]
  readonly cascades: readonly Cascade[]
  readonly drizzle: PgTable
}

export interface MappedColumn {
  readonly name: string
  readonly legacy: string
  readonly codec: ColumnMapping
  readonly modernType: string
  readonly notNull: boolean
  readonly counter: boolean
}

export interface Cascade {
  readonly child: string
  readonly columns: readonly { readonly child: string; readonly parent: string }[]
}

/** @throws AppError 'sync.invalid-mapping' with every problem of the definition that shows without a database */
export function compileMapping(definition: SyncDefinition): Mapping {
  const problems: string[] = []
  const groups = new Map<string, readonly MappedTable[]>()
  for (const [group, { tables }] of Object.entries(definition.groups)) {
    groups.set(
      group,
      tables.map((mapping) => compileTable(mapping, group, problems)),
    )
  }
  const all = [...groups.values()].flat()
  problems.push(...duplicates(all), ...all.flatMap((table) => cascadeProblems(table, all)))
  if (problems.length > 0) throw invalidMapping(problems)
  return {
    groups,
    tables: new Map(all.map((table) => [table.name, table])),
    byLegacy: new Map(all.map((table) => [table.legacy, table])),
  }
}

export function invalidMapping(problems: readonly string[]): AppError {
  return new AppError(
    'sync.invalid-mapping',
    `the mapping has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`,
  )
}

/** The type without its length: 'numeric(20, 0)' -> 'numeric', 'timestamp (6)' -> 'timestamp without time zone'. */
export function baseTypeOf(sqlType: string): string {
  const base = sqlType
    .toLowerCase()
    .replace(/\s*\([^)]*\)/g, '')
    .trim()
  return typeAliases[base] ?? base
}

// --- internal ---

const typeAliases: Readonly<Record<string, string>> = {
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  varchar: 'character varying',
  bool: 'boolean',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  decimal: 'numeric',
}

function compileTable(mapping: TableMapping, group: string, problems: string[]): MappedTable {
  const config = getTableConfig(mapping.modern)
  const modern: Record<string, PgColumn> = getTableColumns(mapping.modern)
  const columns = Object.entries(modern).flatMap(([property, column]) => {
    const codec = mapping.columns[property]
    if (codec === undefined) {
      problems.push(`${config.name}.${column.name}: is not mapped; add ${property} to its columns`)
      return []
    }
    return [compileColumn(column, codec)]
  })
  for (const property of Object.keys(mapping.columns).filter((name) => !(name in modern))) {
    problems.push(`${config.name}.${property}: is mapped but not in the Drizzle table`)
  }
  const byName = new Map(columns.map((column) => [column.name, column]))
  const table: MappedTable = {
    name: config.name,
    modernSchema: config.schema ?? 'public',
    legacy: mapping.legacy ?? config.name,
    group,
    columns,
    key: mapping.key.flatMap((property) => byName.get(modern[property]?.name ?? '') ?? []),
    unmapped: mapping.unmapped,
    cascades: mapping.cascades.map((cascade) => compileCascade(cascade, modern)),
    drizzle: mapping.modern,
  }
  problems.push(...columns.flatMap((column) => columnProblems(table, column)), ...keyProblems(table, mapping, config))
  return table
}

function compileColumn(column: PgColumn, codec: ColumnMapping): MappedColumn {
  return {
    name: column.name,
    legacy: codec.legacy ?? column.name,
    codec,
    modernType: column.getSQLType(),
    notNull: column.notNull || column.primary,
    counter: codec.counter,
  }
}

function compileCascade(cascade: CascadeMapping, parent: Readonly<Record<string, PgColumn>>): Cascade {
  const child: Record<string, PgColumn> = getTableColumns(cascade.child)
  return {
    child: getTableConfig(cascade.child).name,
    columns: Object.entries(cascade.columns).map(([childProperty, parentProperty]) => ({
      child: child[childProperty]?.name ?? childProperty,
      parent: parent[parentProperty]?.name ?? parentProperty,
    })),
  }
}

function columnProblems(table: MappedTable, column: MappedColumn): readonly string[] {
  const where = `${table.name}.${column.name}`
  const { codec } = column
  const base = baseTypeOf(column.modernType)
  const problems: string[] = []
  if (!codec.modernTypes.includes(base)) {
    problems.push(`${where}: ${codec.kind} needs ${codec.modernTypes.join(' or ')}, but the Drizzle column is ${base}`)
  }
  if (codec.zeroIsNull && column.notNull) {
    problems.push(`${where}: zero dates become null, so the Drizzle column must be nullable`)
  }
  if (column.counter && !column.notNull) problems.push(`${where}: a counter must be notNull`)
  return problems
}

function keyProblems(
  table: MappedTable,
  mapping: TableMapping,
  config: ReturnType<typeof getTableConfig>,
): readonly string[] {
  if (mapping.key.length === 0 || table.key.length !== mapping.key.length) {
    return [`${table.name}: the key must name one or more of its columns`]
  }
  const names = table.key.map(({ name }) => name)
  const unique = [
    config.columns.filter((column) => column.primary).map((column) => column.name),
    ...config.columns.filter((column) => column.isUnique).map((column) => [column.name]),
    ...config.primaryKeys.map((key) => key.columns.map((column) => column.name)),
    ...config.uniqueConstraints.map((constraint) => constraint.columns.map((column) => column.name)),
  ]
  const sameNames = (other: readonly string[]) =>
    other.length === names.length && other.every((name) => names.includes(name))
  return [
    ...(unique.some(sameNames)
      ? []
      : [`${table.name}: the key (${names.join(', ')}) must be the primary key or unique in the Drizzle table`]),
    ...table.key.flatMap((column) => [
      ...(column.codec.order === undefined
        ? [`${table.name}.${column.name}: ${column.codec.kind} cannot be part of a key`]
        : []),
      ...(column.notNull ? [] : [`${table.name}.${column.name}: a key column must be notNull`]),
      ...(column.counter ? [`${table.name}.${column.name}: a counter cannot be part of a key`] : []),
    ]),
  ]
}

function duplicates(all: readonly MappedTable[]): readonly string[] {
  const twice = (name: (table: MappedTable) => string, side: string) =>
    [...Map.groupBy(all, name)]
      .filter(([, tables]) => tables.length > 1)
      .map(([table]) => `${table}: the ${side} table is mapped more than once`)
  return [
    ...twice(({ name }) => name, 'modern'),
    ...twice(({ legacy }) => legacy, 'legacy'),
    ...all.flatMap((table) =>
      [...Map.groupBy([...table.columns.map(({ legacy }) => legacy), ...table.unmapped], (name) => name)]
        .filter(([, uses]) => uses.length > 1)
        .map(([name]) => `${table.name}: the legacy column ${name} is used more than once`),
    ),
  ]
}

function cascadeProblems(table: MappedTable, all: readonly MappedTable[]): readonly string[] {
  return table.cascades.flatMap((cascade) => {
    const where = `${table.name}: cascade to ${cascade.child}`
    const child = all.find(({ name }) => name === cascade.child)
    if (child === undefined) return [`${where}: the child is not mapped`]
    if (child.group !== table.group) return [`${where}: parent and child must be in the same group`]
    const known = (owner: MappedTable, name: string) => owner.columns.some((column) => column.name === name)
    const unknown = cascade.columns.filter((pair) => !known(child, pair.child) || !known(table, pair.parent))
    if (cascade.columns.length === 0) return [`${where}: names no columns`]
    return unknown.map((pair) => `${where}: ${pair.child} -> ${pair.parent} is not a pair of mapped columns`)
  })
}
