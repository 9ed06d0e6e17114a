import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../platform/index.ts'
import { parseDefinitions } from './definitions.ts'
import { createEvaluator } from './evaluator.ts'
import type { FlagVisitor } from './flags.ts'

const crowd = Array.from({ length: 300 }, (_, index) => `visitor-${index}`)

describe('who a flag takes', () => {
  const cases: readonly {
    readonly title: string
    readonly strategy: object
    readonly taken: readonly Properties[]
    readonly left: readonly Properties[]
  }[] = [
    {
      title: 'members by a list of ids',
      strategy: { name: 'userWithId', parameters: { userIds: '7, 42' } },
      taken: [{ memberId: '7' }, { memberId: '42', staff: 'true' }],
      left: [undefined, {}, { memberId: '4' }, { memberId: '' }],
    },
    {
      title: 'members by a constraint on userId, and on memberId',
      strategy: everybodyWho(is('userId', '7', '42'), is('memberId', '42')),
      taken: [{ memberId: '42' }],
      left: [undefined, {}, { memberId: '7' }],
    },
    {
      title: 'addresses and networks by the strategy for them',
      strategy: { name: 'remoteAddress', parameters: { IPs: '10.1.0.0/16, 192.0.2.7, 2001:db8::1' } },
      taken: [{ remoteAddress: '10.1.200.3' }, { remoteAddress: '192.0.2.7' }, { remoteAddress: '2001:db8::1' }],
      left: [undefined, { remoteAddress: '10.2.0.1' }, { remoteAddress: '' }, { remoteAddress: 'nonsense' }],
    },
    {
      title: 'networks by a constraint, IPv6 too',
      strategy: everybodyWho({
        contextName: 'remoteAddress',
        operator: 'IN_CIDR',
        values: ['10.1.0.0/16', '2001:db8::/32'],
      }),
      taken: [{ remoteAddress: '10.1.0.9' }, { remoteAddress: '2001:db8:7::1' }],
      left: [undefined, { remoteAddress: '2001:db9::1' }, { remoteAddress: '11.1.0.9' }],
    },
    {
      title: 'a segment',
      strategy: { ...everybodyWho(), segments: [1] },
      taken: [{ staff: 'true' }],
      left: [undefined, { staff: 'false' }, { memberId: '7' }],
    },
    {
      title: 'nobody by a segment that does not exist',
      strategy: { ...everybodyWho(), segments: [99] },
      taken: [],
      left: [undefined, { staff: 'true' }],
    },
    {
      title: 'versions of an app above one',
      strategy: everybodyWho(is('clientApp', 'vortex'), {
        contextName: 'clientVersion',
        operator: 'SEMVER_GT',
        value: '1.9.0',
      }),
      taken: [
        { clientApp: 'vortex', clientVersion: '1.10.0' },
        { clientApp: 'vortex', clientVersion: '2.0.0-beta.1' },
      ],
      left: [
        undefined,
        { clientApp: 'vortex' },
        { clientApp: 'vortex', clientVersion: '1.9.0' },
        { clientApp: 'vortex', clientVersion: 'nonsense' },
        { clientApp: 'another', clientVersion: '1.10.0' },
      ],
    },
    {
      title: 'countries',
      strategy: everybodyWho(is('country', 'DE', 'AT')),
      taken: [{ country: 'AT' }],
      left: [undefined, {}, { country: 'at' }, { country: 'FR' }],
    },
    {
      title: 'everybody outside some countries, those of unknown country among them',
      strategy: everybodyWho({ contextName: 'country', operator: 'NOT_IN', values: ['DE'] }),
      taken: [undefined, {}, { country: 'AT' }],
      left: [{ country: 'DE' }],
    },
    {
      title: 'an environment and an application, which unleash-client would answer for by itself',
      strategy: everybodyWho(is('environment', 'staging'), is('appName', 'shop')),
      taken: [{ environment: 'staging', appName: 'shop' }],
      left: [undefined, { environment: 'staging' }, { appName: 'shop' }],
    },
    {
      title: 'one game, and one API key',
      strategy: everybodyWho(is('game', 'morrowind'), is('apiKey', 'key-of-a-partner')),
      taken: [{ game: 'morrowind', apiKey: 'key-of-a-partner' }],
      left: [undefined, { game: 'morrowind' }, { apiKey: 'key-of-a-partner', game: 'oblivion' }],
    },
  ]
  it.each(cases)('$title', ({ strategy, taken, left }) => {
    const evaluate = evaluatorOf({ name: 'f', enabled: true, strategies: [strategy] })
    for (const properties of taken)
      expect([properties, evaluate('f', visitor('v', properties))]).toEqual([
        properties,
        { state: 'on', partial: true },
      ])
    for (const properties of left)
      expect([properties, evaluate('f', visitor('v', properties))]).toEqual([
        properties,
        { state: 'off', partial: true },
      ])
  })

  it('cannot be talked into another visitor id by a property of that name', () => {
    const evaluate = evaluatorOf({ name: 'f', enabled: true, strategies: [everybodyWho(is('sessionId', 'chosen'))] })
    expect(evaluate('f', visitor('chosen', { sessionId: 'x' })).state).toBe('on')
    expect(evaluate('f', visitor('x', { sessionId: 'chosen' })).state).toBe('off')
  })

  it('moves nobody at login or logout, whatever stickiness an operator chose', () => {
    const percent = fc.integer({ min: 1, max: 99 }).map(String)
    const stickiness = fc.constantFrom('default', 'userId', 'memberId', 'sessionId', 'random', '', undefined)
    const strategy = fc.oneof(
      fc.record({
        name: fc.constant('flexibleRollout'),
        parameters: fc.record({ rollout: percent, stickiness, groupId: fc.constant('g') }),
      }),
      fc.record({
        name: fc.constantFrom('gradualRolloutUserId', 'gradualRolloutSessionId', 'gradualRolloutRandom'),
        parameters: fc.record({ percentage: percent, groupId: fc.constant('g') }),
      }),
    )
    const variants = ['a', 'b'].map((name) => ({ name, weight: 500 }))
    const parent = fc.record({
      name: fc.constant('parent'),
      enabled: fc.constant(true),
      strategies: fc.array(strategy, { maxLength: 2 }),
      variants: stickiness.map((by) => variants.map((variant) => ({ ...variant, stickiness: by }))),
    })
    const child = fc.record({
      name: fc.constant('child'),
      enabled: fc.constant(true),
      strategies: fc.array(strategy, { maxLength: 2 }),
      dependencies: fc.subarray([{ feature: 'parent', variants: ['a'] }]),
    })
    fc.assert(
      fc.property(parent, child, fc.string(), (above, below, memberId) => {
        const evaluate = evaluatorOf(above, below)
        for (const name of ['parent', 'child']) {
          const before = crowd.map((id) => evaluate(name, { id }))
          expect(crowd.map((id) => evaluate(name, visitor(id, { memberId, staff: 'true' })))).toEqual(before)
          expect(crowd.map((id) => evaluate(name, { id }))).toEqual(before)
        }
      }),
    )
  })

  it('keeps a stickiness by a field of the site: one country, one side', () => {
    const strategy = {
      name: 'flexibleRollout',
      parameters: { rollout: '50', stickiness: 'country', groupId: 'g' },
    }
    const evaluate = evaluatorOf({ name: 'f', enabled: true, strategies: [strategy] })
    const countries = crowd.map((_, index) => `C${index}`)
    const sides = countries.map((country) => evaluate('f', visitor('one', { country })).state)
    expect(sides).toContain('on')
    expect(sides).toContain('off')
    expect(countries.map((country) => evaluate('f', visitor('another', { country })).state)).toEqual(sides)
  })
})

// --- internal ---

type Properties = Readonly<Record<string, string>> | undefined

function visitor(id: string, properties: Properties): FlagVisitor {
  return properties === undefined ? { id } : { id, properties }
}

function is(contextName: string, ...values: readonly string[]) {
  return { contextName, operator: 'IN', values }
}

function everybodyWho(...constraints: readonly object[]) {
  return {
    name: 'flexibleRollout',
    parameters: { rollout: '100', stickiness: 'default', groupId: 'g' },
    constraints,
  }
}

function evaluatorOf(...features: readonly object[]) {
  const segments = [{ id: 1, constraints: [is('staff', 'true')] }]
  return createEvaluator(parseDefinitions({ features, segments })!, silentLogger())
}
