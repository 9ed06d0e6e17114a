import { isTokenByte, isValueByte } from './byte-classes.ts'
import type { HeaderList } from './header-list.ts'
import { type HeaderName, headerName } from './header-names.ts'

/** What is wrong with a message, in words for its sender. */
export type Fault = { readonly fault: string }

/** The end of the bytes came before the end of the lines. */
export const incomplete = -1

/**
 * The names of the last message, by line. Messages of one client, and answers of one PHP site, mostly have the same names in the
 * same order: comparing is cheaper than looking up, and right whatever stands there.
 */
export class SeenNames {
  readonly #names: HeaderName[] = []

  at(line: number): HeaderName | undefined {
    return this.#names[line]
  }

  note(line: number, name: HeaderName): void {
    if (line < 64) {
      this.#names[line] = name
    }
  }
}

/** Where reading stopped: behind the empty line, or `incomplete`, or at a fault. */
export type LinesEnd = number | Fault

/**
 * Reads header lines up to and with the empty line (RFC 9112 section 5). Strict, as what one server forgives another reads
 * differently: no folded lines, no space before the colon, no bare CR or LF, no control characters.
 * @param text the same bytes in Latin-1, its first character standing for `bytes[base]`
 * @param seen of the messages of this kind
 */
export function readHeaderLines(
  bytes: Buffer,
  from: number,
  text: string,
  base: number,
  list: HeaderList,
  seen: SeenNames,
): LinesEnd {
  const end = bytes.length
  let i = from
  let lines = 0
  for (;;) {
    if (i >= end) {
      return incomplete
    }
    if (bytes[i] === 13) {
      return i + 1 >= end ? incomplete : bytes[i + 1] === 10 ? i + 2 : { fault: 'a carriage return without line feed' }
    }
    const nameFrom = i
    let name = seen.at(lines)
    if (name !== undefined && text.startsWith(name.written, i - base) && bytes[i + name.written.length] === 58) {
      i += name.written.length
    } else {
      while (i < end && isTokenByte[bytes[i] as number] === 1) {
        i += 1
      }
      if (i >= end) {
        return incomplete
      }
      if (bytes[i] !== 58 || i === nameFrom) {
        return { fault: faultOfName(bytes, i, nameFrom) }
      }
      // Of token bytes, so that it is a name.
      name = headerName(text.substring(nameFrom - base, i - base)) as HeaderName
      seen.note(lines, name)
    }
    i += 1
    while (i < end && (bytes[i] === 32 || bytes[i] === 9)) {
      i += 1
    }
    const valueFrom = i
    while (i < end && isValueByte[bytes[i] as number] === 1) {
      i += 1
    }
    if (i >= end || (bytes[i] === 13 && i + 1 >= end)) {
      return incomplete
    }
    if (bytes[i] !== 13 || bytes[i + 1] !== 10) {
      return { fault: faultOfValue(bytes[i] as number) }
    }
    let valueTo = i
    while (valueTo > valueFrom && (bytes[valueTo - 1] === 32 || bytes[valueTo - 1] === 9)) {
      valueTo -= 1
    }
    i += 2
    list.add(name, text.substring(valueFrom - base, valueTo - base))
    lines += 1
  }
}

/**
 * Is it worth reading these lines again, now that bytes from `newFrom` on have come? Without this question a client that sends
 * a byte at a time would have everything read again for each of them.
 */
export function mayHaveEnded(bytes: Buffer, newFrom: number, bytesMax: number): boolean {
  if (bytes.length > bytesMax || bytes.indexOf('\r\n\r\n', Math.max(0, newFrom - 3), 'latin1') !== -1) {
    return true
  }
  for (let i = bytes.indexOf(10, newFrom); i !== -1; i = bytes.indexOf(10, i + 1)) {
    if (bytes[i - 1] !== 13) {
      // A bare line feed: refused at once, not when the time is up.
      return true
    }
  }
  return false
}

// --- internal ---

function faultOfName(bytes: Buffer, at: number, lineFrom: number): string {
  const byte = bytes[at]
  if (at === lineFrom && (byte === 32 || byte === 9)) {
    return 'a folded header line'
  }
  if (at === lineFrom && byte === 58) {
    return 'a header without a name'
  }
  return byte === 10 ? 'a line feed without carriage return' : 'a header name with a character that is not allowed'
}

function faultOfValue(byte: number): string {
  switch (byte) {
    case 10:
      return 'a line feed without carriage return'
    case 13:
      return 'a carriage return without line feed'
    default:
      return 'a header value with a control character'
  }
}
