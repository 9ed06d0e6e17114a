import { type HeaderList, headerBits } from '../http1/index.ts'
import type { Decision, Route } from '../routing/index.ts'
import type { EdgeExchange } from './edge-exchange.ts'
import { keepFromSharedCaches } from './shared-caches.ts'
import type { Steering } from './steering.ts'

// A form belongs to the side that rendered it: its CSRF token, its flash message and the step of its wizard are known there. So
// what it sends goes to that side, even if the flag was flipped in between. A route says that it shows such a form (startsFlow);
// the pin is a signed cookie, for the group, and ends with the redirect that answers the last step.

export const pinCookie = 'fig_pin'

/** Those of the request; GET and HEAD send no form, and opening it anew takes the side that is right now. */
export function pinsFor({ method, request }: EdgeExchange): readonly string[] {
  return sendsNothing(method) ? none : tokensOf(request.headers)
}

/** Pins the visitor to the side that renders a form, and ends the flow when its last step was taken. */
export function watchFlow(exchange: EdgeExchange, route: Route, steering: Steering): void {
  if (!route.startsFlow && sendsNothing(exchange.method)) {
    return
  }
  exchange.beforeHead = (status, headers, decision) => {
    const cookie = cookieAfter(exchange, { route, steering, status, headers, decision })
    if (cookie !== undefined) {
      const secure = exchange.client.proto === 'https' ? '; Secure' : ''
      headers.append('Set-Cookie', `${pinCookie}=${cookie}; Path=/; HttpOnly; SameSite=Lax${secure}`)
      keepFromSharedCaches(headers)
    }
  }
}

// --- internal ---

const none: readonly string[] = []

interface Answered {
  readonly route: Route
  readonly steering: Steering
  readonly status: number
  readonly headers: HeaderList
  readonly decision: Decision
}

/** The cookie's new value and age; undefined where it stays as it is. */
function cookieAfter(exchange: EdgeExchange, answered: Answered): string | undefined {
  const { route, steering, status, headers, decision } = answered
  const tokens = tokensOf(exchange.request.headers)
  if (route.startsFlow && status < 300 && headers.first('content-type')?.startsWith('text/html') === true) {
    const { kept, seconds } = steering.openFlow(route, decision.target, tokens)
    return `${kept.join(separator)}; Max-Age=${seconds}`
  }
  if (sendsNothing(exchange.method) || status < 300 || status >= 400) {
    return undefined
  }
  const kept = steering.closeFlow(route, tokens)
  return kept === undefined ? undefined : `${kept.join(separator)}${kept.length === 0 ? '; Max-Age=0' : ''}`
}

function sendsNothing(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** Not a character of a token. */
const separator = '~'
const pattern = new RegExp(`(?:^|;)\\s*${pinCookie}=([^;\\s]+)`)

function tokensOf(headers: HeaderList): readonly string[] {
  const cookies = (headers.bits & headerBits.cookie) === 0 ? undefined : headers.get('cookie')
  const value = cookies?.includes(pinCookie) === true ? pattern.exec(cookies)?.[1] : undefined
  return value === undefined ? none : value.split(separator)
}
