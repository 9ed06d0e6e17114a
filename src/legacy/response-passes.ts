import type { RequestFacts } from '../exchange.ts'
import { type HeaderList, headerBits } from '../http1/index.ts'
import { stripHopByHop } from './hop-by-hop.ts'
import { type RewriteSettings, rewritePasses } from './rewrite-passes.ts'

/** Set-Cookie is no concern of any pass, unless rewriting was asked for. */
export type ResponsePass = (headers: HeaderList, request: RequestFacts, status: number) => void

/** What happens to the headers of PHP's answer on its way to the client, in this order. */
export function responsePasses(rewrite: RewriteSettings | undefined): readonly ResponsePass[] {
  return [
    stripHopByHop,
    dropLengthOfEmptyAnswer,
    dropUselessTrailerNames,
    ...(rewrite === undefined ? [] : rewritePasses(rewrite)),
  ]
}

// --- internal ---

/** RFC 9110 section 8.6: no Content-Length in 1xx and 204. On HEAD and 304 it is the length that GET would have. */
function dropLengthOfEmptyAnswer(headers: HeaderList, _request: RequestFacts, status: number): void {
  if (status === 204 || status < 200) {
    headers.removeBits(headerBits.contentLength)
  }
}

/** Trailers travel in chunked bodies only. */
function dropUselessTrailerNames(headers: HeaderList, { request }: RequestFacts, status: number): void {
  if ((headers.bits & headerBits.trailer) !== 0 && !carriesTrailers(headers, request.method, request.minor, status)) {
    headers.removeBits(headerBits.trailer)
  }
}

function carriesTrailers(headers: HeaderList, method: string, minor: number, status: number): boolean {
  const hasLength = (headers.bits & headerBits.contentLength) !== 0
  return minor === 1 && method !== 'HEAD' && status !== 204 && status !== 304 && !hasLength
}
