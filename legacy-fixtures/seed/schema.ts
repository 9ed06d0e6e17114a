import { readFile } from 'node:fs/promises'

export interface Schema {
  // In the order of schema.sql. Session settings of the file are left out: the loader has its own.
  readonly tables: readonly string[]
  readonly triggers: readonly string[]
}

const schemaFile = new URL('../sql/schema.sql', import.meta.url)

// Triggers are apart because they come after the rows: the counters they keep are computed, and 20 times faster so.
export async function readSchema(): Promise<Schema> {
  const statements = splitStatements(await readFile(schemaFile, 'utf8'))
  const tables = statements.filter((statement) => statement.startsWith('CREATE TABLE'))
  const triggers = statements.filter((statement) => statement.startsWith('CREATE TRIGGER'))
  const others = statements.filter((statement) => !/^(CREATE TABLE|CREATE TRIGGER|SET) /.test(statement))
  if (others.length > 0) throw new Error(`schema.sql holds a statement the seed does not know: ${others[0]}`)
  return { tables, triggers }
}

// Statements end with a semicolon outside quotes and comments; comments are dropped.
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let statement = ''
  for (const [token] of sql.matchAll(tokens)) {
    if (token.startsWith('--') || token.startsWith('/*')) statement += ' '
    else if (token === ';') {
      if (statement.trim() !== '') statements.push(statement.trim())
      statement = ''
    } else statement += token
  }
  if (statement.trim() !== '') statements.push(statement.trim())
  return statements
}

// --- internal ---

const tokens = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|;|[^'"`;/-]+|[\s\S]/g
