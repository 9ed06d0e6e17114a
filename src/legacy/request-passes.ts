import type { ClientFacts, RequestFacts } from '../exchange.ts'
import type { HeaderList } from './header-list.ts'
import { stripHopByHop } from './hop-by-hop.ts'

export interface RequestPassSettings {
  /** Cookies that are Fig's own: PHP never sees them. */
  readonly ownCookies: readonly string[]
}

export type RequestPass = (headers: HeaderList, request: RequestFacts, settings: RequestPassSettings) => void

/** What happens to the headers of a request on its way to PHP, in this order. */
export const requestPasses: readonly RequestPass[] = [
  stripHopByHop,
  dropExpect,
  dropTrailerNames,
  dropDeceivingHeaders,
  dropOwnCookies,
  replaceForwardingHeaders,
  setRequestId,
]

// --- internal ---

/** The edge sends `100 Continue` itself, once it is known where the body goes. */
function dropExpect(headers: HeaderList): void {
  headers.remove('expect')
}

/** Trailers of a request are not passed on (PHP can't read them), so none must be announced. */
function dropTrailerNames(headers: HeaderList): void {
  headers.remove('trailer')
}

/**
 * `Proxy` becomes HTTP_PROXY in CGI (httpoxy, CVE-2016-5385). X-Original-URL and X-Rewrite-URL replace the path in some
 * frameworks, behind the route match. A name such as `X_Forwarded_For` becomes the same CGI variable as its dashed twin.
 */
function dropDeceivingHeaders(headers: HeaderList): void {
  headers.removeWhere(isDeceiving)
}

function isDeceiving(key: string): boolean {
  if (deceivingNames.has(key)) {
    return true
  }
  if (!unusualName.test(key)) {
    return false
  }
  const twin = key.replace(/[^a-z0-9]/g, '-')
  return deceivingNames.has(twin) || twinTargets.has(twin) || twin.startsWith('x-forwarded-')
}

const unusualName = /[^a-z0-9-]/
const deceivingNames = new Set(['proxy', 'x-original-url', 'x-rewrite-url'])
const twinTargets = new Set([
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
])

function dropOwnCookies(headers: HeaderList, _request: RequestFacts, { ownCookies }: RequestPassSettings): void {
  for (const name of ownCookies) {
    headers.rewrite('cookie', (value) => (value.includes(`${name}=`) ? withoutCookie(value, name) : value))
  }
}

function withoutCookie(cookies: string, name: string): string | undefined {
  const kept = cookies.split(';').filter((pair) => !pair.trimStart().startsWith(`${name}=`))
  return kept.length === 0 ? undefined : kept.join(';').trimStart()
}

/** What the client says about itself is believed only from a trusted proxy; our own word is added in either case. */
function replaceForwardingHeaders(headers: HeaderList, request: RequestFacts): void {
  const { client } = request
  const forwardedFor = client.trusted ? headers.get('x-forwarded-for') : undefined
  const forwarded = client.trusted ? headers.get('forwarded') : undefined
  headers.removeWhere(client.trusted ? isReplaced : isForwarding)
  headers.append('X-Forwarded-For', forwardedFor === undefined ? client.peer : `${forwardedFor}, ${client.peer}`)
  headers.append('X-Forwarded-Proto', client.proto)
  headers.append('X-Forwarded-Host', client.host)
  headers.append('X-Forwarded-Port', String(client.port))
  headers.append('X-Real-IP', client.ip)
  if (forwarded !== undefined) {
    headers.append('Forwarded', `${forwarded}, ${forwardedElement(client)}`)
  }
}

function isForwarding(key: string): boolean {
  return key.charCodeAt(0) === 120 /* x */ ? key.startsWith('x-forwarded-') || key === 'x-real-ip' : key === 'forwarded'
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
  headers.remove('x-request-id')
  headers.append('X-Request-Id', request.id)
}
