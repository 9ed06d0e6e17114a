import type { RequestFacts } from '../exchange.ts'
import { type HeaderList, headerBits } from '../http1/index.ts'

/** For sites that know themselves by an internal name only. Better: send the public Host, and leave answers alone. */
export interface RewriteSettings {
  /** Under which PHP thinks it is reached, such as `http://internal:8081`: replaced by what the client used. */
  readonly origins: readonly string[]
  readonly cookieDomain?: CookieRewrite
  readonly cookiePath?: CookieRewrite
}

export interface CookieRewrite {
  readonly from: string
  /** Empty takes the attribute out. */
  readonly to: string
}

type RewritePass = (headers: HeaderList, request: RequestFacts, status: number) => void

export function rewritePasses({ origins, cookieDomain, cookiePath }: RewriteSettings): readonly RewritePass[] {
  const passes: RewritePass[] = origins.length === 0 ? [] : [rewriteLocations(origins.map(internalOrigin))]
  if (cookieDomain !== undefined) {
    passes.push(rewriteCookies(domainChanger(cookieDomain)))
  }
  if (cookiePath !== undefined) {
    passes.push(rewriteCookies(pathChanger(cookiePath)))
  }
  return passes
}

// --- internal ---

interface InternalOrigin {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
}

function internalOrigin(text: string): InternalOrigin {
  const { protocol, hostname, port } = new URL(text)
  return { protocol, hostname, port: port || defaultPort(protocol) }
}

function defaultPort(protocol: string): string {
  return protocol === 'https:' ? '443' : '80'
}

/** Location means a place to go to with these only; in any other answer it is a word of the site's own. */
const locationStatuses = new Set([201, 301, 302, 303, 307, 308])

function rewriteLocations(origins: readonly InternalOrigin[]): RewritePass {
  return (headers, { client }, status) => {
    if ((headers.bits & headerBits.location) === 0) {
      return
    }
    const change = (url: string): string => publicUrl(url, origins, client)
    if (locationStatuses.has(status)) {
      headers.rewrite('location', change)
    }
    headers.rewrite('content-location', change)
    headers.rewrite('refresh', (value) =>
      value.replace(refreshUrl, (_all, before: string, url: string) => before + change(url)),
    )
  }
}

/** `5; url=http://internal/`, with or without quotes. */
const refreshUrl = /^(\s*[\d.]*\s*[;,]\s*(?:url\s*=\s*)?["']?)([^"']+)/i

/** The URL with the client's scheme and host instead of an internal one; a protocol-relative one stays so. */
function publicUrl(url: string, origins: readonly InternalOrigin[], client: RequestFacts['client']): string {
  const parts = /^(https?:)?\/\/([^/?#\\]*)/i.exec(url)
  if (parts === null) {
    return url
  }
  const [whole, scheme, authority = ''] = parts
  const protocol = scheme?.toLowerCase()
  const { hostname, port } = splitAuthority(authority.toLowerCase())
  const found = origins.some(
    (origin) =>
      origin.hostname === hostname &&
      (protocol === undefined || protocol === origin.protocol) &&
      (port === '' ? defaultPort(protocol ?? origin.protocol) : port) === origin.port,
  )
  if (!found) {
    return url
  }
  return `${scheme === undefined ? '' : `${client.proto}:`}//${client.host}${url.slice(whole.length)}`
}

function splitAuthority(authority: string): { readonly hostname: string; readonly port: string } {
  const [, hostname = authority, port = ''] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? []
  return { hostname, port }
}

type ChangeAttribute = (name: string, value: string) => string | undefined

function rewriteCookies(change: ChangeAttribute): RewritePass {
  const rewritten = (cookie: string): string => {
    const [pair = '', ...attributes] = cookie.split(';')
    return [pair, ...attributes.flatMap((attribute) => changed(attribute, change))].join(';')
  }
  return (headers) => {
    if ((headers.bits & headerBits.setCookie) !== 0) {
      headers.rewrite('set-cookie', rewritten)
    }
  }
}

/** Everything but the value that changes keeps its bytes. */
function changed(attribute: string, change: ChangeAttribute): readonly string[] {
  const parts = /^(\s*([^=\s]+)\s*=\s*)(.*?)(\s*)$/.exec(attribute)
  if (parts === null) {
    return [attribute]
  }
  const [, before = '', name = '', value = '', behind = ''] = parts
  const next = change(name.toLowerCase(), value)
  return next === undefined ? [] : [before + next + behind]
}

function domainChanger({ from, to }: CookieRewrite): ChangeAttribute {
  const wanted = from.replace(/^\./, '').toLowerCase()
  return (name, value) => {
    if (name !== 'domain' || value.replace(/^\./, '').toLowerCase() !== wanted) {
      return value
    }
    return to === '' ? undefined : to
  }
}

function pathChanger({ from, to }: CookieRewrite): ChangeAttribute {
  const prefix = from.replace(/\/$/, '')
  return (name, value) => {
    if (name !== 'path' || (value !== prefix && !value.startsWith(`${prefix}/`))) {
      return value
    }
    const rest = value.slice(prefix.length)
    return to === '' ? undefined : to.replace(/\/$/, '') + rest || '/'
  }
}
