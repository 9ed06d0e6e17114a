import type { FlagSnapshot } from '../flags/index.ts'
import { assertNever } from '../platform/index.ts'
import type { Side } from './route-definition.ts'
import type { Route } from './route-table.ts'

/** Reasons of decide() itself. */
export type RoutingReason =
  | 'no-route'
  | 'flag-on'
  | 'flag-off'
  /** The flag server is heard but has no such flag: the route's declared default. */
  | 'flag-unknown'
  /** No flag state could be had at all: the route's declared default. */
  | 'flags-unavailable'

/** Why a side was forced against, or regardless of, what the flag says. */
export type ForcedReason = 'owner-fenced' | 'kill-switch' | 'override' | 'breaker-open'

/** Why the edge went to PHP although decide() had said modern. */
export type FallbackReason = 'follower-stale' | 'modern-failed' | `handler-declined:${string}`

export type DecisionReason = RoutingReason | ForcedReason | FallbackReason

/** One per request. Every log line, metric and trace carries it. */
export interface Decision {
  readonly target: Side
  readonly reason: DecisionReason
  readonly routeId: string | null
  /** The route group. */
  readonly flag: string | null
  /** Only some visitors get this side: the visitor needs the id cookie to get it again. */
  readonly partial: boolean
}

/** What stands above the flag at this instant for this request. */
export interface DecisionState {
  readonly forced: { readonly target: Side; readonly reason: ForcedReason } | undefined
}

export const nothingForced: DecisionState = Object.freeze({ forced: undefined })

/** Pure and total: the same inputs give the same answer, and there is always one. */
export function decide(
  route: Route | undefined,
  flags: FlagSnapshot,
  visitor: { readonly id: string },
  state: DecisionState = nothingForced,
): Decision {
  if (route === undefined) return noRoute
  if (state.forced !== undefined) return decision(route, state.forced.target, state.forced.reason, false)
  if (flags.source === 'none') return decision(route, route.default, 'flags-unavailable', false)
  const verdict = flags.evaluate(route.flag, visitor)
  switch (verdict.state) {
    case 'on':
      return decision(route, 'modern', 'flag-on', verdict.partial)
    case 'off':
      return decision(route, 'legacy', 'flag-off', verdict.partial)
    case 'unknown':
      return decision(route, route.default, 'flag-unknown', false)
    default:
      return assertNever(verdict.state)
  }
}

/** The request goes to PHP after all; the rest of the decision stays as it was. */
export function fallBack(decided: Decision, reason: FallbackReason): Decision {
  return { ...decided, target: 'legacy', reason }
}

// --- internal ---

const noRoute: Decision = Object.freeze({
  target: 'legacy',
  reason: 'no-route',
  routeId: null,
  flag: null,
  partial: false,
})

function decision(route: Route, target: Side, reason: DecisionReason, partial: boolean): Decision {
  return { target, reason, routeId: route.id, flag: route.flag, partial }
}
