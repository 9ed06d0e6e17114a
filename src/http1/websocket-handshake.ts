import { headerBits } from './header-names.ts'
import type { RequestHead } from './request-head.ts'

/** RFC 6455 section 4.2.1. Any other Upgrade is a plain request, which PHP answers. */
export function isWebSocketHandshake({ method, minor, headers, framing }: RequestHead): boolean {
  const wanted = headerBits.upgrade | headerBits.connection
  return (
    (headers.bits & wanted) === wanted &&
    method === 'GET' &&
    minor === 1 &&
    framing === 'none' &&
    headers.get('upgrade')?.toLowerCase() === 'websocket' &&
    /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(headers.get('connection') ?? '') &&
    headers.has('sec-websocket-key')
  )
}
