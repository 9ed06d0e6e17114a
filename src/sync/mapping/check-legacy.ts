import { baseTypeOf, invalidMapping, type MappedColumn, type MappedTable, type Mapping } from './compile.ts'
import type { LegacyColumnFacts, LegacyFacts, LegacyForeignKey, LegacyTableFacts } from './legacy-facts.ts'

/**
 * Holds the mapping against the legacy schema: what cannot be carried both ways is refused before anything is copied.
 * @throws AppError 'sync.invalid-mapping' with every problem
 */
export function checkAgainstLegacy(mapping: Mapping, facts: LegacyFacts): void {
  const problems = [...mapping.tables.values()].flatMap((table) => {
    const legacy = facts.tables.get(table.legacy)
    if (legacy === undefined) return [`${table.name}: the legacy table ${table.legacy} does not exist`]
    return [
      ...tableProblems(table, legacy),
      ...table.columns.flatMap((column) => columnProblems(table, column, legacy)),
    ]
  })
  problems.push(...facts.foreignKeys.flatMap((key) => foreignKeyProblems(mapping, key)))
  problems.push(...declaredCascadeProblems(mapping, facts.foreignKeys))
  if (problems.length > 0) throw invalidMapping(problems)
}

// --- internal ---

/** Character sets whose every byte the binlog reader and the server decode alike. */
const exactCharsets: readonly string[] = ['utf8mb4', 'utf8mb3', 'utf8', 'latin1', 'ascii']

function tableProblems(table: MappedTable, legacy: LegacyTableFacts): readonly string[] {
  const mapped = new Set([...table.columns.map((column) => column.legacy), ...table.unmapped])
  const left = [...legacy.columns.keys()].filter((name) => !mapped.has(name))
  const key = table.key.map((column) => column.legacy)
  const isUnique = legacy.uniqueKeys.some(
    (unique) => unique.length === key.length && unique.every((name) => key.includes(name)),
  )
  return [
    ...left.map((name) => `${table.name}: the legacy column ${name} is neither mapped nor declared as unmapped`),
    ...table.unmapped
      .filter((name) => !legacy.columns.has(name))
      .map((name) => `${table.name}: the unmapped legacy column ${name} does not exist`),
    ...(isUnique ? [] : [`${table.name}: (${key.join(', ')}) is not a unique key of ${table.legacy} without nulls`]),
    ...(legacy.engine.toLowerCase() === 'innodb'
      ? []
      : [`${table.name}: ${table.legacy} is ${legacy.engine}; only InnoDB has the transactions that sync needs`]),
  ]
}

function columnProblems(table: MappedTable, column: MappedColumn, legacyTable: LegacyTableFacts): readonly string[] {
  const where = `${table.name}.${column.name}`
  const legacy = legacyTable.columns.get(column.legacy)
  if (legacy === undefined) return [`${where}: the legacy column ${table.legacy}.${column.legacy} does not exist`]
  if (!column.codec.legacyTypes.includes(legacy.dataType)) {
    return [`${where}: the legacy column is ${legacy.columnType}, which ${column.codec.kind} does not carry`]
  }
  return [
    ...nullProblems(column, legacy),
    ...lengthProblems(column, legacy),
    ...(legacy.generated ? ['the legacy column is generated; generated columns are not carried yet'] : []),
    ...(legacy.charset !== undefined && !exactCharsets.includes(legacy.charset)
      ? [`character set ${legacy.charset} is not carried exactly; known are ${exactCharsets.join(', ')}`]
      : []),
  ].map((problem) => `${where}: ${problem}`)
}

function nullProblems(column: MappedColumn, legacy: LegacyColumnFacts): readonly string[] {
  if (column.codec.zeroIsNull) {
    return legacy.nullable ? ['null and the zero date differ in the legacy column; carry it as text'] : []
  }
  if (legacy.nullable && column.notNull) return ['the legacy column may be null, but the Drizzle column is notNull']
  if (!legacy.nullable && !column.notNull) return ['the legacy column is not null; declare the Drizzle column notNull']
  return []
}

