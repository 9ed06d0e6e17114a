import { createStaticFlags, type FlagSnapshot } from '../flags/index.ts'
import { type Decision, type DecisionState, decide, nothingForced, type Route, type Side } from '../routing/index.ts'
import { facts } from './table.ts'

export interface Supposition {
  readonly when: string
  readonly target: Side
  readonly reason: Decision['reason']
  /** As it is now. */
  readonly same: boolean
}

export interface Situation {
  readonly flags: FlagSnapshot
  readonly visitor: { readonly id: string; readonly properties: Readonly<Record<string, string>> }
  readonly state: DecisionState
  readonly decision: Decision
}

/** What would be decided if one thing were otherwise. */
export function suppositions(route: Route, { flags, visitor, state, decision }: Situation): readonly Supposition[] {
  const { memberId, ...others } = visitor.properties
  const login =
    memberId === undefined
      ? { when: 'after login', properties: { ...others, memberId: '1' } }
      : { when: 'before login', properties: others }
  const forced = { ...state, kills: { sideOf: () => 'legacy' as const } }
  const free = { ...state, kills: nothingForced.kills, override: undefined }
  const isForced = decision.reason === 'kill-switch' || decision.reason === 'override'
  const cases: readonly (readonly [when: string, decided: Decision])[] = [
    ...shares.map((percent) => [`at ${percent} %`, atShare(route, visitor, percent)] as const),
    [login.when, decide(route, flags, { id: visitor.id, properties: login.properties }, state)],
    ['after a kill', decide(route, flags, visitor, forced)],
    ...(isForced ? [['without kill and override', decide(route, flags, visitor, free)] as const] : []),
  ]
  return cases.map(([when, { target, reason }]) => ({ when, target, reason, same: target === decision.target }))
}

/** The smallest share that this visitor is in; undefined where the flag decides nothing. */
export function drawnAt(route: Route, visitor: Situation['visitor']): number | undefined {
  return Array.from({ length: 100 }, (_, index) => index + 1).find(
    (percent) => atShare(route, visitor, percent).reason === 'flag-on',
  )
}

export function suppositionsText(list: readonly Supposition[], drawn: number | undefined): string {
  const lines = list.map(
    ({ when, target, reason, same }) => [when, `${target} (${reason})${same ? '' : ' <-'}`] as const,
  )
  const share = drawn === undefined ? [] : [['in the share', `from ${drawn} % on`] as const]
  return [
    'What if (<- another side than now; shares as if nothing were forced, by visitor id and name of the flag):',
    facts([...share, ...lines]),
  ].join('\n')
}

// --- internal ---

const shares = [10, 25, 30, 50, 100] as const

function atShare(route: Route, visitor: Situation['visitor'], percent: number): Decision {
  return decide(route, createStaticFlags({ [route.flag]: percent }).snapshot(), visitor, nothingForced)
}
