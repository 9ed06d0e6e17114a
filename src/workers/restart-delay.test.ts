import { describe, expect, it } from 'vitest'
import { restartDelayMs, restartDelayMsMax } from './restart-delay.ts'

describe('the delay before a worker is replaced', () => {
  it('is none for the first death, grows while it dies again and again, and has a limit', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(restartDelayMs)).toEqual([0, 200, 400, 800, 1600, 3200, 6400])
    expect(restartDelayMs(8)).toBe(restartDelayMsMax)
    expect(restartDelayMs(5000)).toBe(restartDelayMsMax)
  })
})