function lengthProblems(column: MappedColumn, legacy: LegacyColumnFacts): readonly string[] {
  const modern = baseTypeOf(column.modernType)
  const [size, scale] = sizesOf(column.modernType)
  switch (column.codec.kind) {
    case 'integer':
      return holdsInteger(modern, size, scale, legacy)
        ? []
        : [`${column.modernType} does not hold every ${legacy.columnType}`]
    case 'decimal': {
      const [legacySize = 0, legacyScale = 0] = sizesOf(legacy.columnType)
      const holds = size === undefined || (size >= legacySize && (scale ?? 0) === legacyScale)
      return holds ? [] : [`${column.modernType} must have the precision and scale of ${legacy.columnType}`]
    }
    case 'dateTime':
    case 'timestamp':
      return (size ?? 6) === (legacy.fractionDigits ?? 0)
        ? []
        : [`declare the Drizzle column with precision ${legacy.fractionDigits ?? 0}, as the legacy column has it`]
    case 'bit':
      return (size ?? 1) === (sizesOf(legacy.columnType)[0] ?? 1)
        ? []
        : [`${column.modernType} must be as long as ${legacy.columnType}`]
    case 'boolean':
      return legacy.dataType === 'bit' && (sizesOf(legacy.columnType)[0] ?? 1) > 1
        ? [`${legacy.columnType} holds more than 0 and 1`]
        : []
    default:
      return size !== undefined && legacy.characters !== undefined && size < legacy.characters
        ? [`${column.modernType} is shorter than ${legacy.columnType}`]
        : []
  }
}

/** '(20, 0)' -> [20, 0] */
function sizesOf(type: string): readonly number[] {
  return (/\(([\d\s,]+)\)/.exec(type)?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
}

const integerBytes: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 }
const modernBytes: Readonly<Record<string, number>> = { smallint: 2, integer: 4, bigint: 8 }

function holdsInteger(
  modern: string,
  size: number | undefined,
  scale: number | undefined,
  legacy: LegacyColumnFacts,
): boolean {
  if (modern === 'numeric') return size === undefined || (size >= 20 && (scale ?? 0) === 0)
  const needed = integerBytes[legacy.dataType] ?? 9
  const has = modernBytes[modern] ?? 0
  return legacy.columnType.includes('unsigned') ? has > needed : has >= needed
}

function foreignKeyProblems(mapping: Mapping, key: LegacyForeignKey): readonly string[] {
  const child = mapping.byLegacy.get(key.child)
  if (child === undefined) return []
  const silent = (rule: string) => rule === 'CASCADE' || rule.startsWith('SET')
  const problems: string[] = []
  if (silent(key.onUpdate)) {
    problems.push(
      `${child.name}: ON UPDATE ${key.onUpdate} from ${key.parent} leaves no trace in the binlog; not carried yet`,
    )
  }
  if (!silent(key.onDelete)) return problems
  if (key.onDelete !== 'CASCADE') {
    problems.push(
      `${child.name}: ON DELETE ${key.onDelete} from ${key.parent} leaves no trace in the binlog; not carried yet`,
    )
    return problems
  }
  const parent = mapping.byLegacy.get(key.parent)
  if (parent === undefined) {
    problems.push(`${child.name}: deletes of ${key.parent} cascade to it without a trace; map ${key.parent} too`)
  } else if (!isDeclared(parent, child, key)) {
    problems.push(`${parent.name}: deletes cascade to ${child.name}; declare it in cascades`)
  }
  return problems
}

function isDeclared(parent: MappedTable, child: MappedTable, key: LegacyForeignKey): boolean {
  const legacyName = (table: MappedTable, name: string) => table.columns.find((column) => column.name === name)?.legacy
  return parent.cascades.some(
    (cascade) =>
      cascade.child === child.name &&
      cascade.columns.length === key.columns.length &&
      cascade.columns.every((pair) =>
        key.columns.some(
          (other) => other.child === legacyName(child, pair.child) && other.parent === legacyName(parent, pair.parent),
        ),
      ),
  )
}

function declaredCascadeProblems(mapping: Mapping, keys: readonly LegacyForeignKey[]): readonly string[] {
  return [...mapping.tables.values()].flatMap((parent) =>
    parent.cascades.flatMap((cascade) => {
      const child = mapping.tables.get(cascade.child)
      const exists = keys.some(
        (key) => key.parent === parent.legacy && key.child === child?.legacy && key.onDelete === 'CASCADE',
      )
      return exists ? [] : [`${parent.name}: the legacy schema has no ON DELETE CASCADE to ${cascade.child}`]
    }),
  )
}
