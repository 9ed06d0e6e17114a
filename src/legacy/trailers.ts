import { type HeaderList, headerBits } from '../http1/index.ts'

/**
 * Takes out what must not stand behind a body (RFC 9110 section 6.5.1): what frames, routes, authenticates or describes the
 * message, or says who the client is. A receiver that merges trailers into the headers would believe it.
 */
export function withoutForbiddenTrailers(trailers: HeaderList): HeaderList {
  trailers.removeBits(forbiddenBits)
  trailers.removeWhere(isForbidden)
  return trailers
}

// --- internal ---

const forbiddenBits =
  headerBits.host |
  headerBits.connection |
  headerBits.contentLength |
  headerBits.transferEncoding |
  headerBits.hopByHop |
  headerBits.upgrade |
  headerBits.expect |
  headerBits.trailer |
  headerBits.forwarding |
  headerBits.deceiving |
  headerBits.methodOverride |
  headerBits.unusual |
  headerBits.cookie |
  headerBits.setCookie |
  headerBits.requestId |
  headerBits.date |
  headerBits.location |
  headerBits.vary |
  headerBits.cacheControl |
  headerBits.conditional |
  headerBits.maxForwards

const forbidden = new Set([
  'age',
  'authorization',
  'content-encoding',
  'content-range',
  'content-type',
  'expires',
  'pragma',
  'range',
  'retry-after',
  'warning',
  'www-authenticate',
])

function isForbidden(key: string): boolean {
  return forbidden.has(key)
}
