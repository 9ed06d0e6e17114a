import type { FlagSnapshot, FlagVisitor } from '../flags/index.ts'
import { assertNever } from '../platform/index.ts'
import type { Side, Stage } from './route-definition.ts'
import type { Route } from './route-table.ts'
import { isFlagged } from './stage.ts'

/** Reasons of the table and the flag. */
export type RoutingReason =
  | 'no-route'
  /** Neither side answers as usual any more: route.retired says what does. */
  | 'retired'
  /** 'legacy' and 'shadow': PHP, whatever the flag says. */
  | 'stage'
  | 'flag-on'
  | 'flag-off'
  /** The flag server is heard but has no such flag: the route's declared default. */
  | 'flag-unknown'
  /** No flag state could be had at all: the route's declared default. */
  | 'flags-unavailable'

/** Why a side was forced against, or regardless of, what the flag says. */
export type ForcedReason = 'owner-fenced' | 'kill-switch' | 'override' | 'pinned' | 'breaker-open'

/** Why the edge went to PHP although decide() had said modern. */
export type FallbackReason = 'follower-stale' | 'modern-failed' | 'breaker-open' | `handler-declined:${string}`

export type DecisionReason = RoutingReason | ForcedReason | FallbackReason

/** One per request. Every log line, metric and trace carries it. */
export interface Decision {
  readonly target: Side
  readonly reason: DecisionReason
  readonly routeId: string | null
  /** The route group. */
  readonly flag: string | null
  readonly stage: Stage | null
  /** Only some visitors get this side: the visitor needs the id cookie to get it again. */
  readonly partial: boolean
  /** Of the state that it was made in: two decisions of different epochs may rightly differ. */
  readonly epoch: number
}

/** The kill switch as it stands. */
export interface KillState {
  /** The side that a route group is forced to. */
  sideOf(group: string): Side | undefined
}

/** What stands above the flag at this instant for this request. */
export interface DecisionState {
  /** Rises with every change of what decisions are made from. */
  readonly epoch: number
  readonly kills: KillState
  /** From a signed token. */
  readonly override: Side | undefined
  /** The side that rendered the form which is now sent. */
  readonly pin: Side | undefined
  readonly breakerOpen: boolean
  /** The only side that may write the route's tables. */
  readonly fenced: Side | undefined
}

export const nothingForced: DecisionState = Object.freeze({
  epoch: 0,
  kills: Object.freeze({ sideOf: () => undefined }),
  override: undefined,
  pin: undefined,
  breakerOpen: false,
  fenced: undefined,
})

/**
 * Pure and total: the same inputs give the same answer, and there is always one. What is nearer to losing data comes first, then
 * what an operator wants now, then what was planned: retired, owner-fenced, kill-switch, override, pinned, stage, breaker-open,
 * flag.
 */
export function decide(
  route: Route | undefined,
  flags: FlagSnapshot,
  visitor: FlagVisitor,
  state: DecisionState = nothingForced,
): Decision {
  const { epoch } = state
  if (route === undefined) return epoch === 0 ? noRoute : { ...noRoute, epoch }
  if (route.stage === 'retired') return decision(route, 'modern', 'retired', false, epoch)
  if (state.fenced !== undefined) return decision(route, state.fenced, 'owner-fenced', false, epoch)
  const killed = state.kills.sideOf(route.flag)
  if (killed !== undefined) return decision(route, killed, 'kill-switch', false, epoch)
  if (state.override !== undefined) return decision(route, state.override, 'override', false, epoch)
  if (state.pin !== undefined) return decision(route, state.pin, 'pinned', false, epoch)
  if (!isFlagged(route.stage)) return decision(route, 'legacy', 'stage', false, epoch)
  if (state.breakerOpen) return decision(route, 'legacy', 'breaker-open', false, epoch)
  return byFlag(route, flags, visitor, epoch)
}

/** The request goes to PHP after all; the rest of the decision stays as it was. */
export function fallBack(decided: Decision, reason: FallbackReason): Decision {
  return { ...decided, target: 'legacy', reason }
}

// --- internal ---

function byFlag(route: Route, flags: FlagSnapshot, visitor: FlagVisitor, epoch: number): Decision {
  if (flags.source === 'none') return decision(route, route.default, 'flags-unavailable', false, epoch)
  const verdict = flags.evaluate(route.flag, visitor)
  switch (verdict.state) {
    case 'on':
      return decision(route, 'modern', 'flag-on', verdict.partial, epoch)
    case 'off':
      return decision(route, 'legacy', 'flag-off', verdict.partial, epoch)
    case 'unknown':
      return decision(route, route.default, 'flag-unknown', false, epoch)
    default:
      return assertNever(verdict.state)
  }
}

const noRoute: Decision = Object.freeze({
  target: 'legacy',
  reason: 'no-route',
  routeId: null,
  flag: null,
  stage: null,
  partial: false,
  epoch: 0,
})

function decision(route: Route, target: Side, reason: DecisionReason, partial: boolean, epoch: number): Decision {
  return { target, reason, routeId: route.id, flag: route.flag, stage: route.stage, partial, epoch }
}
