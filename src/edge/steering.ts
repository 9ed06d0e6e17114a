import { type HeaderList, headerBits } from '../http1/index.ts'
import type { DecisionState, Route } from '../routing/index.ts'

/** What operators, and the failures of handlers, put above the flags. The edge asks; app.ts gives it the real one. */
export interface Steering {
  /** What stands above the flag of this route now. The token is an override's, as the request brought it; any text may come. */
  stateFor(route: Route, token: string | undefined): DecisionState
  /** When a token that is good ends, in milliseconds since the epoch; undefined for any other. */
  overrideEnds(token: string): number | undefined
  /** The handler is about to run. */
  tries(route: Route): void
  /** How it went; 'abandoned' where that says nothing about the handler. */
  tried(route: Route, outcome: 'succeeded' | 'failed' | 'abandoned'): void
}

export const overrideCookie = 'fig_override'

/** A header goes before the cookie: a test that sends one means it. */
export function overrideToken(headers: HeaderList): string | undefined {
  if ((headers.bits & headerBits.deceiving) !== 0) {
    const token = headers.first('x-fig-override')
    if (token !== undefined) {
      return token
    }
  }
  const cookies = (headers.bits & headerBits.cookie) === 0 ? undefined : headers.get('cookie')
  return cookies?.includes(overrideCookie) === true ? cookiePattern.exec(cookies)?.[1] : undefined
}

// --- internal ---

const cookiePattern = new RegExp(`(?:^|;)\\s*${overrideCookie}=([^;\\s]+)`)
