import { describe, expect, it } from 'vitest'
import { surplus } from './balance.ts'

describe('the connections that a worker should let go', () => {
  it.each([
    ['none where all have about the same', [10, 12, 11, 9], [0, 0, 0, 0]],
    ['none of a few', [3, 0], [0, 0]],
    ['what is above the average', [20, 0], [10, 0]],
    ['what is above the average, of each that has too many', [40, 30, 5, 5], [20, 10, 0, 0]],
    ['none of the only worker', [50], [0]],
    ['none of none', [], []],
  ])('are %s', (_, connections, expected) => {
    expect(surplus(connections)).toEqual(expected)
  })
})
