/** Where php-fpm listens. */
export type FastcgiAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

export const fastcgiUrlExamples = 'fastcgi://127.0.0.1:9000 or fastcgi:///run/php/php-fpm.sock'

/**
 * `fastcgi://host:port` for TCP; `fastcgi:///path/to.sock` for a unix socket (and `fastcgi+unix:`, as some write it).
 * Undefined for anything else.
 */
export function parseFastcgiUrl(text: string): FastcgiAddress | undefined {
  if (!URL.canParse(text)) {
    return undefined
  }
  const { protocol, host, hostname, port, pathname, search, hash, username, password } = new URL(text)
  if (`${search}${hash}${username}${password}` !== '') {
    return undefined
  }
  if (host === '' && (protocol === 'fastcgi:' || protocol === 'fastcgi+unix:')) {
    const path = plainText(pathname)
    return path === undefined || !/^\/+[^/]/.test(path) ? undefined : { kind: 'unix', path }
  }
  if (protocol !== 'fastcgi:' || port === '' || (pathname !== '' && pathname !== '/')) {
    return undefined
  }
  return { kind: 'tcp', host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

/** For logs. */
export function describeAddress(address: FastcgiAddress): string {
  if (address.kind === 'unix') {
    return `fastcgi://${address.path}`
  }
  return `fastcgi://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

// --- internal ---

function plainText(pathname: string): string | undefined {
  try {
    const path = decodeURIComponent(pathname)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}
