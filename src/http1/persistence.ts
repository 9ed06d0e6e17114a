import { headerBits } from './header-names.ts'
import type { RequestHead } from './request-head.ts'

/** The client wants to send another request on this connection (RFC 9112 section 9.3). */
export function persists({ minor, headers }: RequestHead): boolean {
  const connection = (headers.bits & headerBits.connection) === 0 ? undefined : headers.get('connection')
  if (connection === undefined) {
    return minor === 1
  }
  return !closeOption.test(connection) && (minor === 1 || keepAliveOption.test(connection))
}

const closeOption = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i
const keepAliveOption = /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i
