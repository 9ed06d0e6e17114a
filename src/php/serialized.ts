/**
 * PHP's serialize() format as a lossless value tree, parsed by length on bytes.
 *
 * Strings are bytes, integers are bigint and floats keep their text, because a session that Fig read must be
 * writable again without a changed byte. Source of the grammar: php-src ext/standard/var_unserializer.re.
 */

export type PhpKey = bigint | Buffer

export type PhpValue =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  /** The text as PHP wrote it: precision 17, INF, NAN and -0 included. */
  | { readonly type: 'float'; readonly text: string }
  | { readonly type: 'string'; readonly bytes: Buffer }
  | { readonly type: 'array'; readonly entries: readonly PhpEntry[] }
  | { readonly type: 'object'; readonly className: string; readonly entries: readonly PhpEntry[] }
  /** `Serializable` payload (C:), opaque. */
  | { readonly type: 'custom'; readonly className: string; readonly bytes: Buffer }
  | { readonly type: 'enum'; readonly name: string }
  /** Slot number of an earlier value: R shares the variable, r the object handle. */
  | { readonly type: 'reference'; readonly kind: 'R' | 'r'; readonly slot: bigint }

export interface PhpEntry {
  readonly key: PhpKey
  readonly value: PhpValue
}

/** Nesting that is followed; PHP's own unserialize_max_depth is 4096, no session that a site writes comes near. */
export const nestingMax = 256

/** Bytes that are not PHP's serialize() format. `offset` counts bytes from the start of the input. */
export class MalformedPhpValue extends Error {
  readonly offset: number
  constructor(what: string, offset: number) {
    super(`not a serialized PHP value: ${what} at byte ${offset}`)
    this.name = 'MalformedPhpValue'
    this.offset = offset
  }
}

/** Reads one value that starts at `offset`; `next` is the first byte behind it. Throws MalformedPhpValue. */
export function parsePhpValue(bytes: Buffer, offset = 0): { readonly value: PhpValue; readonly next: number } {
  const cursor = new Cursor(bytes, offset)
  const value = readValue(cursor, 0)
  return { value, next: cursor.offset }
}

// --- internal ---

const colon = 0x3a
const semicolon = 0x3b
const quote = 0x22
const braceOpen = 0x7b
const braceClose = 0x7d

class Cursor {
  readonly bytes: Buffer
  offset: number

  constructor(bytes: Buffer, offset: number) {
    this.bytes = bytes
    this.offset = offset
  }

  fail(what: string): never {
    throw new MalformedPhpValue(what, this.offset)
  }

  expect(byte: number): void {
    if (this.bytes[this.offset] !== byte) this.fail(`expected '${String.fromCharCode(byte)}'`)
    this.offset++
  }

  /** Text up to `end`, which is consumed. Numbers only, so the search is bounded. */
  until(end: number): string {
    const limit = Math.min(this.bytes.length, this.offset + 64)
    let at = this.offset
    while (at < limit && this.bytes[at] !== end) at++
    if (at >= limit) this.fail(`no '${String.fromCharCode(end)}'`)
    const text = this.bytes.toString('latin1', this.offset, at)
    this.offset = at + 1
    return text
  }

  integer(end: number): bigint {
    const text = this.until(end)
    if (!/^[+-]?\d+$/.test(text)) this.fail(`'${text}' is not an integer`)
    return BigInt(text)
  }

  /** A length or count. Never more than what is left, so that a lying one can't allocate. */
  count(end: number): number {
    const text = this.until(end)
    const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
    if (value < 0 || value > this.bytes.length - this.offset) this.fail(`length '${text}' is beyond the input`)
    return value
  }

  take(length: number): Buffer {
    const end = this.offset + length
    if (end > this.bytes.length) this.fail('the input ends early')
    const slice = this.bytes.subarray(this.offset, end)
    this.offset = end
    return slice
  }

  quoted(): Buffer {
    const length = this.count(colon)
    this.expect(quote)
    const slice = this.take(length)
    this.expect(quote)
    return slice
  }
}

function readValue(cursor: Cursor, depth: number): PhpValue {
  if (depth > nestingMax) cursor.fail(`nested deeper than ${nestingMax}`)
  const tag = String.fromCharCode(cursor.bytes[cursor.offset] ?? 0)
  cursor.offset++
  if (tag === 'N') {
    cursor.expect(semicolon)
    return { type: 'null' }
  }
  cursor.expect(colon)
  switch (tag) {
    case 'b':
      return { type: 'bool', value: readBool(cursor) }
    case 'i':
      return { type: 'int', value: cursor.integer(semicolon) }
    case 'd':
      return { type: 'float', text: cursor.until(semicolon) }
    case 's':
      return { type: 'string', bytes: readString(cursor) }
    case 'a':
      return { type: 'array', entries: readEntries(cursor, depth) }
    case 'O': {
      const className = readName(cursor)
      return { type: 'object', className, entries: readEntries(cursor, depth) }
    }
    case 'C':
      return readCustom(cursor)
    case 'E': {
      const name = cursor.quoted().toString('latin1')
      cursor.expect(semicolon)
      return { type: 'enum', name }
    }
    case 'R':
    case 'r':
      return { type: 'reference', kind: tag, slot: cursor.integer(semicolon) }
    default:
      return cursor.fail(`unknown type '${tag}'`)
  }
}

function readBool(cursor: Cursor): boolean {
  const text = cursor.until(semicolon)
  if (text !== '0' && text !== '1') cursor.fail(`'${text}' is not a boolean`)
  return text === '1'
}

function readString(cursor: Cursor): Buffer {
  const bytes = cursor.quoted()
  cursor.expect(semicolon)
  return bytes
}

function readName(cursor: Cursor): string {
  const name = cursor.quoted().toString('latin1')
  cursor.expect(colon)
  return name
}

function readCustom(cursor: Cursor): PhpValue {
  const className = readName(cursor)
  const length = cursor.count(colon)
  cursor.expect(braceOpen)
  const bytes = cursor.take(length)
  cursor.expect(braceClose)
  return { type: 'custom', className, bytes }
}

function readEntries(cursor: Cursor, depth: number): readonly PhpEntry[] {
  const count = cursor.count(colon)
  cursor.expect(braceOpen)
  const entries: PhpEntry[] = []
  for (let index = 0; index < count; index++) {
    const key = readValue(cursor, depth + 1)
    if (key.type !== 'int' && key.type !== 'string') cursor.fail(`a ${key.type} can't be a key`)
    entries.push({ key: key.type === 'int' ? key.value : key.bytes, value: readValue(cursor, depth + 1) })
  }
  cursor.expect(braceClose)
  return entries
}
