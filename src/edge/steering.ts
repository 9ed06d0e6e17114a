import { type HeaderList, headerBits } from '../http1/index.ts'
import type { DecisionState, Route, Side } from '../routing/index.ts'

/** What operators, and the failures of handlers, put above the flags. The edge asks; app.ts gives it the real one. */
export interface Steering {
  /**
   * What stands above the flag of this route now. The tokens of an override and of pins are as the request brought them: any text
   * may come.
   */
  stateFor(route: Route, override: string | undefined, pins: readonly string[]): DecisionState
  /** A form of this group was rendered by this side. @returns the pins that the visitor has from now on, and for how long */
  openFlow(
    route: Route,
    side: Side,
    pins: readonly string[],
  ): { readonly kept: readonly string[]; readonly seconds: number }
  /** @returns the pins that are left; undefined where the group had none */
  closeFlow(route: Route, pins: readonly string[]): readonly string[] | undefined
  /** When a token that is good ends, in milliseconds since the epoch; undefined for any other. */
  overrideEnds(token: string): number | undefined
  /** The handler is about to run. False: not now, somebody else tries whether it has recovered. */
  tries(route: Route): boolean
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
