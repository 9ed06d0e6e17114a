/** What a header name means to a proxy: its lower-case form, and the bit by which lists of headers are searched at once. */
export interface HeaderName {
  /** As it was written. */
  readonly written: string
  readonly key: string
  /** One of `headerBits`; 0 for a name that means nothing to us. */
  readonly bit: number
}

/**
 * One bit for each header, or family of headers, that a pass asks for. A list of headers keeps the union: most questions
 * ("is there a Connection header?") are answered by one AND instead of a walk over all names.
 */
export const headerBits = {
  host: 1 << 0,
  connection: 1 << 1,
  contentLength: 1 << 2,
  transferEncoding: 1 << 3,
  /** Keep-Alive, Proxy-Connection, TE, Upgrade, HTTP2-Settings and the other fixed ones of RFC 9110 section 7.6.1. */
  hopByHop: 1 << 4,
  upgrade: 1 << 5,
  expect: 1 << 6,
  trailer: 1 << 7,
  /** X-Forwarded-*, Forwarded, X-Real-IP. */
  forwarding: 1 << 8,
  /** Names that some servers believe instead of the request line, or turn into a variable that others believe. */
  deceiving: 1 << 9,
  /** Names with other characters than letters, digits and dashes: CGI makes one variable of several of them. */
  unusual: 1 << 10,
  cookie: 1 << 11,
  requestId: 1 << 12,
  date: 1 << 13,
  setCookie: 1 << 14,
  /** Location, Refresh, Content-Location. */
  location: 1 << 15,
  etag: 1 << 16,
  vary: 1 << 17,
  cacheControl: 1 << 18,
  /** If-None-Match, If-Match, If-Range, If-Modified-Since, If-Unmodified-Since. */
  conditional: 1 << 19,
  maxForwards: 1 << 20,
  /** Names by which some frameworks let a POST pass for another method. */
  methodOverride: 1 << 21,
} as const

/** The meaning of a name as it was written on the wire; undefined where it is no token (RFC 9110 section 5.6.2). */
export function headerName(written: string): HeaderName | undefined {
  return cache.get(written) ?? learn(written)
}

/**
 * The same text in memory of its own. A piece of a longer text keeps all of that text alive: what outlives the message must not
 * keep the message.
 */
export function detached(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

// --- internal ---

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const unusual = /[^a-z0-9-]/
/** Clients choose names: the cache is for the usual ones, and does not grow without end. */
const cacheEntriesMax = 2_000
const cache = new Map<string, HeaderName>()

const known: Readonly<Record<string, number>> = {
  host: headerBits.host,
  connection: headerBits.connection,
  'content-length': headerBits.contentLength,
  'transfer-encoding': headerBits.transferEncoding,
  'keep-alive': headerBits.hopByHop,
  'proxy-connection': headerBits.hopByHop,
  'proxy-authenticate': headerBits.hopByHop,
  'proxy-authorization': headerBits.hopByHop,
  'proxy-authentication-info': headerBits.hopByHop,
  te: headerBits.hopByHop,
  'http2-settings': headerBits.hopByHop,
  upgrade: headerBits.hopByHop | headerBits.upgrade,
  expect: headerBits.expect,
  trailer: headerBits.trailer,
  forwarded: headerBits.forwarding,
  'x-real-ip': headerBits.forwarding,
  proxy: headerBits.deceiving,
  'x-original-url': headerBits.deceiving,
  'x-rewrite-url': headerBits.deceiving,
  // Fig's own: a credential, which PHP is not to see.
  'x-fig-override': headerBits.deceiving,
  cookie: headerBits.cookie,
  'x-request-id': headerBits.requestId,
  date: headerBits.date,
  'set-cookie': headerBits.setCookie,
  location: headerBits.location,
  refresh: headerBits.location,
  'content-location': headerBits.location,
  etag: headerBits.etag,
  vary: headerBits.vary,
  'cache-control': headerBits.cacheControl,
  'if-none-match': headerBits.conditional,
  'if-match': headerBits.conditional,
  'if-range': headerBits.conditional,
  'if-modified-since': headerBits.conditional,
  'if-unmodified-since': headerBits.conditional,
  'max-forwards': headerBits.maxForwards,
  'x-http-method-override': headerBits.methodOverride,
  'x-http-method': headerBits.methodOverride,
  'x-method-override': headerBits.methodOverride,
}

function learn(written: string): HeaderName | undefined {
  if (!token.test(written)) {
    return undefined
  }
  const own = detached(written)
  const key = own.toLowerCase()
  const name = { written: own, key, bit: bitOf(key) }
  if (cache.size < cacheEntriesMax) {
    cache.set(own, name)
  }
  return name
}

function bitOf(key: string): number {
  if (Object.hasOwn(known, key)) {
    return known[key] as number
  }
  if (key.startsWith('x-forwarded-')) {
    return headerBits.forwarding
  }
  return unusual.test(key) ? headerBits.unusual : 0
}
