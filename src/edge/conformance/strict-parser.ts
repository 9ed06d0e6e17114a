/**
 * A second opinion on what HTTP/1 messages are in a stream of bytes: written for the tests alone, shares no line with the
 * engine, and accepts only what RFC 9112 says a sender may generate. Whatever Fig emits, on either side, must pass it.
 */
export interface StrictHead {
  /** `GET / HTTP/1.1` or `HTTP/1.1 200 OK`, one character per byte. */
  readonly start: string
  /** `Name: value` of each line, as it came but for white space around the value. */
  readonly lines: readonly string[]
}

export interface StrictMessage extends StrictHead {
  readonly body: Buffer
  readonly trailers: readonly string[]
  /** How the end of the body is known. */
  readonly framing: 'none' | 'length' | 'chunked' | 'end'
  /** Where the next message begins. */
  readonly endsAt: number
}

export type Parsed =
  | { readonly kind: 'message'; readonly message: StrictMessage }
  /** Fine so far; the head is there when it has been read. */
  | { readonly kind: 'incomplete'; readonly head?: StrictHead; readonly bodySoFar?: Buffer; readonly framing?: string }
  | { readonly kind: 'invalid'; readonly why: string }

export function parseRequest(bytes: Buffer, from: number): Parsed {
  return caught(() => {
    const head = readHead(bytes, from)
    if (head === undefined) {
      return { kind: 'incomplete' }
    }
    const [, method = '', , minor] = matched(requestLine, head.start, 'request line')
    const hosts = valuesOf(head, 'host')
    check(hosts.length === 1 || (minor === '0' && hosts.length === 0), `${hosts.length} Host headers`)
    const framing = framingOf(head) ?? 'none'
    check(framing !== 'chunked' || minor === '1', 'chunks in HTTP/1.0')
    check(method !== 'CONNECT', 'CONNECT')
    return readBody(bytes, head, framing)
  })
}

/** `ended`: the connection was closed in good order behind these bytes. */
export function parseResponse(bytes: Buffer, from: number, method: string, ended: boolean): Parsed {
  return caught(() => {
    const head = readHead(bytes, from)
    if (head === undefined) {
      return { kind: 'incomplete' }
    }
    const status = Number(matched(statusLine, head.start, 'status line')[1])
    const framing = framingOf(head)
    if (status < 200 || status === 204) {
      check(framing === undefined, `${status} with a body's headers`)
    }
    if (status < 200 || status === 204 || status === 304 || method === 'HEAD') {
      return readBody(bytes, head, 'none')
    }
    if (framing !== undefined) {
      return readBody(bytes, head, framing)
    }
    const body = bytes.subarray(head.endsAt)
    return ended
      ? { kind: 'message', message: { ...head, body, trailers: [], framing: 'end', endsAt: bytes.length } }
      : { kind: 'incomplete', head, bodySoFar: body, framing: 'end' }
  })
}

/** The values of all headers of a name, in order. */
export function valuesOf({ lines }: Pick<StrictHead, 'lines'>, name: string): readonly string[] {
  const start = `${name.toLowerCase()}:`
  return lines.filter((line) => line.toLowerCase().startsWith(start)).map((line) => line.slice(start.length).trim())
}

// --- internal ---

class Violation extends Error {}

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\0-\x20\x7f]+) HTTP\/1\.([01])$/
const statusLine = /^HTTP\/1\.1 ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/
const chunkSize = /^[0-9A-Fa-f]{1,12}$/
const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')

type Head = StrictHead & { readonly endsAt: number }

function caught(parse: () => Parsed): Parsed {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Violation) {
      return { kind: 'invalid', why: error.message }
    }
    throw error
  }
}

function check(holds: boolean, why: string): void {
  if (!holds) {
    throw new Violation(why)
  }
}

function matched(pattern: RegExp, text: string, what: string): RegExpExecArray {
  const match = pattern.exec(text)
  if (match === null) {
    throw new Violation(`${what}: ${JSON.stringify(text.slice(0, 200))}`)
  }
  return match
}

function readHead(bytes: Buffer, from: number): Head | undefined {
  const end = bytes.indexOf(headEnd, from)
  if (end === -1) {
    return undefined
  }
  const [start = '', ...raw] = bytes.toString('latin1', from, end).split('\r\n')
  check(start !== '', 'an empty line instead of a message')
  return { start, lines: raw.map(normalLine), endsAt: end + headEnd.length }
}

function normalLine(line: string): string {
  const [, name = '', value = ''] = matched(headerLine, line, 'header')
  return `${name}: ${value}`
}

function framingOf(head: Head): 'chunked' | 'length' | undefined {
  const encodings = valuesOf(head, 'transfer-encoding')
  const lengths = valuesOf(head, 'content-length')
  check(encodings.length === 0 || (encodings.length === 1 && encodings[0] === 'chunked'), `encoded ${encodings}`)
  check(lengths.length <= 1 && lengths.every((length) => /^\d{1,15}$/.test(length)), `lengths ${lengths}`)
  check(encodings.length + lengths.length <= 1, 'both a length and chunks')
  return encodings.length > 0 ? 'chunked' : lengths.length > 0 ? 'length' : undefined
}

function readBody(bytes: Buffer, head: Head, framing: 'none' | 'length' | 'chunked'): Parsed {
  if (framing === 'chunked') {
    return readChunks(bytes, head)
  }
  const length = framing === 'none' ? 0 : Number(valuesOf(head, 'content-length')[0])
  const endsAt = head.endsAt + length
  const body = bytes.subarray(head.endsAt, endsAt)
  return body.length < length
    ? { kind: 'incomplete', head, bodySoFar: body, framing }
    : { kind: 'message', message: { ...head, body, trailers: [], framing, endsAt } }
}

function readChunks(bytes: Buffer, head: Head): Parsed {
  const pieces: Buffer[] = []
  let at = head.endsAt
  for (;;) {
    const end = bytes.indexOf(lineEnd, at)
    if (end === -1) {
      check(bytes.length - at < 20, 'a chunk size without end')
      return { kind: 'incomplete', head, bodySoFar: Buffer.concat(pieces), framing: 'chunked' }
    }
    const size = Number.parseInt(matched(chunkSize, bytes.toString('latin1', at, end), 'chunk size')[0], 16)
    at = end + lineEnd.length
    if (size === 0) {
      break
    }
    pieces.push(bytes.subarray(at, at + size))
    if (bytes.length < at + size + lineEnd.length) {
      return { kind: 'incomplete', head, bodySoFar: Buffer.concat(pieces), framing: 'chunked' }
    }
    at += size
    check(bytes[at] === 13 && bytes[at + 1] === 10, 'no line end behind a chunk')
    at += lineEnd.length
  }
  const trailers: string[] = []
  for (;;) {
    const end = bytes.indexOf(lineEnd, at)
    if (end === -1) {
      return { kind: 'incomplete', head, bodySoFar: Buffer.concat(pieces), framing: 'chunked' }
    }
    const line = bytes.toString('latin1', at, end)
    at = end + lineEnd.length
    if (line === '') {
      return {
        kind: 'message',
        message: { ...head, body: Buffer.concat(pieces), trailers, framing: 'chunked', endsAt: at },
      }
    }
    trailers.push(normalLine(line))
  }
}
