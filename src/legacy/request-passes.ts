import type { ClientFacts, RequestFacts } from '../exchange.ts'
import { type HeaderList, type HeaderName, headerBits, headerName } from '../http1/index.ts'
import { stripHopByHop } from './hop-by-hop.ts'

export interface RequestPassSettings {
  /** Cookies that are Fig's own: PHP never sees them. */
  readonly ownCookies: readonly string[]
  /** PHP gets this as Host, where it must not get the public one: a virtual host somewhere else. */
  readonly hostHeader?: string | undefined
  /**
   * False keeps X-HTTP-Method-Override and its like from PHP. Routes are matched on the method of the request line in either case;
   * WordPress's editor, for one, does not work without it.
   */
  readonly allowMethodOverride?: boolean | undefined
}

export type RequestPass = (headers: HeaderList, request: RequestFacts) => void

/** What happens to the headers of a request on its way to PHP, in this order. */
export function requestPasses(settings: RequestPassSettings): readonly RequestPass[] {
  const { ownCookies, hostHeader, allowMethodOverride } = settings
  return [
    stripHopByHop,
    dropExpect,
    dropDeceivingHeaders,
    ...(allowMethodOverride === false ? [dropMethodOverride] : []),
    ...ownCookies.map(dropOwnCookie),
    countForward,
    replaceForwardingHeaders,
    setRequestId,
    ...(hostHeader === undefined ? [] : [replaceHost(hostHeader)]),
  ]
}

// --- internal ---

/** The edge sends `100 Continue` itself, once it is known where the body goes. */
function dropExpect(headers: HeaderList): void {
  headers.removeBits(headerBits.expect)
}

/**
 * `Proxy` becomes HTTP_PROXY in CGI (httpoxy, CVE-2016-5385). X-Original-URL and X-Rewrite-URL replace the path in some
 * frameworks, behind the route match. A name such as `X_Forwarded_For` becomes the same CGI variable as its dashed twin.
 */
function dropDeceivingHeaders(headers: HeaderList): void {
  if ((headers.bits & (headerBits.deceiving | headerBits.unusual)) !== 0) {
    headers.removeBits(headerBits.deceiving)
    headers.removeWhere(isDeceivingTwin)
  }
}

function isDeceivingTwin(key: string): boolean {
  if (!unusualName.test(key)) {
    return false
  }
  const twin = key.replace(/[^a-z0-9]/g, '-')
  return twinTargets.has(twin) || twin.startsWith('x-forwarded-')
}

const unusualName = /[^a-z0-9-]/
const twinTargets = new Set([
  'proxy',
  'x-original-url',
  'x-rewrite-url',
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'connection',
  'cookie',
  'authorization',
  'forwarded',
  'x-real-ip',
  'x-request-id',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
])

/** The route was chosen by the method of the request line: PHP must not act on another one. */
function dropMethodOverride(headers: HeaderList): void {
  headers.removeBits(headerBits.methodOverride)
}

function dropOwnCookie(name: string): RequestPass {
  const begin = `${name}=`
  const withoutOwn = (cookies: string): string | undefined =>
    cookies.includes(begin) ? withoutCookie(cookies, begin) : cookies
  return (headers) => {
    if ((headers.bits & headerBits.cookie) !== 0) {
      headers.rewrite('cookie', withoutOwn)
    }
  }
}

function withoutCookie(cookies: string, begin: string): string | undefined {
  const at = cookies.indexOf(begin)
  if (at > 1 && cookies.startsWith('; ', at - 2) && !cookies.includes(begin, at + 1)) {
    const next = cookies.indexOf(';', at)
    return next === -1 ? cookies.slice(0, at - 2) : cookies.slice(0, at - 2) + cookies.slice(next)
  }
  const kept = cookies.split(';').filter((pair) => !pair.trimStart().startsWith(begin))
  return kept.length === 0 ? undefined : kept.join(';').trimStart()
}

/** RFC 9110 section 7.6.2: one hop less. At 0 the edge has answered itself. */
function countForward(headers: HeaderList, { request }: RequestFacts): void {
  if ((headers.bits & headerBits.maxForwards) !== 0 && (request.method === 'OPTIONS' || request.method === 'TRACE')) {
    headers.rewrite('max-forwards', oneLess)
  }
}

function oneLess(value: string): string {
  return /^\d{1,9}$/.test(value) && value !== '0' ? String(Number(value) - 1) : value
}

/** What the client says about itself is believed only from a trusted proxy; our own word is added in either case. */
function replaceForwardingHeaders(headers: HeaderList, { client }: RequestFacts): void {
  if (client.trusted && (headers.bits & headerBits.forwarding) !== 0) {
    extendForwardingHeaders(headers, client)
    return
  }
  headers.removeBits(headerBits.forwarding)
  headers.add(xForwardedFor, client.peer)
  addOwnWord(headers, client)
}

function extendForwardingHeaders(headers: HeaderList, client: ClientFacts): void {
  const forwardedFor = headers.get('x-forwarded-for')
  const forwarded = headers.get('forwarded')
  headers.removeWhere(isReplaced)
  headers.add(xForwardedFor, forwardedFor === undefined ? client.peer : `${forwardedFor}, ${client.peer}`)
  addOwnWord(headers, client)
  if (forwarded !== undefined) {
    headers.append('Forwarded', `${forwarded}, ${forwardedElement(client)}`)
  }
}

function addOwnWord(headers: HeaderList, client: ClientFacts): void {
  headers.add(xForwardedProto, client.proto)
  if (client.host !== '') {
    headers.add(xForwardedHost, client.host)
  }
  headers.add(xForwardedPort, String(client.port))
  headers.add(xRealIp, client.ip)
}

const xForwardedFor = known('X-Forwarded-For')
const xForwardedProto = known('X-Forwarded-Proto')
const xForwardedHost = known('X-Forwarded-Host')
const xForwardedPort = known('X-Forwarded-Port')
const xRealIp = known('X-Real-IP')
const xRequestId = known('X-Request-Id')

/** Looked up once instead of once per request. */
function known(written: string): HeaderName {
  return headerName(written) as HeaderName
}

/** From a trusted proxy the headers that we don't write ourselves (X-Forwarded-Prefix, -Server, …) are kept. */
function isReplaced(key: string): boolean {
  return replacedNames.has(key)
}

const replacedNames = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-real-ip',
  'forwarded',
])

function forwardedElement(client: ClientFacts): string {
  return client.peer.includes(':') ? `for="[${client.peer}]"` : `for=${client.peer}`
}

function setRequestId(headers: HeaderList, request: RequestFacts): void {
  headers.removeBits(headerBits.requestId)
  headers.add(xRequestId, request.id)
}

function replaceHost(hostHeader: string): RequestPass {
  return (headers) => {
    if ((headers.bits & headerBits.host) === 0) {
      headers.append('Host', hostHeader)
    } else {
      headers.rewrite('host', () => hostHeader)
    }
  }
}
