import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Breakers, createBreakers } from './index.ts'

let time = 0
let breakers: Breakers
beforeEach(() => {
  time = 50
  breakers = createBreakers({ failuresMax: 3, openMs: 1000, probeMaxMs: 5000, now: () => time })
})

describe('the breaker of a route', () => {
  it('opens after failures in a row, for this route alone', () => {
    fail('cart', 2)
    expect([breakers.mayTry('cart'), breakers.isOpen('cart')]).toEqual([true, false])
    expect(breakers.failed('cart')).toBe(true)
    expect([breakers.mayTry('cart'), breakers.isOpen('cart')]).toEqual([false, true])
    expect([breakers.mayTry('search'), breakers.isOpen('search')]).toEqual([true, false])
  })

  it('stays closed while a success comes between', () => {
    for (let round = 0; round < 10; round += 1) {
      fail('cart', 2)
      expect(breakers.succeeded('cart')).toBe(false)
    }
    expect(breakers.mayTry('cart')).toBe(true)
    expect(breakers.list()).toEqual([])
  })

  it('lets exactly one probe through once its time has passed, and closes when that succeeds', () => {
    fail('cart', 3)
    time += 999
    expect(breakers.mayTry('cart')).toBe(false)
    time += 1
    expect([breakers.isOpen('cart'), breakers.isOpen('cart')]).toEqual([false, false]) // looking takes nothing
    expect([breakers.mayTry('cart'), breakers.mayTry('cart'), breakers.isOpen('cart')]).toEqual([true, false, true])
    expect(breakers.succeeded('cart')).toBe(true)
    expect([breakers.mayTry('cart'), breakers.mayTry('cart')]).toEqual([true, true])
    fail('cart', 2)
    expect(breakers.mayTry('cart')).toBe(true) // it counts from the start again
  })

  it('opens for as long again when the probe fails', () => {
    fail('cart', 3)
    time += 1000
    expect(breakers.mayTry('cart')).toBe(true)
    time += 300
    expect(breakers.failed('cart')).toBe(true)
    time += 999
    expect(breakers.mayTry('cart')).toBe(false)
    time += 1
    expect(breakers.mayTry('cart')).toBe(true)
  })

  it('gives the place of a probe to the next one when it was abandoned, or never reported', () => {
    fail('cart', 3)
    time += 1000
    expect([breakers.mayTry('cart'), breakers.mayTry('cart')]).toEqual([true, false])
    breakers.abandoned('cart')
    expect([breakers.mayTry('cart'), breakers.mayTry('cart')]).toEqual([true, false])
    time += 5000
    expect([breakers.mayTry('cart'), breakers.mayTry('cart')]).toEqual([true, false])
  })

  it('takes no notice of requests that began before it opened', () => {
    fail('cart', 3)
    expect([breakers.succeeded('cart'), breakers.failed('cart')]).toEqual([false, false])
    time += 500
    expect(breakers.failed('cart')).toBe(false)
    time += 500
    expect([breakers.succeeded('cart'), breakers.mayTry('cart')]).toEqual([false, true])
  })

  it('is shown with what it waits for', () => {
    fail('search', 1)
    fail('cart', 3)
    time += 400
    expect(breakers.list()).toEqual([
      { route: 'cart', state: 'open', failures: 3, probeInMs: 600, probing: false },
      { route: 'search', state: 'closed', failures: 1, probeInMs: undefined, probing: false },
    ])
    time += 600
    breakers.mayTry('cart')
    expect(breakers.list()[0]).toEqual({ route: 'cart', state: 'half-open', failures: 3, probeInMs: 0, probing: true })
    breakers.retain(new Set(['search']))
    expect(breakers.list().map(({ route }) => route)).toEqual(['search'])
  })

  it('never has two probes out, and never stays shut for ever, whatever happens', () => {
    const steps = fc.array(fc.constantFrom('try', 'succeed', 'fail', 'abandon', 'wait', 'wait long'), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (given) => {
        let at = 0
        const some = createBreakers({ failuresMax: 2, openMs: 10, probeMaxMs: 1e9, now: () => at })
        let probes = 0
        for (const step of given) {
          if (step === 'wait') at += 3
          if (step === 'wait long') at += 11
          if (step === 'try') {
            const open = some.isOpen('a')
            const shut = some.list().some(({ state }) => state !== 'closed')
            expect(some.mayTry('a')).toBe(!open)
            if (shut && !open) probes += 1
          }
          if (step === 'succeed') some.succeeded('a')
          if (step === 'fail') some.failed('a')
          if (step === 'abandon') some.abandoned('a')
          if (step === 'succeed' || step === 'fail' || step === 'abandon') probes = 0
          expect(probes).toBeLessThanOrEqual(1)
        }
        some.abandoned('a')
        at += 10
        expect(some.mayTry('a')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

// --- internal ---

function fail(route: string, times: number): void {
  for (let count = 0; count < times; count += 1) breakers.failed(route)
}
