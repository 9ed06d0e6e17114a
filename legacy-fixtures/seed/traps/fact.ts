import type { Value } from '../table-seed.ts'

export type TrapName =
  | 'zero-date'
  | 'zero-datetime'
  | 'zero-timestamp'
  | 'impossible-date'
  | 'partial-date'
  | 'extreme-date'
  | 'null-beside-zero-date'
  | 'clock-change-gap'
  | 'clock-change-overlap'
  | 'microseconds'
  | 'tinyint-2'
  | 'tinyint-9'
  | 'invalid-enum'
  | 'set-combination'
  | 'bit'
  | 'unsigned-above-2^63'
  | 'unsigned-above-2^53'
  | 'unsigned-int-maximum'
  | 'decimal-extreme'
  | 'float'
  | 'windows-1252'
  | 'double-encoded'
  | 'right-utf8mb4'
  | 'nul-byte'
  | 'binary'
  | 'control-characters'
  | 'mixed-line-ends'
  | 'backslashes'
  | 'html-special'
  | 'script-injection'
  | 'right-to-left'
  | 'cjk'
  | 'cyrillic'
  | 'emoji'
  | 'accent'
  | 'differs-in-case'
  | 'differs-in-accent'
  | 'trailing-space'
  | 'full-length'
  | 'very-long'
  | 'empty-string'
  | 'string-zero'
  | 'string-null'
  | 'null'
  | 'unclosed-bbcode'
  | 'nested-bbcode'
  | 'wrong-counter'
  | 'draft'
  | 'hidden'
  | 'removed'
  | 'adult'
  | 'by-banned-member'
  | 'deleted'
  | 'edited'
  | 'dangling-reference'
  | 'self-reference'
  | 'requirement-cycle'
  | 'requirement-chain'
  | 'zero-reference'
  | 'no-files'
  | 'no-comments'
  | 'deep-thread'
  | 'all-abstained'
  | 'abstained'
  | 'duplicate-row'
  | 'id-above-2^53'
  | 'password-md5'
  | 'password-salted-md5'
  | 'password-bcrypt'
  | 'api-key'
  | 'php-serialize'
  | 'php-serialize-broken'
  | 'json'

export interface SeedFact {
  readonly trap: TrapName
  readonly table: string
  readonly column: string
  // The row: column names and values; for the table without key, the columns that tell it.
  readonly key: Readonly<Record<string, string | number>>
  // What the generator writes; absent when the row comes so by the table's own rule.
  readonly value?: Value
  // An SQL expression that is true of the stored row.
  readonly check: string
  // Rows that must match; 1 unless told.
  readonly rows?: number
}

// A value at (table, id). What MySQL stores is checked byte for byte, unless it stores something else than was written.
export function at(
  trap: TrapName,
  table: string,
  id: number | string,
  column: string,
  value: Value,
  check: string = storedAs(column, value),
): SeedFact {
  return { trap, table, column, key: { id }, value, check }
}

// A row that its table's generator makes by its own rule: the fact only says where to look.
export function seen(trap: TrapName, table: string, id: number | string, column: string, check: string): SeedFact {
  return { trap, table, column, key: { id }, check }
}

export function storedAs(column: string, value: Value): string {
  if (value === null) return `\`${column}\` IS NULL`
  if (typeof value === 'number' || typeof value === 'bigint') return `\`${column}\` = ${value}`
  if (typeof value === 'string') {
    return `HEX(CONVERT(\`${column}\` USING utf8mb4)) = '${Buffer.from(value).toString('hex').toUpperCase()}'`
  }
  return `HEX(\`${column}\`) = '${Buffer.from(value).toString('hex').toUpperCase()}'`
}
