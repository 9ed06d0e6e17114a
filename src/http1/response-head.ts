import { incomplete, mayHaveEnded, readHeaderLines, SeenNames } from './header-lines.ts'
import { HeaderList } from './header-list.ts'
import { headerBits } from './header-names.ts'

/** How the end of an answer's body is known (RFC 9112 section 6.3). */
export type ResponseFraming = 'none' | 'length' | 'chunked' | 'until-close'

export interface ResponseHead {
  readonly status: number
  /** The bytes of the reason phrase, one character per byte; may be empty. */
  readonly reason: string
  /** The server speaks HTTP/1.minor. */
  readonly minor: 0 | 1
  readonly headers: HeaderList
  readonly framing: ResponseFraming
  /** Bytes of a body with a length, else 0. */
  readonly length: number
  /** The server takes another request on this connection (RFC 9112 section 9.3). */
  readonly keepsAlive: boolean
}

export type ReadResponseHead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly fault: string }
  | { readonly kind: 'head'; readonly head: ResponseHead; readonly end: number }

export const responseHeadBytesMax = 256 * 1024

/** Reads the head of an answer to a request with `method` at the start of `bytes`. */
export function readResponseHead(bytes: Buffer, method: string): ReadResponseHead {
  // Where there is little, it is cheaper to make text of a body too than to look for its beginning in the bytes.
  const whole = bytes.length <= 2048 ? bytes.toString('latin1') : undefined
  const end = whole === undefined ? bytes.indexOf('\r\n\r\n', 0, 'latin1') : whole.indexOf('\r\n\r\n')
  if (end === -1) {
    return bytes.length > responseHeadBytesMax ? invalid('the head is too large') : unfinished(bytes)
  }
  if (end > responseHeadBytesMax) {
    return invalid('the head is too large')
  }
  const text = whole ?? bytes.toString('latin1', 0, end + 4)
  const line = statusLine.exec(text)
  if (line === null) {
    return invalid('the answer does not begin with a status line of HTTP/1')
  }
  const from = line[0].length
  const headers = new HeaderList()
  const stop = readHeaderLines(bytes, from, text, 0, headers, seenNames)
  if (typeof stop === 'number' && stop !== incomplete) {
    return judge(line, headers, method, end + 4)
  }
  return readForgivingly(line, text.slice(from, end + 4), method, end + 4)
}

// --- internal ---

const seenNames = new SeenNames()

/** Of HTTP/1.x; the reason, and the space before it, may be missing. Any byte of a header value may be in the reason. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const statusLine = /^HTTP\/1\.(\d) (\d\d\d)(?: ([^\x00-\x08\x0a-\x1f\x7f]*))?\r\n/

function invalid(fault: string): ReadResponseHead {
  return { kind: 'invalid', fault }
}

/** Something that will never be an answer is not waited for until the timeout. */
function unfinished(bytes: Buffer): ReadResponseHead {
  if (mayHaveEnded(bytes, 0, responseHeadBytesMax)) {
    return invalid('a line feed without carriage return')
  }
  const start = bytes.toString('latin1', 0, 7)
  return 'HTTP/1.'.startsWith(start) ? { kind: 'incomplete' } : invalid('the answer does not begin with HTTP/1')
}

/**
 * RFC 9112 sections 5.1 and 5.2 have a proxy mend two faults in answers: a space before the colon, and folded lines.
 * Everything else stays a fault.
 */
function readForgivingly(line: RegExpExecArray, lines: string, method: string, end: number): ReadResponseHead {
  const mended = lines.replace(/\r\n[ \t]+/g, ' ').replace(/^([^\s:]+)[ \t]+:/gm, '$1:')
  const headers = new HeaderList()
  const stop = readHeaderLines(Buffer.from(mended, 'latin1'), 0, mended, 0, headers, seenNames)
  if (typeof stop !== 'number') {
    return invalid(stop.fault)
  }
  return stop === incomplete ? invalid('the head breaks off') : judge(line, headers, method, end)
}

function judge(line: RegExpExecArray, headers: HeaderList, method: string, end: number): ReadResponseHead {
  const status = Number(line[2])
  const minor = line[1] === '0' ? 0 : 1
  if (status < 100 || status > 599) {
    return invalid(`the status ${line[2]} does not exist`)
  }
  const framing = readFraming(status, headers, method, minor)
  if (typeof framing === 'string') {
    return invalid(framing)
  }
  const head: ResponseHead = {
    status,
    reason: line[3] ?? '',
    minor,
    headers,
    framing: framing.framing,
    length: framing.length,
    keepsAlive: framing.framing !== 'until-close' && keepsAlive(headers, minor),
  }
  return { kind: 'head', head, end }
}

/** A text says what is wrong. A length that two readers could take differently may hide a second answer. */
function readFraming(
  status: number,
  headers: HeaderList,
  method: string,
  minor: 0 | 1,
): { readonly framing: ResponseFraming; readonly length: number } | string {
  const length = readLength(headers)
  if (typeof length === 'string') {
    return length
  }
  const encoding = (headers.bits & headerBits.transferEncoding) === 0 ? undefined : headers.get('transfer-encoding')
  if (encoding !== undefined && (length !== undefined || minor === 0)) {
    return 'the body has a transfer encoding where it must not'
  }
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') {
    return { framing: 'none', length: 0 }
  }
  if (encoding !== undefined) {
    return encoding.toLowerCase() === 'chunked'
      ? { framing: 'chunked', length: 0 }
      : `the transfer encoding ${JSON.stringify(encoding.slice(0, 40))} is not known`
  }
  return length === undefined
    ? { framing: 'until-close', length: 0 }
    : { framing: length === 0 ? 'none' : 'length', length }
}

/** Several equal lengths are one (RFC 9110 section 8.6); any others are a fault. */
function readLength(headers: HeaderList): number | string | undefined {
  if ((headers.bits & headerBits.contentLength) === 0) {
    return undefined
  }
  const given = headers.get('content-length') as string
  if (/^\d{1,15}$/.test(given)) {
    return Number(given)
  }
  const texts = given.split(',').map((text) => text.trim())
  const [text = ''] = texts
  if (!/^\d{1,15}$/.test(text) || texts.some((other) => other !== text)) {
    return 'the Content-Length is not one number'
  }
  headers.remove('content-length')
  headers.append('Content-Length', text)
  return Number(text)
}

function keepsAlive(headers: HeaderList, minor: 0 | 1): boolean {
  const connection = (headers.bits & headerBits.connection) === 0 ? undefined : headers.get('connection')?.toLowerCase()
  if (connection === undefined || connection === 'keep-alive') {
    return connection !== undefined || minor === 1
  }
  const options = connection.split(',').map((option) => option.trim())
  return options.includes('close') ? false : minor === 1 || options.includes('keep-alive')
}
