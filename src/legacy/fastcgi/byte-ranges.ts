/** A part of a file: from a byte up to, not with, another. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/**
 * The parts that a Range header asks for (RFC 9110 section 14.2); `all` where it means nothing, or asks for more than there
 * is in total; `none` where no part of it exists. What is doubtful is taken as nginx takes it.
 */
export function readByteRanges(header: string, size: number): readonly ByteRange[] | 'all' | 'none' {
  const list = /^bytes=(.+)$/is.exec(header)?.[1]
  if (list === undefined) {
    return 'all'
  }
  const ranges: ByteRange[] = []
  for (const text of list.split(',')) {
    const range = readOne(text, size)
    if (range === undefined) {
      return 'none'
    }
    if (range.from < range.to) {
      ranges.push(range)
    } else if (range.from === 0) {
      return 'all'
    }
  }
  if (ranges.length === 0) {
    return 'none'
  }
  return isWorthIt(ranges, size) ? ranges : 'all'
}

// --- internal ---

const digitsMax = 15

/** Undefined for what is no range. `from` is not below `to` for one that lies behind the end, or is none after all. */
function readOne(text: string, size: number): ByteRange | undefined {
  const [whole, first = '', last = ''] = /^ *(\d*) *- *(\d*) *$/.exec(text) ?? []
  if (whole === undefined || first.length > digitsMax || last.length > digitsMax) {
    return undefined
  }
  if (first !== '') {
    return { from: Number(first), to: last === '' ? size : Math.min(Number(last) + 1, size) }
  }
  return last === '' ? undefined : { from: Math.max(0, size - Number(last)), to: size }
}

/** Many parts cost more than the whole: each has a head of its own (CVE-2011-3192). */
function isWorthIt(ranges: readonly ByteRange[], size: number): boolean {
  if (ranges.length === 1) {
    return true
  }
  const wanted = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  return wanted <= size && wanted + ranges.length * partHeadBytes <= size + partHeadsBytesMax
}

const partHeadBytes = 256
const partHeadsBytesMax = 4096
