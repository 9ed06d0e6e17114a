/**
 * What a statement in the binlog (rows come as row events; statements are DDL, TRUNCATE, and writes in statement format)
 * does to tables that are followed. Generous on purpose: a statement that merely may concern a table stops its group.
 */
export interface StatementEffect {
  readonly verb: string
  /** Legacy tables that it may concern. */
  readonly tables: readonly string[]
}

/** Undefined for statements that can change neither the rows nor the shape of the given tables. */
export function statementEffect(
  sql: string,
  currentSchema: string,
  schema: string,
  tables: readonly string[],
): StatementEffect | undefined {
  const words = wordsOf(sql)
  const verb = verbOf(words)
  if (verb === undefined) return undefined
  const named = new Set(words.map((word) => word.toLowerCase()))
  const schemaName = schema.toLowerCase()
  if (verb === 'drop database' || verb === 'drop schema' || verb === 'alter database') {
    return named.has(schemaName) ? { verb, tables } : undefined
  }
  if (currentSchema.toLowerCase() !== schemaName && !named.has(schemaName)) return undefined
  const concerned = tables.filter((table) => named.has(table.toLowerCase()))
  return concerned.length === 0 ? undefined : { verb, tables: concerned }
}

// --- internal ---

const changing: ReadonlySet<string> = new Set([
  'alter table',
  'create table',
  'drop table',
  'rename table',
  'truncate table',
  'drop database',
  'drop schema',
  'alter database',
])
const changingAlone: ReadonlySet<string> = new Set(['truncate', 'insert', 'update', 'delete', 'replace', 'load'])
/** Words between the verb and its object. */
const noise: ReadonlySet<string> = new Set(['or', 'replace', 'online', 'offline', 'ignore'])

function verbOf(words: readonly string[]): string | undefined {
  const lower = words.slice(0, 8).map((word) => word.toLowerCase())
  const first = lower[0] ?? ''
  // Temporary tables of a session have nothing to do with the table whose name they may share.
  const second = lower.slice(1).find((word) => !noise.has(word)) ?? ''
  if (second === 'temporary') return undefined
  if (changing.has(`${first} ${second}`)) return `${first} ${second}`
  return changingAlone.has(first) ? first : undefined
}

/** Names and keywords, without strings and comments; executable comments count as text. */
function wordsOf(sql: string): readonly string[] {
  const text = sql
    .replace(/\/\*M?!\d*([\s\S]*?)\*\//g, ' $1 ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/(?:--\s|#)[^\n]*/g, ' ')
    .replace(/'(?:[^'\\]|\\.|'')*'/g, ' ')
  return [...text.matchAll(/`((?:[^`]|``)*)`|"((?:[^"]|"")*)"|([\p{L}\p{N}_$]+)/gu)].map(
    ([, backtick, quoted, bare]) => backtick?.replaceAll('``', '`') ?? quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
}
