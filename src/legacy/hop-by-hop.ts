import type { HeaderList } from './header-list.ts'

/**
 * Removes what belongs to one connection only: the fixed list, and what `Connection` names (RFC 9110 section 7.6.1).
 * Headers that frame, route or authenticate the message stay although `Connection` names them: a client must not be able to
 * take away what a proxy before us, or we, rely on.
 */
export function stripHopByHop(headers: HeaderList): void {
  const connection = headers.get('connection')
  headers.removeWhere(isHopByHop)
  if (connection === undefined || plainConnection.test(connection)) {
    return
  }
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim()
    if (name !== '' && !isProtected(name)) {
      headers.remove(name)
    }
  }
}

// --- internal ---

const plainConnection = /^(?:keep-alive|close|upgrade)$/i

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

function isHopByHop(key: string): boolean {
  return hopByHop.has(key)
}

const protectedNames = new Set([
  'host',
  'cookie',
  'set-cookie',
  'authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'cache-control',
  'vary',
  'etag',
  'location',
  'range',
  'origin',
  'forwarded',
  'x-real-ip',
  'x-request-id',
])

function isProtected(name: string): boolean {
  return protectedNames.has(name) || name.startsWith('x-forwarded-')
}
