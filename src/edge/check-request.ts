import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from '../platform/index.ts'

/** Why a request is not let in. The connection is closed: nothing behind a doubtful request may be read as another one. */
export interface Refusal {
  readonly code: ErrorCode
  readonly detail: string
}

/** A name or address with an optional port: no userinfo, no list, no path. */
export const hostSyntax = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/**
 * What node:http lets through although PHP, or a proxy before or behind, could read it differently. Node itself refuses TE
 * with CL, duplicate lengths, folded lines, bare CR or LF, NUL and bad chunks; a test holds it to that.
 */
export function checkRequest(req: IncomingMessage): Refusal | undefined {
  return checkVersion(req) ?? checkHost(req) ?? checkTransferEncoding(req) ?? checkTarget(req)
}

// --- internal ---

function bad(detail: string): Refusal {
  return { code: 'edge.bad-request', detail }
}

function checkVersion({ httpVersion }: IncomingMessage): Refusal | undefined {
  return httpVersion === '1.1' || httpVersion === '1.0'
    ? undefined
    : { code: 'edge.version-not-supported', detail: `HTTP/${httpVersion} is not spoken here` }
}

/** RFC 9112 section 3.2: exactly one Host in HTTP/1.1, and a valid one. */
function checkHost({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): Refusal | undefined {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') {
      count += 1
    }
  }
  if (count === 0) {
    return httpVersionMinor === 0 ? undefined : bad('the Host header is missing')
  }
  if (count > 1) {
    return bad('there is more than one Host header')
  }
  const host = headers.host ?? ''
  if (!hostSyntax.test(host)) {
    return bad('the Host header is not a host name')
  }
  const port = /:(\d+)$/.exec(host)?.[1]
  return port !== undefined && Number(port) > 65_535 ? bad('the port in the Host header is too large') : undefined
}

/** RFC 9112 section 6.1. Anything but exactly `chunked` is read differently by different servers. */
function checkTransferEncoding({ headers, httpVersionMinor }: IncomingMessage): Refusal | undefined {
  const encoding = headers['transfer-encoding']
  if (encoding === undefined) {
    return undefined
  }
  if (httpVersionMinor === 0) {
    return bad('HTTP/1.0 has no Transfer-Encoding')
  }
  if (headers['content-length'] !== undefined) {
    return bad('the body has both a length and a transfer encoding')
  }
  return encoding.toLowerCase() === 'chunked' ? undefined : bad('the only transfer encoding is chunked')
}

/** RFC 9112 section 3.2: origin form, or absolute form for this host, or `OPTIONS *`. */
function checkTarget(req: IncomingMessage): Refusal | undefined {
  const target = req.url ?? ''
  if (target.includes('#')) {
    return bad('the request target has a fragment')
  }
  if (target.startsWith('/')) {
    return undefined
  }
  if (target === '*') {
    return req.method === 'OPTIONS' ? undefined : bad('* is a target for OPTIONS only')
  }
  const authority = absoluteForm.exec(target)?.[1]
  if (authority === undefined) {
    return bad('the request target is neither a path nor a URL')
  }
  return authority.toLowerCase() === (req.headers.host ?? authority).toLowerCase()
    ? undefined
    : bad('the URL in the request line is of another host than the Host header')
}

const absoluteForm = /^https?:\/\/([^/?]+)/i
