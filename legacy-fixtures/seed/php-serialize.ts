// PHP's serialize() for what the settings table holds. Lengths are bytes, as PHP counts them.
export type PhpValue = null | boolean | number | string | PhpDouble | readonly PhpValue[] | PhpMap

// A number that PHP stored as a double although it is whole; JavaScript cannot tell them apart.
export interface PhpDouble {
  readonly double: string
}

export interface PhpMap {
  readonly [key: string]: PhpValue
}

export function phpSerialize(value: PhpValue): string {
  if (value === null) return 'N;'
  if (typeof value === 'boolean') return `b:${value ? 1 : 0};`
  if (typeof value === 'number') return Number.isInteger(value) ? `i:${value};` : `d:${value};`
  if (typeof value === 'string') return `s:${Buffer.byteLength(value)}:"${value}";`
  if (isDouble(value)) return `d:${value.double};`
  const entries = Object.entries(value)
  const body = entries.map(([key, item]) => phpSerialize(arrayKey(key)) + phpSerialize(item)).join('')
  return `a:${entries.length}:{${body}}`
}

// --- internal ---

function isDouble(value: object): value is PhpDouble {
  return 'double' in value
}

// PHP turns decimal integer keys into integers.
function arrayKey(key: string): string | number {
  return /^(0|-?[1-9][0-9]{0,8})$/.test(key) ? Number(key) : key
}
