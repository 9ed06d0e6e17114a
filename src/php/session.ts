import { MalformedPhpValue, type PhpValue, parsePhpValue } from './serialized.ts'

/**
 * A visitor's PHP session as it stood when the request came. Read only: the lossless write-back of design.md
 * section 6 is not part of this view.
 */
export class PhpSession {
  readonly id: string
  readonly #values: ReadonlyMap<string, PhpValue>

  constructor(id: string, values: ReadonlyMap<string, PhpValue>) {
    this.id = id
    this.#values = values
  }

  get(key: string): PhpValue | undefined {
    return this.#values.get(key)
  }

  /** The integer under `key`; undefined where it is missing or anything but an int. PHP's "12" is no int. */
  integer(key: string): bigint | undefined {
    const value = this.#values.get(key)
    return value?.type === 'int' ? value.value : undefined
  }

  /** The bytes under `key` read as UTF-8; undefined where it is missing or anything but a string. */
  text(key: string): string | undefined {
    const value = this.#values.get(key)
    return value?.type === 'string' ? value.bytes.toString('utf8') : undefined
  }

  /** PHP's !empty(): false for missing, null, false, 0, 0.0, "", "0" and the empty array. */
  isTruthy(key: string): boolean {
    const value = this.#values.get(key)
    return value !== undefined && isTruthy(value)
  }
}

/**
 * Decodes the `php` serialize handler: `key|value` after `key|value`, with nothing between them.
 * A value may hold any byte, '|' included, so the next key is found by the value's own length.
 * @throws MalformedPhpValue
 */
export function decodeSession(bytes: Buffer): ReadonlyMap<string, PhpValue> {
  const values = new Map<string, PhpValue>()
  let offset = 0
  while (offset < bytes.length) {
    const bar = bytes.indexOf(0x7c, offset)
    if (bar < 0) throw new MalformedPhpValue("a key without '|'", offset)
    const key = bytes.toString('latin1', offset, bar)
    const { value, next } = parsePhpValue(bytes, bar + 1)
    values.set(key, value)
    offset = next
  }
  return values
}

// --- internal ---

function isTruthy(value: PhpValue): boolean {
  switch (value.type) {
    case 'null':
      return false
    case 'bool':
      return value.value
    case 'int':
      return value.value !== 0n
    case 'float':
      return Number(value.text) !== 0
    case 'string':
      return value.bytes.length > 0 && !(value.bytes.length === 1 && value.bytes[0] === 0x30)
    case 'array':
      return value.entries.length > 0
    default:
      return true
  }
}
