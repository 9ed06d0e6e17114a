import type { PatternProblem } from './path-pattern.ts'
import { decodeUtf8 } from './percent-encoding.ts'
import { mediaType } from './php-values.ts'

/** The values of a JSON document by JSON pointer (RFC 6901). */
export interface JsonFields {
  /**
   * A string as it is, a boolean and a number by its JSON text: 7, 7.0 and 7e0 are '7'. Undefined for what is not there, and for
   * what is no text that can be compared: null, objects, arrays, and whole numbers that JavaScript would round.
   */
  get(pointer: string): string | undefined
  /** Is anything there, null included? */
  has(pointer: string): boolean
}

/** Could a body of this type be JSON? */
export function isJson(contentType: string | undefined): boolean {
  const type = mediaType(contentType)
  return type !== undefined && (type === 'application/json' || type.endsWith('+json'))
}

/** Undefined where the body is no JSON. Like PHP's, it has to be UTF-8 without a byte order mark. */
export function readJson(body: Buffer): JsonFields | undefined {
  const text = decodeUtf8(body.toString('latin1'))
  if (text === undefined) return undefined
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return undefined // The only thing that it throws for: no JSON, which is an answer here.
  }
  return {
    get: (pointer) => textOf(valueAt(document, pointer)),
    has: (pointer) => valueAt(document, pointer) !== undefined,
  }
}

/** What is wrong with a pointer as a pattern writes it. */
export function pointerProblem(pointer: string): PatternProblem | undefined {
  if (pointer !== '' && !pointer.startsWith('/'))
    return { problem: `'${pointer}' is no JSON pointer`, fix: `write '/${pointer.replaceAll('.', '/')}'` }
  return /~(?![01])/.test(pointer)
    ? { problem: `'${pointer}' is no JSON pointer`, fix: "write '~0' for '~' and '~1' for '/' in a name" }
    : undefined
}

// --- internal ---

/** Undefined where nothing is: JSON itself has no such value. */
function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    if (Array.isArray(value) && !arrayIndex.test(name)) return undefined // 'length' is one of its own
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

const arrayIndex = /^(?:0|[1-9]\d*)$/

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
      return String(value)
    case 'number':
      return Number.isSafeInteger(value) || (!Number.isInteger(value) && Number.isFinite(value))
        ? String(value)
        : undefined
    default:
      return undefined
  }
}
