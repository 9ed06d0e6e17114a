import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStaticFlags, type FlagSnapshot, type FlagVerdict, type FlagVisitor } from '../flags/index.ts'
import { checkRoutes, compileRoutes } from './compile.ts'
import { type DecisionReason, type DecisionState, decide, nothingForced } from './decide.ts'
import type { RouteDefinition, Side, Stage } from './route-definition.ts'
import type { Route } from './route-table.ts'
import { stages } from './stage.ts'
import { routeWith } from './testing/routes.ts'

const anySide = fc.constantFrom<Side>('legacy', 'modern')
const maybeSide = fc.option(anySide, { nil: undefined })
const anyState: fc.Arbitrary<DecisionState> = fc
  .record({
    epoch: fc.nat(),
    killed: maybeSide,
    override: maybeSide,
    pin: maybeSide,
    breakerOpen: fc.boolean(),
    fenced: maybeSide,
  })
  .map(({ killed, ...rest }) => ({ ...rest, kills: { sideOf: () => killed } }))

const anyRoute: fc.Arbitrary<Route> = fc
  .record({
    stage: fc.constantFrom(...stages),
    default: anySide,
    kind: fc.constantFrom('gone' as const, 'modern' as const),
  })
  .map(({ stage, default: side, kind }) =>
    routeWith({ stage, default: side, retired: stage === 'retired' ? { kind } : undefined }),
  )

const anyVerdict: fc.Arbitrary<FlagVerdict> = fc.record({
  state: fc.constantFrom('on', 'off', 'unknown'),
  partial: fc.boolean(),
})
const anySource = fc.constantFrom('server', 'backup', 'file', 'static', 'none')

const anyProperties = fc.dictionary(
  fc.constantFrom(
    'memberId',
    'userId',
    'staff',
    'clientApp',
    'clientVersion',
    'country',
    'apiKey',
    'game',
    'remoteAddress',
  ),
  fc.string(),
  { noNullPrototype: true },
)
const anyVisitor: fc.Arbitrary<FlagVisitor> = fc.record({ id: fc.string(), properties: anyProperties })

/** The order of reasons, spelled out as a list. */
function expected(
  route: Route,
  source: string,
  verdict: FlagVerdict,
  state: DecisionState,
): readonly [Side, DecisionReason] {
  const rules: readonly (readonly [Side | undefined, DecisionReason])[] = [
    [route.stage === 'retired' ? 'modern' : undefined, 'retired'],
    [state.fenced, 'owner-fenced'],
    [state.kills.sideOf(route.flag), 'kill-switch'],
    [state.override, 'override'],
    [state.pin, 'pinned'],
    [['legacy', 'shadow'].includes(route.stage) ? 'legacy' : undefined, 'stage'],
    [state.breakerOpen ? 'legacy' : undefined, 'breaker-open'],
    [source === 'none' ? route.default : undefined, 'flags-unavailable'],
    [verdict.state === 'on' ? 'modern' : undefined, 'flag-on'],
    [verdict.state === 'off' ? 'legacy' : undefined, 'flag-off'],
  ]
  const [side, reason] = rules.find(([forced]) => forced !== undefined) ?? [route.default, 'flag-unknown' as const]
  return [side!, reason]
}

describe('every decision', () => {
  it('is there for every input, is the same every time, and never changes what it was given', () => {
    fc.assert(
      fc.property(anyRoute, anySource, anyVerdict, anyVisitor, anyState, (route, source, verdict, visitor, state) => {
        const flags: FlagSnapshot = Object.freeze({ source, receivedAt: 1, evaluate: () => Object.freeze(verdict) })
        const frozen = [Object.freeze(route), flags, Object.freeze(visitor), Object.freeze(state)] as const
        const once = decide(...frozen)
        expect([once.target, once.reason]).toEqual(expected(route, source, verdict, state))
        expect(once).toMatchObject({ routeId: route.id, flag: route.flag, stage: route.stage, epoch: state.epoch })
        expect(decide(...frozen)).toEqual(once)
        expect(decide(undefined, flags, visitor, state)).toMatchObject({ target: 'legacy', reason: 'no-route' })
      }),
      { numRuns: 2000 },
    )
  })

  it('stays with the handler for whoever got it, while the percentage rises', () => {
    const share = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(
        share,
        share,
        fc.array(anyVisitor, { minLength: 10, maxLength: 10 }),
        anyRoute,
        (a, b, visitors, route) => {
          const lower = createStaticFlags({ items: Math.min(a, b) }).snapshot()
          const higher = createStaticFlags({ items: Math.max(a, b) }).snapshot()
          for (const visitor of visitors)
            if (decide(route, lower, visitor, nothingForced).target === 'modern')
              expect(decide(route, higher, visitor, nothingForced).target).toBe('modern')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('stays the same through login and logout, and whatever else is known of the visitor, while no constraint is set', () => {
    const share = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(share, fc.uuid(), fc.array(anyProperties, { minLength: 5, maxLength: 5 }), (rollout, id, lives) => {
        const flags = createStaticFlags({ items: rollout }).snapshot()
        const anonymous = decide(routeWith(), flags, { id })
        for (const properties of lives) expect(decide(routeWith(), flags, { id, properties })).toEqual(anonymous)
      }),
      { numRuns: 300 },
    )
  })

  it('is the same side for all routes of a group that a table lets in, but for retired ones', () => {
    let compiled = 0
    const pools: readonly (readonly Stage[])[] = [
      ['legacy', 'shadow', 'retired'],
      ['canary', 'retired'],
      ['modern'],
      stages,
    ]
    const anyGroup = fc
      .tuple(
        fc.constantFrom(...pools),
        fc.constantFrom<readonly (Side | undefined)[]>([undefined], [undefined, 'modern']),
      )
      .chain(([pool, sides]) => {
        const member = fc.record({ stage: fc.constantFrom(...pool), default: fc.constantFrom(...sides) })
        return fc.array(member, { minLength: 2, maxLength: 4 })
      })
    const flagStates = fc.constantFrom<boolean | number | undefined>(true, false, 50, undefined)
    fc.assert(
      fc.property(anyGroup, flagStates, anyVisitor, anyState, (members, flagState, visitor, state) => {
        const definition = { routes: members.map((each, index) => definitionOf(each.stage, each.default, index)) }
        if (checkRoutes(definition).length > 0) return
        compiled += 1
        const flags = createStaticFlags(flagState === undefined ? {} : { items: flagState }).snapshot()
        const moving = compileRoutes(definition).routes.filter(({ stage }) => stage !== 'retired')
        expect(new Set(moving.map((route) => decide(route, flags, visitor, state).target)).size).toBeLessThanOrEqual(1)
        const none = { ...flags, source: 'none' as const }
        expect(new Set(moving.map((route) => decide(route, none, visitor, state).target)).size).toBeLessThanOrEqual(1)
      }),
      { numRuns: 2000 },
    )
    expect(compiled).toBeGreaterThan(500)
  })
})

function definitionOf(stage: Stage, side: Side | undefined, index: number): RouteDefinition {
  return {
    id: `r${index}`,
    match: `/${index}`,
    flag: 'items',
    modern: () => new Response(),
    stage,
    ...(side === undefined ? {} : { default: side }),
    ...(stage === 'retired' ? { retired: 'gone' } : {}),
  }
}
