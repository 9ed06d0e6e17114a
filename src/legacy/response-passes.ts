import type { HeaderList } from './header-list.ts'
import { stripHopByHop } from './hop-by-hop.ts'

export interface AnswerFacts {
  readonly status: number
  readonly method: string
  /** The client speaks HTTP/1.1 or later: trailers can reach it. */
  readonly modernClient: boolean
}

export type ResponsePass = (headers: HeaderList, answer: AnswerFacts) => void

/** What happens to the headers of PHP's answer on its way to the client, in this order. */
export const responsePasses: readonly ResponsePass[] = [stripHopByHop, dropLengthOfEmptyAnswer, dropUselessTrailerNames]

// --- internal ---

/** RFC 9110 section 8.6: no Content-Length in 1xx and 204. On HEAD and 304 it is the length that GET would have. */
function dropLengthOfEmptyAnswer(headers: HeaderList, { status }: AnswerFacts): void {
  if (status === 204 || status < 200) {
    headers.remove('content-length')
  }
}

/** Trailers travel in chunked bodies only. */
function dropUselessTrailerNames(headers: HeaderList, answer: AnswerFacts): void {
  if (!carriesTrailers(headers, answer)) {
    headers.remove('trailer')
  }
}

function carriesTrailers(headers: HeaderList, { status, method, modernClient }: AnswerFacts): boolean {
  return modernClient && method !== 'HEAD' && status !== 204 && status !== 304 && !headers.has('content-length')
}
