import { HeaderList } from '../../http1/index.ts'
import { reasonOf } from './reasons.ts'

/** What a script says before its body (RFC 3875 section 6). */
export interface ScriptHead {
  readonly status: number
  readonly reason: string
  /** In the order of a web server: what describes the body first, then as the script gave them. */
  readonly headers: HeaderList
  /** Bytes of the body, if the script says so. */
  readonly length: number | undefined
  /** A file that the script asks its web server to send instead of an answer of its own. */
  readonly accelRedirect: string | undefined
}

export type ReadScriptHead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly fault: string }
  | { readonly kind: 'head'; readonly head: ScriptHead; readonly end: number }

/** As large as an answer's head over HTTP may be. */
export const scriptHeadBytesMax = 256 * 1024

/** Reads the head at the start of what a script put out. Lines end with LF or CRLF. */
export function readScriptHead(bytes: Buffer): ReadScriptHead {
  const lines: string[] = []
  for (let from = 0; ; ) {
    const end = bytes.indexOf(10, from)
    if (end === -1 || end > scriptHeadBytesMax) {
      return bytes.length > scriptHeadBytesMax ? invalid('the head is too large') : { kind: 'incomplete' }
    }
    const line = bytes.toString('latin1', from, end > from && bytes[end - 1] === 13 ? end - 1 : end)
    from = end + 1
    if (line === '') {
      return judge(lines, from)
    }
    lines.push(line)
  }
}

// --- internal ---

/** A name without colon is a header without value, as php-fpm lets scripts write that, and web servers pass it on. */
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?::[ \t]*(.*?)[ \t]*)?$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\x00-\x08\x0a-\x1f\x7f]/

/** What only the connection to the web server is about, and what web servers keep to themselves. */
const dropped = new Set([
  'status',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-accel-redirect',
  'x-accel-expires',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
  // Written before the others.
  'content-type',
  'content-length',
])

function invalid(fault: string): ReadScriptHead {
  return { kind: 'invalid', fault }
}

function judge(lines: readonly string[], end: number): ReadScriptHead {
  const given = new HeaderList()
  for (const line of lines) {
    const parts = headerLine.exec(line)
    if (parts === null || control.test(line)) {
      return invalid(`a header line that is none: ${JSON.stringify(line.slice(0, 60))}`)
    }
    given.append(parts[1] as string, parts[2] ?? '')
  }
  const status = readStatus(given)
  if (status === undefined) {
    return invalid(`the status ${JSON.stringify(given.first('status')?.slice(0, 60))} is none of a whole answer`)
  }
  const length = readLength(given)
  if (length === 'invalid') {
    return invalid('the Content-Length is not one number')
  }
  const head: ScriptHead = {
    ...status,
    headers: inServerOrder(given, length),
    length,
    accelRedirect: given.first('x-accel-redirect'),
  }
  return { kind: 'head', head, end }
}

/** A Location alone means 302 (RFC 3875 section 6.2.3). PHP sends no status for 200. */
function readStatus(given: HeaderList): { readonly status: number; readonly reason: string } | undefined {
  const text = given.first('status')
  if (text === undefined) {
    const status = given.has('location') ? 302 : 200
    return { status, reason: reasonOf(status) }
  }
  const [, digits, reason] = /^(\d{3})(?: (.*))?$/.exec(text) ?? []
  const status = Number(digits)
  return status >= 200 && status <= 599 ? { status, reason: reason || reasonOf(status) } : undefined
}

function readLength(given: HeaderList): number | undefined | 'invalid' {
  const text = given.get('content-length')
  if (text === undefined) {
    return undefined
  }
  return /^\d{1,15}$/.test(text) ? Number(text) : 'invalid'
}

function inServerOrder(given: HeaderList, length: number | undefined): HeaderList {
  const headers = new HeaderList()
  const type = given.first('content-type')
  if (type !== undefined) {
    headers.append('Content-Type', type)
  }
  if (length !== undefined) {
    headers.append('Content-Length', String(length))
  }
  given.forEach((name, value, key) => {
    if (!dropped.has(key)) {
      headers.append(name, value)
    }
  })
  return headers
}
