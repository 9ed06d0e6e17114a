import { once } from 'node:events'
import fc from 'fast-check'
import { InMemStorageProvider, Unleash } from 'unleash-client'
import { describe, expect, it } from 'vitest'
import { createLogger, silentLogger } from '../platform/index.ts'
import { parseDefinitions, type Reach, reachOf } from './definitions.ts'
import { createEvaluator, type Evaluate } from './evaluator.ts'

const crowd = Array.from({ length: 400 }, (_, index) => ({ id: `visitor-${index}` }))

describe('evaluating flags', () => {
  it('never lets a visitor flap, whatever stickiness an operator chose', () => {
    for (const strategy of [
      rollout(50, { stickiness: 'random' }),
      rollout(50, { stickiness: 'default' }),
      { name: 'gradualRolloutRandom', parameters: { percentage: '50' } },
    ]) {
      const evaluate = evaluatorOf({ name: 'f', enabled: true, strategies: [strategy] })
      const first = crowd.map((visitor) => evaluate('f', visitor).state)
      expect(first).toContain('on')
      expect(first).toContain('off')
      for (let turn = 0; turn < 3; turn += 1)
        expect(crowd.map((visitor) => evaluate('f', visitor).state)).toEqual(first)
    }
  })

  it('knows whether an answer depends on the visitor', () => {
    const cases: readonly (readonly [Reach, object])[] = [
      ['nobody', { enabled: false, strategies: [rollout(100)] }],
      ['all', { enabled: true, strategies: [] }],
      ['all', { enabled: true, strategies: [{ name: 'default' }] }],
      ['all', { enabled: true, strategies: [rollout(0), rollout(100)] }],
      ['nobody', { enabled: true, strategies: [rollout(0)] }],
      ['some', { enabled: true, strategies: [rollout(1)] }],
      ['some', { enabled: true, strategies: [rollout(99)] }],
      ['some', { enabled: true, strategies: [{ ...rollout(100), constraints: [constraint] }] }],
      ['some', { enabled: true, strategies: [{ ...rollout(100), segments: [1] }] }],
      ['some', { enabled: true, strategies: [rollout(100, { stickiness: 'country' })] }],
      ['some', { enabled: true, strategies: [{ name: 'userWithId', parameters: { userIds: 'a' } }] }],
      ['nobody', { enabled: true, strategies: [], dependencies: [{ feature: 'missing' }] }],
    ]
    for (const [reach, given] of cases) {
      const { features } = parseDefinitions({ features: [{ name: 'f', ...given }] })!
      expect([JSON.stringify(given), reachOf(features[0]!, new Map())]).toEqual([JSON.stringify(given), reach])
    }
  })

  it('answers as unleash-client does on its own, and calls nothing constant that is not', async () => {
    const share = fc.constantFrom(0, 1, 50, 99, 100)
    const strategy = fc.oneof(
      share.map((percent) => rollout(percent)),
      share.map((percent) => ({ ...rollout(percent), constraints: [constraint] })),
      share.map((percent) => ({ ...rollout(percent), segments: [1] })),
      fc.constant({ name: 'default', parameters: {} }),
      fc.constant({ name: 'remoteAddress', parameters: { IPs: '127.0.0.1' } }),
    )
    const feature = (name: string, dependencies: readonly object[]) =>
      fc.record({
        name: fc.constant(name),
        enabled: fc.boolean(),
        strategies: fc.array(strategy, { maxLength: 2 }),
        dependencies: fc.subarray([...dependencies]),
      })
    const both = [{ feature: 'parent' }, { feature: 'parent', enabled: false }, { feature: 'nowhere' }]
    await fc.assert(
      fc.asyncProperty(feature('child', both), feature('parent', [{ feature: 'root' }]), async (child, parent) => {
        const root = { name: 'root', enabled: true, strategies: [] }
        const evaluate = evaluatorOf(child, parent, root)
        const oracle = await plainClient([child, parent, root])
        for (const name of ['child', 'parent']) {
          const verdicts = crowd.slice(0, 60).map((visitor) => evaluate(name, visitor))
          const states = verdicts.map(({ state }) => state)
          const expected = crowd.slice(0, 60).map(({ id }) => oracle.isEnabled(name, { sessionId: id }))
          expect(states).toEqual(expected.map((isOn) => (isOn ? 'on' : 'off')))
          if (!verdicts[0]!.partial) expect(new Set(states).size).toBe(1)
        }
        oracle.destroy()
      }),
      { numRuns: 300 },
    )
  })

  it('takes nothing for a flag state that is none, and answers for any that is', () => {
    const nonsense = [null, 1, 'x', [], {}, { features: 'x' }, { features: [null] }, { features: [{ name: 'a' }] }]
    const worse = [
      { features: [{ name: 'a', enabled: true, strategies: [null] }] },
      { features: [{ name: 'a', enabled: true, strategies: 'x' }] },
      { features: [{ name: 'a', enabled: true, dependencies: [{}] }] },
      { features: [], segments: [{}] },
    ]
    for (const body of [...nonsense, ...worse]) expect(parseDefinitions(body)).toBeUndefined()
    const odd = {
      name: 'odd',
      enabled: true,
      strategies: [{ name: 'x', constraints: [{ operator: 'IN' }] }, rollout(NaN)],
    }
    expect(evaluatorOf(odd)('odd', { id: 'v' }).state).toBe('off')
    const broken = {
      name: 'b',
      enabled: true,
      strategies: [{ ...rollout(50), constraints: [{ operator: 'IN', contextName: 'x' }] }],
    }
    const lines: string[] = []
    const log = createLogger({ destination: { write: (line) => void lines.push(line) } })
    const evaluate = createEvaluator(parseDefinitions({ features: [broken] })!, log)
    for (const id of ['v', 'w', 'x']) expect(evaluate('b', { id })).toEqual({ state: 'unknown', partial: false })
    expect(lines.filter((line) => line.includes('could not be evaluated'))).toHaveLength(1)
  })
})

// --- internal ---

const constraint = { contextName: 'sessionId', operator: 'IN', values: ['visitor-1', 'visitor-2'] }

function rollout(percent: number, more: object = {}) {
  return {
    name: 'flexibleRollout',
    parameters: { rollout: String(percent), stickiness: 'default', groupId: 'g', ...more },
  }
}

async function plainClient(features: readonly object[]): Promise<Unleash> {
  const client = new Unleash({
    appName: 'oracle',
    url: 'http://nowhere.invalid/',
    refreshInterval: 0,
    disableMetrics: true,
    disableAutoStart: true,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
    bootstrap: { data: [...features] as never, segments: [{ id: 1, constraints: [constraint] }] as never },
  })
  client.on('warn', () => undefined)
  await Promise.all([once(client, 'ready'), client.start()])
  return client
}

function evaluatorOf(...features: readonly object[]): Evaluate {
  const segments = [{ id: 1, constraints: [constraint] }]
  return createEvaluator(parseDefinitions({ features, segments })!, silentLogger())
}
