import { isTokenByte, isValueByte } from './byte-classes.ts'
import { incomplete, mayHaveEnded, readHeaderLines, SeenNames } from './header-lines.ts'
import { HeaderList } from './header-list.ts'

const seenNames = new SeenNames()

/** Bytes of one chunk's size line with its extensions. */
const sizeLineBytesMax = 4 * 1024
/** Bytes of all chunk extensions of a body: they are read and dropped, and must not be a way to send without end. */
const extensionBytesMax = 16 * 1024
const trailerBytesMax = 32 * 1024

/**
 * Takes a chunked body apart (RFC 9112 section 7.1), whatever the pieces in which it comes. Strict where readers are known to
 * differ: sizes are hexadecimal digits and nothing else, lines end with CRLF, extensions hold no line feed.
 */
export class ChunkedDecoder {
  /** The body has ended; `trailers` are there if it had any. */
  done = false
  /** What is wrong; nothing more is decoded then. */
  fault: string | undefined
  trailers: HeaderList | undefined
  #state: 'size' | 'data' | 'data-end' | 'trailers' = 'size'
  #left = 0
  #extensionBytes = 0
  /** A line, or the trailers, that did not come whole. */
  #held: Buffer | undefined

  /** The beginning of something is kept as it came, in the memory that it came in. */
  get holdsBytes(): boolean {
    return this.#held !== undefined
  }

  /**
   * Hands over the data in `bytes` from `start` on.
   * @returns the position behind the end of the body when it is done, else the length of `bytes`
   */
  decode(bytes: Buffer, start: number, onData: (piece: Buffer) => void): number {
    let input = bytes
    let i = start
    if (this.#held !== undefined) {
      input = Buffer.concat([this.#held, bytes.subarray(start)])
      // Positions in `input` are this much ahead of positions in `bytes`.
      i = 0
    }
    const heldBytes = this.#held?.length ?? 0
    const ahead = this.#held === undefined ? 0 : heldBytes - start
    if (heldBytes > 1 && this.#state === 'trailers' && !mayHaveEnded(input, heldBytes, trailerBytesMax)) {
      this.#held = input
      return bytes.length
    }
    this.#held = undefined
    while (i < input.length && !this.done && this.fault === undefined) {
      const next = this.#step(input, i, onData)
      if (next === incomplete) {
        this.#held = i === 0 ? input : input.subarray(i)
        break
      }
      i = next
    }
    return this.done ? i - ahead : bytes.length
  }

  // --- internal ---

  #step(input: Buffer, i: number, onData: (piece: Buffer) => void): number {
    switch (this.#state) {
      case 'size':
        return this.#readSize(input, i)
      case 'data': {
        const to = Math.min(input.length, i + this.#left)
        this.#left -= to - i
        if (this.#left === 0) {
          this.#state = 'data-end'
        }
        onData(i === 0 && to === input.length ? input : input.subarray(i, to))
        return to
      }
      case 'data-end':
        return this.#readDataEnd(input, i)
      case 'trailers':
        return this.#readTrailers(input, i)
    }
  }

  #readDataEnd(input: Buffer, i: number): number {
    if (input[i] !== 13 || (i + 1 < input.length && input[i + 1] !== 10)) {
      return this.#fail('a chunk is longer than its size')
    }
    if (i + 1 >= input.length) {
      return incomplete
    }
    this.#state = 'size'
    return i + 2
  }

  #readSize(input: Buffer, from: number): number {
    let i = from
    let size = 0
    for (; i < input.length; i += 1) {
      const digit = hexValue[input[i] as number] as number
      if (digit === 255) {
        break
      }
      if (i - from >= 12 && size > 0xfffffffffff) {
        return this.#fail('a chunk size is too large')
      }
      size = size * 16 + digit
    }
    if (i - from > 64) {
      return this.#fail('a chunk size has too many digits')
    }
    if (i >= input.length) {
      return incomplete
    }
    if (i === from) {
      return this.#fail('a chunk size is not a hexadecimal number')
    }
    if (input[i] !== 13) {
      const end = this.#skipExtensions(input, i)
      if (end < 0) {
        return incomplete
      }
      this.#extensionBytes += end - i
      i = end
    }
    if (i + 1 >= input.length) {
      return incomplete
    }
    if (input[i + 1] !== 10) {
      return this.#fail('a carriage return without line feed')
    }
    this.#left = size
    this.#state = size === 0 ? 'trailers' : 'data'
    return i + 2
  }

  /** Position of the CR behind `*( BWS ";" BWS name [ BWS "=" BWS value ] )`. */
  #skipExtensions(input: Buffer, from: number): number {
    let i = from
    while (i < input.length && (input[i] === 32 || input[i] === 9)) {
      i += 1
    }
    if (i < input.length && input[i] !== 59) {
      return this.#fail('a chunk size is followed by something that is no extension')
    }
    let quoted = false
    for (; i < input.length; i += 1) {
      const byte = input[i] as number
      if (quoted && byte === 92 /* \ */) {
        i += 1
        if (i < input.length && isValueByte[input[i] as number] !== 1) {
          return this.#fail('a chunk extension with a character that is not allowed')
        }
      } else if (byte === 34 /* " */) {
        quoted = !quoted
      } else if (byte === 13 && !quoted) {
        break
      } else if (quoted ? isValueByte[byte] !== 1 : !isExtensionByte(byte)) {
        return this.#fail('a chunk extension with a character that is not allowed')
      }
    }
    if (i - from > sizeLineBytesMax || this.#extensionBytes + (i - from) > extensionBytesMax) {
      return this.#fail('the chunk extensions are too long')
    }
    return i < input.length ? i : incomplete
  }

  #readTrailers(input: Buffer, from: number): number {
    const bytes = input.subarray(from, from + trailerBytesMax)
    const list = new HeaderList()
    const end = readHeaderLines(bytes, 0, bytes.toString('latin1'), 0, list, seenNames)
    if (typeof end !== 'number') {
      return this.#fail(end.fault)
    }
    if (end === incomplete) {
      return bytes.length < trailerBytesMax ? incomplete : this.#fail('the trailers are too large')
    }
    this.done = true
    this.trailers = end > 2 ? list : undefined
    return from + end
  }

  #fail(fault: string): number {
    this.fault = fault
    return incomplete
  }
}

const hexValue: Uint8Array = Uint8Array.from({ length: 256 }, (_none, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(digit) ? 255 : digit
})

function isExtensionByte(byte: number): boolean {
  return isTokenByte[byte] === 1 || byte === 59 || byte === 61 || byte === 32 || byte === 9
}
