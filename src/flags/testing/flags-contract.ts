import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeclaredFlags } from '../declared-flags.ts'
import type { FlagSnapshot, Flags } from '../flags.ts'

/** An adapter under test, over flags that can be set. */
export interface FlagsHarness extends AsyncDisposable {
  /** After `set` this may be another object: some adapters never change. */
  flags(): Flags
  /** Resolves when the adapter shows these states. Flags that are not named stay as they are. */
  set(states: DeclaredFlags): Promise<void>
  /** Flag names are prefixed with this, so that suites can share a server. */
  readonly prefix: string
}

/** What every adapter of the Flags port promises. */
export function describeFlags(adapter: string, open: () => Promise<FlagsHarness>): void {
  describe(`flags from ${adapter}`, () => {
    let harness: FlagsHarness
    const flag = (name: string) => `${harness.prefix}${name}`
    const ask = (name: string, visitorId = 'somebody', properties: Readonly<Record<string, string>> = {}) =>
      harness.flags().snapshot().evaluate(flag(name), { id: visitorId, properties })

    beforeAll(async () => {
      harness = await open()
      await harness.set({
        [flag('on')]: true,
        [flag('off')]: false,
        [flag('nobody')]: 0,
        [flag('everybody')]: 100,
        [flag('half')]: 50,
        [flag('members')]: { when: [{ property: 'memberId', in: [7, 42] }] },
        [flag('half-of-staff')]: {
          rollout: 50,
          when: [
            { property: 'staff', in: [true] },
            { property: 'country', in: ['DE', 'AT'] },
          ],
        },
      })
    })
    afterAll(() => harness[Symbol.asyncDispose]())

    it('tells on from off, the same for every visitor', () => {
      expect(ask('on')).toEqual({ state: 'on', partial: false })
      expect(ask('off')).toEqual({ state: 'off', partial: false })
    })

    it('calls a rollout to nobody or to everybody not partial', () => {
      expect(ask('nobody')).toEqual({ state: 'off', partial: false })
      expect(ask('everybody')).toEqual({ state: 'on', partial: false })
    })

    it('says of a flag that does not exist that it is unknown', () => {
      expect(ask('never-made')).toEqual({ state: 'unknown', partial: false })
      expect(harness.flags().snapshot().evaluate('__proto__', { id: 'x' }).state).toBe('unknown')
    })

    it('takes about half of the visitors at 50 %, and calls that partial', () => {
      const verdicts = visitors.map((id) => ask('half', id))
      const on = verdicts.filter(({ state }) => state === 'on').length
      expect(verdicts.every(({ partial }) => partial)).toBe(true)
      expect(on).toBeGreaterThan(visitors.length * 0.45)
      expect(on).toBeLessThan(visitors.length * 0.55)
    })

    it('gives a visitor the same answer every time', () => {
      const first = visitors.map((id) => ask('half', id).state)
      expect(visitors.map((id) => ask('half', id).state)).toEqual(first)
    })

    it('takes those, and only those, of whom every condition holds', () => {
      expect(ask('members', 'x', { memberId: '42' })).toEqual({ state: 'on', partial: true })
      expect(ask('members', 'x', { memberId: '4' })).toEqual({ state: 'off', partial: true })
      expect(ask('members', 'x')).toEqual({ state: 'off', partial: true })
      const count = (properties: Readonly<Record<string, string>>) =>
        visitors.filter((id) => ask('half-of-staff', id, properties).state === 'on').length
      expect(count({ staff: 'true', country: 'AT' })).toBeGreaterThan(visitors.length * 0.45)
      expect(count({ staff: 'true', country: 'AT' })).toBeLessThan(visitors.length * 0.55)
      expect(count({ staff: 'true', country: 'FR' })).toBe(0)
      expect(count({ country: 'DE' })).toBe(0)
    })

    it('moves nobody at login', () => {
      const before = visitors.map((id) => ask('half', id).state)
      const after = visitors.map((id, index) => ask('half', id, { memberId: String(index) }).state)
      expect(after).toEqual(before)
    })

    it('never moves a visitor back while the share rises', async () => {
      let taken = new Set<string>()
      for (const share of [1, 37, 80, 100]) {
        await harness.set({ [flag('rising')]: share })
        const now = new Set(visitors.filter((id) => ask('rising', id).state === 'on'))
        expect([...taken].filter((id) => !now.has(id))).toEqual([])
        taken = now
      }
      expect(taken.size).toBe(visitors.length)
    })

    it('keeps a snapshot as it was taken while the flag changes', async () => {
      await harness.set({ [flag('changing')]: true })
      const taken = harness.flags().snapshot()
      await harness.set({ [flag('changing')]: false })
      expect(taken.evaluate(flag('changing'), { id: 'x' }).state).toBe('on')
      expect(ask('changing').state).toBe('off')
    })

    it('says where the state came from, and when, unless it was always there; and that it is well', () => {
      const { source, receivedAt } = harness.flags().snapshot()
      expect(['server', 'file', 'static']).toContain(source)
      expect(receivedAt === undefined).toBe(source === 'static')
      if (receivedAt !== undefined) expect(Date.now() - receivedAt).toBeLessThan(5_000)
      const health = harness.flags().health()
      expect(health).toMatchObject({ source, problem: undefined, staleSince: undefined })
      expect(health.receivedAt === undefined).toBe(receivedAt === undefined)
    })
  })
}

/** That a new share has arrived shows in how many of many visitors it takes. */
export function showsStates(snapshot: FlagSnapshot, states: DeclaredFlags): boolean {
  return Object.entries(states).every(([name, state]) => {
    const { rollout = 100, when = [] } = typeof state === 'object' ? state : { rollout: Number(state) }
    const wanted = state === true ? 100 : rollout
    const properties = Object.fromEntries(when.map((condition) => [condition.property, String(condition.in[0])]))
    const verdicts = visitors.map((id) => snapshot.evaluate(name, { id, properties }))
    const percent = (100 * verdicts.filter((verdict) => verdict.state === 'on').length) / visitors.length
    return verdicts[0]?.state !== 'unknown' && Math.abs(percent - wanted) < (wanted % 100 === 0 ? 0.01 : 5)
  })
}

// --- internal ---

const visitors = Array.from({ length: 2_000 }, (_, index) => `visitor-${index}`)
