import {
  HeaderList,
  type HeadRefusal,
  headBytesMax,
  headerName,
  isTargetByte,
  isTokenByte,
  isValueByte,
  judgeHead,
  type RequestHead,
  targetBytesMax,
} from '../http1/index.ts'

/**
 * Makes the head of a request out of the fields of a HEADERS frame (RFC 9113 section 8), by the same rules as for HTTP/1.1:
 * what goes on to PHP is text again, where a line feed in a value would be a header, and a second length another request
 * (CVE-2021-33193 and its kin). nghttp2 has refused much of this before; nothing here counts on that.
 * @param fields name, value, name, value, … in the order in which they came, one character per byte
 * @param bodyFollows the stream was not ended with its head
 */
export function readRequestFields(fields: readonly string[], bodyFollows: boolean): RequestHead | HeadRefusal {
  const reading = new FieldReading()
  let bytes = 0
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    bytes += name.length + value.length + lineBytes
    const fault = name.startsWith(':') ? reading.takePseudo(name, value) : reading.take(name, value)
    if (fault !== undefined) {
      return bad(fault)
    }
  }
  return bytes > headBytesMax
    ? { kind: 'head-too-large', detail: 'the head is too large' }
    : judge(reading, bodyFollows)
}

// --- internal ---

/** `: ` and the line's end, which the field has as a header line. */
const lineBytes = 4

function bad(detail: string): HeadRefusal {
  return { kind: 'bad-request', detail }
}

const pseudoNames: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path'])

/** Section 8.2.2: these describe a connection of HTTP/1.1, and have no business here. */
const connectionNames: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
])

/** The fields taken so far. take… return what is wrong, in words for the client. */
class FieldReading {
  readonly pseudo = new Map<string, string>()
  readonly #headers = new HeaderList()
  readonly #cookies: string[] = []
  #authority: string | undefined
  #begun = false

  /** Section 8.3: each once, and before every other field. */
  takePseudo(name: string, value: string): string | undefined {
    if (!pseudoNames.has(name)) {
      return 'a pseudo-header that requests do not have'
    }
    if (this.pseudo.has(name)) {
      return `there is more than one ${name}`
    }
    this.pseudo.set(name, value)
    return this.#begun ? `${name} comes after a header` : undefined
  }

  take(name: string, value: string): string | undefined {
    this.#begin()
    const known = headerName(name)
    if (known === undefined || known.key !== name) {
      return 'a header name with a character that is not allowed'
    }
    if (!consistsOf(isValueByte, value)) {
      return 'a header value with a control character'
    }
    if (/^[ \t]|[ \t]$/.test(value)) {
      return 'a header value that begins or ends with a space'
    }
    if (connectionNames.has(name)) {
      return `${name} is not for HTTP/2`
    }
    if (name === 'te' && value.toLowerCase() !== 'trailers') {
      return 'TE may only say trailers'
    }
    if (name === 'host' && this.#authority !== undefined) {
      // Section 8.3.1: a different Host would be another site to whoever looks at the other one.
      return value.toLowerCase() === this.#authority.toLowerCase()
        ? undefined
        : 'the Host header is of another host than :authority'
    }
    if (name !== 'cookie' || this.#cookies.push(value) === 1) {
      this.#headers.add(known, value)
    }
    return undefined
  }

  headers(): HeaderList {
    this.#begin()
    if (this.#cookies.length > 1) {
      // Section 8.2.3: clients send crumbs, as they compress better; PHP must get them as one.
      this.#headers.rewrite('cookie', () => this.#cookies.join('; '))
    }
    return this.#headers
  }

  /** Host stands first, as clients of HTTP/1.1 send it. */
  #begin(): void {
    if (!this.#begun) {
      this.#begun = true
      this.#authority = this.pseudo.get(':authority')
      if (this.#authority !== undefined) {
        this.#headers.append('host', this.#authority)
      }
    }
  }
}

function judge(reading: FieldReading, bodyFollows: boolean): RequestHead | HeadRefusal {
  const { pseudo } = reading
  const method = pseudo.get(':method') ?? ''
  const target = pseudo.get(':path') ?? ''
  const fault = faultOfMethod(method) ?? (method === 'CONNECT' ? undefined : faultOfUrl(pseudo.get(':scheme'), target))
  if (fault !== undefined) {
    return bad(fault)
  }
  if (target.length > targetBytesMax) {
    return { kind: 'target-too-long', detail: 'the request target is too long' }
  }
  const head = judgeHead({ method, target, minor: 1 }, reading.headers())
  return 'kind' in head ? head : framed(head, bodyFollows)
}

function faultOfMethod(method: string): string | undefined {
  if (method === '') {
    return ':method is missing'
  }
  return consistsOf(isTokenByte, method) ? undefined : ':method holds a character that is not allowed'
}

function faultOfUrl(scheme: string | undefined, target: string): string | undefined {
  // A proxy before us may have got the request by plain http, and says so: both are let in.
  if (scheme === undefined || !/^https?$/i.test(scheme)) {
    return ':scheme is not https'
  }
  if (!target.startsWith('/') && target !== '*') {
    return ':path is no path'
  }
  return consistsOf(isTargetByte, target) ? undefined : ':path holds a character that is not allowed'
}

/** Section 8.1.1: without a length the end of the stream is the end of the body, which chunks tell PHP. */
function framed(head: RequestHead, bodyFollows: boolean): RequestHead | HeadRefusal {
  if (!bodyFollows && head.length > 0) {
    return bad('the body is shorter than its Content-Length')
  }
  const unknownLength = bodyFollows && head.framing === 'none' && !head.headers.has('content-length')
  return unknownLength ? { ...head, framing: 'chunked' } : head
}

function consistsOf(allowed: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (allowed[text.charCodeAt(i)] !== 1) {
      return false
    }
  }
  return true
}
