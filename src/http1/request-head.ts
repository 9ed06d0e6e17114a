import { isTargetByte, isTokenByte } from './byte-classes.ts'
import { incomplete, readHeaderLines, SeenNames } from './header-lines.ts'
import { HeaderList } from './header-list.ts'
import { headerBits } from './header-names.ts'
import { hostSyntax } from './host.ts'

/** How the end of a request's body is known (RFC 9112 section 6.3). */
export type RequestFraming = 'none' | 'length' | 'chunked'

/** The head of a request as it came; nobody changes it. */
export interface RequestHead {
  readonly method: string
  /** In origin form, or `*`; the bytes of the request line, one character per byte. */
  readonly target: string
  /** HTTP/1.x; requests over HTTP/2 count as 1. */
  readonly minor: 0 | 1
  readonly headers: HeaderList
  readonly framing: RequestFraming
  /** Bytes of a body with a length, else 0. */
  readonly length: number
}

/** Why a request is not let in. */
export type RefusalKind =
  | 'bad-request'
  | 'not-implemented'
  | 'method-not-allowed'
  | 'version-not-supported'
  | 'target-too-long'
  | 'head-too-large'
  | 'expectation-failed'

export interface HeadRefusal {
  readonly kind: RefusalKind
  /** For the client's eyes. */
  readonly detail: string
}

export type ReadHead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly refusal: HeadRefusal }
  | { readonly kind: 'head'; readonly head: RequestHead; readonly end: number }

/** A request line longer than this is answered 414. */
export const targetBytesMax = 32 * 1024
/** A head longer than this is answered 431. */
export const headBytesMax = 64 * 1024

/**
 * Reads the head of a request at the start of `bytes` by the rules of RFC 9112, strictly: what PHP, or a proxy before or
 * behind us, could read differently is refused.
 */
export function readRequestHead(bytes: Buffer): ReadHead {
  const from = skipEmptyLines(bytes)
  if (from >= bytes.length) {
    return needsMore
  }
  const end = endOfHead(bytes, from)
  const text = bytes.toString('latin1', from, end)
  const line = readRequestLine(bytes, from, text)
  if ('kind' in line) {
    return line
  }
  if (end - from > headBytesMax) {
    return refused('head-too-large', 'the head is too large')
  }
  const headers = new HeaderList()
  const stop = readHeaderLines(bytes, line.end, text, from, headers, seenNames)
  if (typeof stop !== 'number') {
    return refused('bad-request', stop.fault)
  }
  return stop === incomplete ? needsMore : judged(line, headers, stop)
}

/** The rules about the head as a whole; the same for requests over HTTP/2. */
export function judgeHead(
  { method, target, minor }: Pick<RequestHead, 'method' | 'target' | 'minor'>,
  headers: HeaderList,
): RequestHead | HeadRefusal {
  const host = readHost(headers, minor)
  if (typeof host === 'object') {
    return host
  }
  const origin = originForm(method, target, host, headers)
  if (typeof origin === 'object') {
    return origin
  }
  const framing = readFraming(headers, minor)
  if (typeof framing === 'object') {
    return framing
  }
  if ((headers.bits & headerBits.expect) !== 0 && headers.get('expect')?.toLowerCase() !== '100-continue') {
    return { kind: 'expectation-failed', detail: 'the only expectation is 100-continue' }
  }
  return {
    method,
    target: origin,
    minor,
    headers,
    framing: framing === -1 ? 'chunked' : framing === 0 ? 'none' : 'length',
    length: framing === -1 ? 0 : framing,
  }
}

// --- internal ---

interface RequestLine {
  readonly method: string
  readonly target: string
  readonly minor: 0 | 1
  readonly end: number
}

const seenNames = new SeenNames()

const needsMore: ReadHead = Object.freeze({ kind: 'incomplete' })

function refused(kind: RefusalKind, detail: string): ReadHead {
  return { kind: 'refused', refusal: { kind, detail } }
}

/** RFC 9112 section 2.2: a server should ignore an empty line before the request line; more than a few are no accident. */
function skipEmptyLines(bytes: Buffer): number {
  let i = 0
  while (i < 8 && bytes[i] === 13 && bytes[i + 1] === 10) {
    i += 2
  }
  return i
}

/** Only the head is made into text: behind it may stand much of a body. Where its end is not here yet, all of it is head. */
function endOfHead(bytes: Buffer, from: number): number {
  if (bytes.length - from <= 2048) {
    return bytes.length
  }
  const end = bytes.indexOf('\r\n\r\n', from, 'latin1')
  return end === -1 ? bytes.length : end + 4
}

function readRequestLine(bytes: Buffer, from: number, text: string): RequestLine | ReadHead {
  let i = from
  const end = bytes.length
  while (i < end && isTokenByte[bytes[i] as number] === 1) {
    i += 1
  }
  if (i >= end) {
    return i - from > 256 ? refused('bad-request', 'the method is too long') : needsMore
  }
  if (bytes[i] !== 32 || i === from) {
    return refused('bad-request', 'the request line does not begin with a method')
  }
  const method = text.substring(0, i - from)
  i += 1
  const targetFrom = i
  while (i < end && isTargetByte[bytes[i] as number] === 1) {
    i += 1
  }
  if (i - targetFrom > targetBytesMax) {
    return refused('target-too-long', 'the request target is too long')
  }
  if (i >= end) {
    return needsMore
  }
  const target = text.substring(targetFrom - from, i - from)
  if (bytes[i] === 13) {
    return i + 1 >= end ? needsMore : lineWithoutVersion(bytes[i + 1])
  }
  if (bytes[i] !== 32 || target === '') {
    return refused('bad-request', 'the request target holds a character that is not allowed')
  }
  return readVersion(i + 1, text, from, method, target)
}

