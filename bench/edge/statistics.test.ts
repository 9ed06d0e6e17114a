import { describe, expect, it } from 'vitest'
import { median, ratio, spread } from './statistics.ts'

describe('statistics', () => {
  it('takes the middle value, in whatever order they came', () => {
    expect(median([30, 1, 20])).toBe(20)
    expect(median([4, 1, 2, 10])).toBe(3)
    expect(median([7])).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('leaves the values as they were', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('tells how far the rounds lie apart, by their median', () => {
    expect(spread([98, 100, 102])).toBeCloseTo(0.04)
    expect(spread([5])).toBe(0)
  })

  it('compares only with what was measured', () => {
    expect(ratio(30, 20)).toBe(1.5)
    expect(ratio(30, undefined)).toBeUndefined()
    expect(ratio(undefined, 20)).toBeUndefined()
    expect(ratio(30, 0)).toBeUndefined()
  })
})
