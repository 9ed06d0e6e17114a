import { describe, expect, it } from 'vitest'
import { readDuration } from './duration.ts'
import { facts, spanText, table } from './table.ts'

describe('a table', () => {
  it('aligns its columns, numbers to the right, and leaves nothing at the end of a line', () => {
    const text = table(
      ['ID', 'NAME', 'WHY'],
      [
        [7, 'a', ''],
        [12, 'Ünï', 'long'],
      ],
    )
    expect(text).toBe('ID  NAME  WHY\n 7  a     -\n12  Ünï   long')
    expect(
      facts([
        ['a', 'b'],
        ['long', undefined],
      ]),
    ).toBe('a     b\nlong  -')
  })

  it('lets no cell steer the terminal or begin a line', () => {
    expect(table(['A'], [['x\u001b[2J\ny\u009b1m\u2028z']])).toBe('A\nx?[2J?y?1m?z')
  })
})

it('times are read and written as people do', () => {
  const times = ['90s', '30m', '2h', '1h30m', '1d'].map((text) => [text, readDuration(text)])
  expect(Object.fromEntries(times)).toEqual({
    '90s': 90_000,
    '30m': 1_800_000,
    '2h': 7_200_000,
    '1h30m': 5_400_000,
    '1d': 86_400_000,
  })
  for (const wrong of ['', '2', '2 h', 'h', '0h', '-1h', '1.5h', '2w']) expect(readDuration(wrong)).toBeUndefined()
  expect([40, 90_000, 600_000, 7_200_000, 400_000_000].map(spanText)).toEqual([
    '40 ms',
    '90 s',
    '10 min',
    '2 h',
    '5 days',
  ])
})
