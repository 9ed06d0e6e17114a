import { type LegacyValue, ValueRefused } from './codec.ts'

/** A driver's value as text; bytes are refused: their characters are not known here. */
export function textOf(value: LegacyValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new ValueRefused(value === undefined ? 'no value' : 'bytes where text was expected')
}

/** Bytes in Postgres' text form: `\x0aff`. */
export function hexOf(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`
}

/** Bytes in Postgres' text form, which must be UTF-8, as text. */
export function utf8Of(hex: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(hex.slice(2), 'hex'))
  } catch (error) {
    throw new ValueRefused('bytes that are not UTF-8 in a column that holds text', { cause: error })
  }
}

/** A number is never quoted: MySQL compares a quoted one with a bigint column as a double. */
export function numberLiteral(canonical: string | null): string {
  if (canonical === null) return 'NULL'
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(canonical)) throw new ValueRefused('no number')
  return canonical
}

/** Sessions are never in NO_BACKSLASH_ESCAPES mode, and always in utf8mb4. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll(escaped, (character) => escapes[character] ?? character)}'`
}

export function bytesLiteral(hex: string): string {
  if (!/^\\x(?:[0-9a-f]{2})*$/.test(hex)) throw new ValueRefused('no bytes')
  return `x'${hex.slice(2)}'`
}

// --- internal ---

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape
const escaped = /[\0\n\r\x1a'"\\]/g

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
}
