import { describe, expect, it } from 'vitest'
import { createStaticFlags, type FlagSnapshot } from '../flags/index.ts'
import { type Decision, type DecisionReason, type DecisionState, decide, fallBack, nothingForced } from './decide.ts'
import type { Side } from './route-definition.ts'
import { routeWith } from './testing/routes.ts'

const route = routeWith()
const visitor = { id: 'v1' }
const on = createStaticFlags({ items: true }).snapshot()
const off = createStaticFlags({ items: false }).snapshot()
const unknown = createStaticFlags().snapshot()
const unavailable: FlagSnapshot = { ...unknown, source: 'none' }

function stateWith(given: Partial<DecisionState>): DecisionState {
  return { ...nothingForced, ...given }
}

function killing(side: Side, ...groups: readonly string[]): DecisionState['kills'] {
  return { sideOf: (group) => (groups.includes(group) ? side : undefined) }
}

function outcome({ target, reason }: Decision): readonly [Side, DecisionReason] {
  return [target, reason]
}

describe('a decision', () => {
  it('follows the flag, and says for which route, group, stage and epoch', () => {
    const common = { routeId: 'item-page', flag: 'items', stage: 'canary', partial: false, epoch: 0 }
    expect(decide(route, on, visitor)).toEqual({ target: 'modern', reason: 'flag-on', ...common })
    expect(decide(route, off, visitor)).toEqual({ target: 'legacy', reason: 'flag-off', ...common })
    expect(decide(route, on, visitor, stateWith({ epoch: 7 })).epoch).toBe(7)
  })

  it('is legacy without a route, whatever is forced', () => {
    const nowhere = { target: 'legacy', reason: 'no-route', routeId: null, flag: null, stage: null, partial: false }
    expect(decide(undefined, on, visitor)).toEqual({ ...nowhere, epoch: 0 })
    const forced = stateWith({ override: 'modern', kills: { sideOf: () => 'modern' }, epoch: 3 })
    expect(decide(undefined, on, visitor, forced)).toEqual({ ...nowhere, epoch: 3 })
  })

  it("takes the route's declared side where the flag is unknown, or no flag state could be had", () => {
    for (const side of ['legacy', 'modern'] as const) {
      const declared = routeWith({ default: side })
      expect(outcome(decide(declared, unknown, visitor))).toEqual([side, 'flag-unknown'])
      expect(outcome(decide(declared, unavailable, visitor))).toEqual([side, 'flags-unavailable'])
    }
  })

  it('is PHP in the stages legacy and shadow, whatever the flag says', () => {
    for (const stage of ['legacy', 'shadow'] as const)
      for (const flags of [on, off, unknown, unavailable])
        expect(outcome(decide(routeWith({ stage }), flags, visitor))).toEqual(['legacy', 'stage'])
  })

  it('is never PHP again once a route is retired, whatever is forced', () => {
    const retired = routeWith({ stage: 'retired', retired: { kind: 'gone' } })
    const forced = stateWith({
      fenced: 'legacy',
      kills: killing('legacy', 'items'),
      override: 'legacy',
      pin: 'legacy',
      breakerOpen: true,
    })
    for (const flags of [on, off, unknown, unavailable])
      expect(outcome(decide(retired, flags, visitor, forced))).toEqual(['modern', 'retired'])
  })

  it('obeys what stands above the flag, each before the next', () => {
    // Each takes the other side than what comes after it, so that a wrong order would show.
    let state = stateWith({ breakerOpen: true })
    expect(outcome(decide(route, on, visitor, state))).toEqual(['legacy', 'breaker-open'])
    expect(outcome(decide(routeWith({ stage: 'legacy' }), on, visitor, state))).toEqual(['legacy', 'stage'])
    state = { ...state, pin: 'modern' }
    expect(outcome(decide(routeWith({ stage: 'legacy' }), off, visitor, state))).toEqual(['modern', 'pinned'])
    state = { ...state, override: 'legacy' }
    expect(outcome(decide(route, on, visitor, state))).toEqual(['legacy', 'override'])
    state = { ...state, kills: killing('modern', 'items') }
    expect(outcome(decide(route, off, visitor, state))).toEqual(['modern', 'kill-switch'])
    state = { ...state, fenced: 'legacy' }
    expect(outcome(decide(route, on, visitor, state))).toEqual(['legacy', 'owner-fenced'])
  })

  it('is killed with its group, not with another one', () => {
    expect(outcome(decide(route, on, visitor, stateWith({ kills: killing('legacy', 'others') })))).toEqual([
      'modern',
      'flag-on',
    ])
    expect(outcome(decide(route, on, visitor, stateWith({ kills: killing('legacy', 'others', 'items') })))).toEqual([
      'legacy',
      'kill-switch',
    ])
  })

  it('asks for the visitor cookie only where a share of the visitors was drawn', () => {
    const half = createStaticFlags({ items: 50 }).snapshot()
    expect(decide(route, half, visitor).partial).toBe(true)
    expect(decide(route, createStaticFlags({ items: 100 }).snapshot(), visitor).partial).toBe(false)
    expect(decide(route, half, visitor, stateWith({ override: 'modern' })).partial).toBe(false)
  })

  it('hands the visitor to the flags as it is', () => {
    const asked: unknown[] = []
    const flags: FlagSnapshot = {
      ...on,
      evaluate: (_flag, who) => {
        asked.push(who)
        return { state: 'on', partial: true }
      },
    }
    const member = { id: 'v1', properties: { memberId: '7', country: 'DE' } }
    decide(route, flags, member)
    expect(asked).toEqual([member])
  })

  it('keeps what it was when PHP has to answer after all', () => {
    const decided = decide(route, createStaticFlags({ items: 50 }).snapshot(), visitor)
    expect(fallBack(decided, 'follower-stale')).toEqual({ ...decided, target: 'legacy', reason: 'follower-stale' })
  })
})