/** The line of HTTP/0.9, or a carriage return that ends nothing. */
function lineWithoutVersion(next: number | undefined): ReadHead {
  return next === 10
    ? refused('version-not-supported', 'the request line names no version')
    : refused('bad-request', 'a carriage return without line feed')
}

/** `HTTP/1.1` and the end of the line. A higher minor version is spoken to as 1.1 (RFC 9110 section 2.5). */
function readVersion(at: number, text: string, from: number, method: string, target: string): RequestLine | ReadHead {
  const rest = text.substring(at - from, at - from + 10)
  if (rest === 'HTTP/1.1\r\n') {
    return { method, target, minor: 1, end: at + 10 }
  }
  if (rest === 'HTTP/1.0\r\n') {
    return { method, target, minor: 0, end: at + 10 }
  }
  if (rest.length < 10 && versionStart.test(rest)) {
    return needsMore
  }
  const version = /^HTTP\/(\d)\.(\d)\r\n$/.exec(rest)
  if (version === null) {
    return refused('bad-request', 'the request line does not end with a version of HTTP')
  }
  return version[1] === '1'
    ? { method, target, minor: 1, end: at + 10 }
    : refused('version-not-supported', `HTTP/${version[1]}.${version[2]} is not spoken here`)
}

const versionStart = /^(?:H|HT|HTT|HTTP|HTTP\/|HTTP\/\d|HTTP\/\d\.|HTTP\/\d\.\d|HTTP\/\d\.\d\r)?$/

/** A head, or why it is not let in. */
function judged(line: RequestLine, headers: HeaderList, end: number): ReadHead {
  const head = judgeHead(line, headers)
  return 'kind' in head ? { kind: 'refused', refusal: head } : { kind: 'head', head, end }
}

function bad(detail: string): HeadRefusal {
  return { kind: 'bad-request', detail }
}

/** RFC 9112 section 3.2: exactly one Host in HTTP/1.1, and a valid one; HTTP/1.0 may have none. */
function readHost(headers: HeaderList, minor: 0 | 1): string | undefined | HeadRefusal {
  if ((headers.bits & headerBits.host) === 0) {
    return minor === 0 ? undefined : bad('the Host header is missing')
  }
  const host = headers.first('host') as string
  // A list of hosts is none: two headers are joined by a comma, which no host name has.
  const port = hostSyntax.exec(headers.get('host') as string)
  if (port === null) {
    return bad(headers.count('host') > 1 ? 'there is more than one Host header' : 'the Host header is not a host name')
  }
  return port[1] !== undefined && Number(port[1]) > 65_535 ? bad('the port in the Host header is too large') : host
}

/** RFC 9112 section 3.2: origin form, absolute form for this very host, or `OPTIONS *`. */
function originForm(
  method: string,
  target: string,
  host: string | undefined,
  headers: HeaderList,
): string | HeadRefusal {
  if (method === 'CONNECT') {
    return { kind: 'not-implemented', detail: 'CONNECT' }
  }
  if (method === 'TRACE') {
    // Its echo would show scripts what browsers hide from them: Authorization, HttpOnly cookies.
    return { kind: 'method-not-allowed', detail: 'TRACE' }
  }
  if (target.charCodeAt(0) === 47 /* / */) {
    return target.includes('#') ? bad('the request target has a fragment') : target
  }
  if (target === '*') {
    return method === 'OPTIONS' ? target : bad('* is a target for OPTIONS only')
  }
  const absolute = /^https?:\/\/([^/?#]+)([^#]*)$/i.exec(target)
  if (absolute === null) {
    return bad('the request target is neither a path nor a URL')
  }
  const [, authority = '', path = ''] = absolute
  if (authority.toLowerCase() !== (host ?? authority).toLowerCase() || !hostSyntax.test(authority)) {
    return bad('the URL in the request line is of another host than the Host header')
  }
  if (host === undefined) {
    headers.append('Host', authority)
  }
  return path.startsWith('/') ? path : `/${path}`
}

/** Bytes of the body; -1 for chunks. Everything that two readers could take differently is refused (RFC 9112 section 6). */
function readFraming(headers: HeaderList, minor: 0 | 1): number | HeadRefusal {
  const { bits } = headers
  if ((bits & headerBits.transferEncoding) !== 0) {
    if (minor === 0) {
      return bad('HTTP/1.0 has no Transfer-Encoding')
    }
    if ((bits & headerBits.contentLength) !== 0) {
      return bad('the body has both a length and a transfer encoding')
    }
    const coding = headers.get('transfer-encoding')?.toLowerCase() ?? ''
    if (coding === 'chunked') {
      return -1
    }
    // Section 6.1: 501 for codings that exist; what only looks like one is an attempt to be read in two ways.
    return realCodings.test(coding)
      ? { kind: 'not-implemented', detail: 'the only transfer encoding is chunked' }
      : bad('the only transfer encoding is chunked')
  }
  if ((bits & headerBits.contentLength) === 0) {
    return 0
  }
  const text = headers.get('content-length') as string
  if (!/^\d+$/.test(text)) {
    return bad(text.includes(',') ? 'there is more than one Content-Length' : 'the Content-Length is not a number')
  }
  const length = Number(text)
  if (!Number.isSafeInteger(length)) {
    return bad('the Content-Length is too large')
  }
  if (text.length > 1 && text.startsWith('0')) {
    // Zeros in front mean nothing here, and an octal number to somebody else.
    headers.rewrite('content-length', () => String(length))
  }
  return length
}

const realCodings = /^(?:x-)?(?:gzip|compress|deflate)(?:, ?chunked)?$/
