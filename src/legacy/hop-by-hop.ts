import { type HeaderList, headerBits, hopByHopBits } from '../http1/index.ts'

/**
 * Removes what belongs to one connection only: the fixed list, and what `Connection` names (RFC 9110 section 7.6.1).
 * Headers that frame, route or authenticate the message stay although `Connection` names them: a client must not be able to
 * take away what a proxy before us, or we, rely on.
 */
export function stripHopByHop(headers: HeaderList): void {
  if ((headers.bits & hopByHopBits) === 0) {
    return
  }
  const connection = (headers.bits & headerBits.connection) === 0 ? undefined : headers.get('connection')
  headers.removeBits(hopByHopBits)
  if (connection !== undefined && connection !== 'keep-alive' && !plainConnection.test(connection)) {
    removeNamed(headers, connection)
  }
}

// --- internal ---

const plainConnection = /^(?:keep-alive|close|upgrade)$/i

/** One walk over the headers, however many names there are: a client may send thousands of both. */
function removeNamed(headers: HeaderList, connection: string): void {
  const named = new Set(
    connection
      .toLowerCase()
      .split(',', namesMax)
      .map((token) => token.trim()),
  )
  headers.removeWhere((key) => named.has(key) && !isProtected(key))
}

const namesMax = 1_000

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
  return protectedNames.has(name) || name.startsWith('x-forwarded-') || name.startsWith('sec-websocket-')
}
