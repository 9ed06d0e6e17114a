/**
 * What a statement in the binlog (rows come as row events; statements are DDL, TRUNCATE, and writes in statement format)
 * does to tables that are followed. Of a write in statement format every table counts that it names: which of them it writes
 * to may depend on triggers and functions.
 */
export interface StatementEffect {
  readonly verb: string
  /** Followed tables that it may concern. */
  readonly tables: readonly string[]
}

/** Undefined for statements that can change neither the rows nor the shape of the given tables of `schema`. */
export function statementEffect(
  sql: string,
  currentSchema: string,
  schema: string,
  tables: readonly string[],
): StatementEffect | undefined {
  const words = withoutSetStatement(wordsOf(sql))
  const { verb, scope } = verbOf(words)
  if (verb === undefined) return undefined
  if (scope === 'schema') {
    return words.some((word) => same(word, schema)) ? { verb, tables } : undefined
  }
  const names = namesOf(words, currentSchema, scope)
  const concerned = tables.filter((table) => names.some((name) => same(name.table, table) && same(name.schema, schema)))
  return concerned.length === 0 ? undefined : { verb, tables: concerned }
}

// --- internal ---

/** Where in the statement the tables stand that it changes. */
type Scope = 'first name' | 'first name and its new name' | 'every name' | 'schema'

const scopes: Readonly<Record<string, Scope>> = {
  'create table': 'first name',
  'alter table': 'first name and its new name',
  'drop table': 'every name',
  'rename table': 'every name',
  'truncate table': 'every name',
  'drop database': 'schema',
  'drop schema': 'schema',
  truncate: 'every name',
  insert: 'every name',
  update: 'every name',
  delete: 'every name',
  replace: 'every name',
  load: 'every name',
}

/** Words that may stand between a verb and its object. */
const between: ReadonlySet<string> = new Set(['or', 'replace', 'online', 'offline', 'ignore', 'if', 'not', 'exists'])

function verbOf(words: readonly string[]): { readonly verb: string | undefined; readonly scope: Scope } {
  const first = words[0]?.toLowerCase() ?? ''
  const object =
    words
      .slice(1)
      .find((word) => !between.has(word.toLowerCase()))
      ?.toLowerCase() ?? ''
  const none = { verb: undefined, scope: 'every name' } as const
  // A session's temporary table has nothing to do with the table whose name it may share.
  if (object === 'temporary') return none
  for (const verb of [`${first} ${object}`, first]) {
    const scope = scopes[verb]
    if (scope !== undefined) return { verb, scope }
  }
  return none
}

/** `set statement lock_wait_timeout = 1 for alter table …` */
function withoutSetStatement(words: readonly string[]): readonly string[] {
  const prefixed = words[0]?.toLowerCase() === 'set' && words[1]?.toLowerCase() === 'statement'
  return prefixed ? words.slice(words.findIndex((word) => word.toLowerCase() === 'for') + 1) : words
}

interface Name {
  readonly schema: string
  readonly table: string
}

function namesOf(words: readonly string[], currentSchema: string, scope: Scope): readonly Name[] {
  const all: Name[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (word === '.') continue
    const qualified = words[index - 1] === '.' && index >= 2
    // `a.b` may be schema and table, or table and column.
    all.push({ schema: qualified ? (words[index - 2] ?? '') : currentSchema, table: word })
  }
  if (scope === 'every name') return all
  const start = words.findIndex((word) => word.toLowerCase() === 'table') + 1
  const position = start + words.slice(start).findIndex((word) => !between.has(word.toLowerCase()))
  return [
    ...nameAt(words, position, currentSchema),
    ...(scope === 'first name' ? [] : renamedTo(words, position, currentSchema)),
  ]
}

function nameAt(words: readonly string[], position: number, currentSchema: string): readonly Name[] {
  const word = words[position]
  if (word === undefined) return []
  return words[position + 1] === '.'
    ? [{ schema: word, table: words[position + 2] ?? '' }]
    : [{ schema: currentSchema, table: word }]
}

function renamedTo(words: readonly string[], from: number, currentSchema: string): readonly Name[] {
  return words.flatMap((word, index) => {
    if (index < from || word.toLowerCase() !== 'rename') return []
    const next = words[index + 1]?.toLowerCase() ?? ''
    return nameAt(words, next === 'to' || next === 'as' ? index + 2 : index + 1, currentSchema)
  })
}

/** Names, keywords and the dots between names; no strings, no comments. What only some servers execute counts as executed. */
function wordsOf(sql: string): readonly string[] {
  const text = sql
    .replace(/\/\*M?!\d*([\s\S]*?)\*\//g, ' $1 ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/(?:--\s|#)[^\n]*/g, ' ')
    .replace(/'(?:[^'\\]|\\.|'')*'/g, ' ')
  return [...text.matchAll(/`((?:[^`]|``)*)`|"((?:[^"]|"")*)"|([\p{L}\p{N}_$]+)|(\.)/gu)].map(
    ([, backtick, quoted, bare, dot]) =>
      backtick?.replaceAll('``', '`') ?? quoted?.replaceAll('""', '"') ?? bare ?? dot ?? '',
  )
}

/** The server may or may not tell upper and lower case apart; here they are one, to be sure. */
function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
