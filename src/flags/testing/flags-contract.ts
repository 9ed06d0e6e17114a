import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Flags } from '../flags.ts'
import type { StaticFlagStates } from '../static-flags.ts'

/** An adapter under test, over flags that can be set. */
export interface FlagsHarness extends AsyncDisposable {
  /** After `set` this may be another object: some adapters never change. */
  flags(): Flags
  /** Resolves when the adapter shows these states. Flags that are not named stay as they are. */
  set(states: StaticFlagStates): Promise<void>
  /** Flag names are prefixed with this, so that suites can share a server. */
  readonly prefix: string
}

/** What every adapter of the Flags port promises. */
export function describeFlags(adapter: string, open: () => Promise<FlagsHarness>): void {
  describe(`flags from ${adapter}`, () => {
    let harness: FlagsHarness
    const flag = (name: string) => `${harness.prefix}${name}`
    const ask = (name: string, visitorId = 'somebody') =>
      harness.flags().snapshot().evaluate(flag(name), { id: visitorId })

    beforeAll(async () => {
      harness = await open()
      await harness.set({
        [flag('on')]: true,
        [flag('off')]: false,
        [flag('nobody')]: 0,
        [flag('everybody')]: 100,
        [flag('half')]: 50,
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

    it('says where the state came from, and when, if it came from a server', () => {
      const { source, receivedAt } = harness.flags().snapshot()
      expect(['server', 'static']).toContain(source)
      expect(receivedAt === undefined).toBe(source === 'static')
      if (receivedAt !== undefined) expect(Date.now() - receivedAt).toBeLessThan(5_000)
    })
  })
}

// --- internal ---

const visitors = Array.from({ length: 2_000 }, (_, index) => `visitor-${index}`)
