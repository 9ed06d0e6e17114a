import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStaticFlags, type FlagSnapshot, type FlagVerdict } from '../flags/index.ts'
import { type DecisionState, decide, fallBack, nothingForced } from './decide.ts'
import type { Route } from './route-table.ts'

const route: Route = {
  id: 'mod-page',
  flag: 'mods',
  modern: () => new Response(),
  reads: [],
  writes: [],
  default: 'legacy',
}
const visitor = { id: 'v1' }

describe('a decision', () => {
  it('follows the flag', () => {
    const on = createStaticFlags({ mods: true }).snapshot()
    const off = createStaticFlags({ mods: false }).snapshot()
    const common = { routeId: 'mod-page', flag: 'mods', partial: false }
    expect(decide(route, on, visitor)).toEqual({ target: 'modern', reason: 'flag-on', ...common })
    expect(decide(route, off, visitor)).toEqual({ target: 'legacy', reason: 'flag-off', ...common })
  })

  it('is legacy without a route', () => {
    const flags = createStaticFlags({ mods: true }).snapshot()
    const expected = { target: 'legacy', reason: 'no-route', routeId: null, flag: null, partial: false }
    expect(decide(undefined, flags, visitor)).toEqual(expected)
    const forced: DecisionState = { forced: { target: 'modern', reason: 'override' } }
    expect(decide(undefined, flags, visitor, forced)).toEqual(expected)
  })

  it("takes the route's declared side where the flag is unknown, or no flag state could be had", () => {
    const nothing: FlagSnapshot = { ...createStaticFlags().snapshot(), source: 'none' }
    for (const side of ['legacy', 'modern'] as const) {
      const declared = { ...route, default: side }
      expect(decide(declared, createStaticFlags().snapshot(), visitor)).toMatchObject({
        target: side,
        reason: 'flag-unknown',
      })
      expect(decide(declared, nothing, visitor)).toMatchObject({ target: side, reason: 'flags-unavailable' })
    }
  })

  it('obeys what stands above the flag', () => {
    const flags = createStaticFlags({ mods: 50 }).snapshot()
    const killed: DecisionState = { forced: { target: 'legacy', reason: 'kill-switch' } }
    expect(decide(route, flags, visitor, killed)).toEqual({
      target: 'legacy',
      reason: 'kill-switch',
      routeId: 'mod-page',
      flag: 'mods',
      partial: false,
    })
  })

  it('asks for the visitor cookie only where a share of the visitors was drawn', () => {
    expect(decide(route, createStaticFlags({ mods: 50 }).snapshot(), visitor).partial).toBe(true)
    expect(decide(route, createStaticFlags({ mods: 100 }).snapshot(), visitor).partial).toBe(false)
  })

  it('keeps what it was when PHP has to answer after all', () => {
    const decided = decide(route, createStaticFlags({ mods: 50 }).snapshot(), visitor)
    expect(fallBack(decided, 'follower-stale')).toEqual({ ...decided, target: 'legacy', reason: 'follower-stale' })
  })

  it('is there for every input, is the same every time, and never changes what it was given', () => {
    const verdict: fc.Arbitrary<FlagVerdict> = fc.record({
      state: fc.constantFrom('on', 'off', 'unknown'),
      partial: fc.boolean(),
    })
    const side = fc.constantFrom('legacy' as const, 'modern' as const)
    const reason = fc.constantFrom('owner-fenced', 'kill-switch', 'override', 'breaker-open')
    const state: fc.Arbitrary<DecisionState> = fc.record({
      forced: fc.option(fc.record({ target: side, reason }), { nil: undefined }),
    })
    const source = fc.constantFrom('server', 'backup', 'static', 'none')
    fc.assert(
      fc.property(verdict, source, side, state, fc.string(), (given, from, fallback, above, id) => {
        const flags: FlagSnapshot = Object.freeze({ source: from, receivedAt: 1, evaluate: () => Object.freeze(given) })
        const frozen = Object.freeze({ ...route, default: fallback })
        const once = decide(frozen, flags, Object.freeze({ id }), Object.freeze(above))
        expect(['legacy', 'modern']).toContain(once.target)
        expect(decide(frozen, flags, { id }, above)).toEqual(once)
        if (above.forced !== undefined) expect(once).toMatchObject(above.forced)
        else if (from !== 'none' && given.state !== 'unknown')
          expect(once.target).toBe(given.state === 'on' ? 'modern' : 'legacy')
        else expect(once.target).toBe(fallback)
      }),
    )
  })

  it('never moves a visitor back while the percentage rises', () => {
    const share = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(fc.uniqueArray(share, { minLength: 2, maxLength: 2 }), fc.uuid(), ([a, b], id) => {
        const lower = createStaticFlags({ mods: Math.min(a!, b!) }).snapshot()
        const higher = createStaticFlags({ mods: Math.max(a!, b!) }).snapshot()
        if (decide(route, lower, { id }, nothingForced).target === 'modern')
          expect(decide(route, higher, { id }, nothingForced).target).toBe('modern')
      }),
      { numRuns: 300 },
    )
  })

  it('never splits routes that share a flag', () => {
    const other: Route = { ...route, id: 'endorse' }
    const flags = createStaticFlags({ mods: 50 }).snapshot()
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(decide(other, flags, { id }).target).toBe(decide(route, flags, { id }).target)
      }),
    )
  })
})
