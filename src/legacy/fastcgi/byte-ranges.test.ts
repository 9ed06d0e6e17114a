import { describe, expect, it } from 'vitest'
import { readByteRanges } from './byte-ranges.ts'

/** What nginx 1.22 does with the same headers is compared by the test of the whole site. */
describe('the parts of a file that a client asks for', () => {
  it.each([
    ['bytes=0-9', [[0, 10]]],
    ['bytes=0-', [[0, 100]]],
    ['bytes=90-200', [[90, 100]]],
    ['bytes=-10', [[90, 100]]],
    ['bytes=-1000', [[0, 100]]],
    ['BYTES= 1 - 2 ', [[1, 3]]],
    [
      'bytes=0-0,-1',
      [
        [0, 1],
        [99, 100],
      ],
    ],
    [
      'bytes=0-1,200-,4-5',
      [
        [0, 2],
        [4, 6],
      ],
    ],
    ['bytes=100-', 'none'],
    ['bytes=9-3', 'none'],
    ['bytes=', 'all'],
    ['lines=1-2', 'all'],
    ['bytes=a-b', 'none'],
    ['bytes=1', 'none'],
    ['bytes=-', 'none'],
    ['bytes=1-2,', 'none'],
    ['bytes=9999999999999999-', 'none'],
    ['bytes=0-99,0-99', 'all'],
  ] as const)('%s', (header, expected) => {
    const found = readByteRanges(header, 100)
    expect(typeof found === 'string' ? found : found.map(({ from, to }) => [from, to])).toEqual(expected)
  })

  it('are not so many that their heads cost more than the file', () => {
    const many = `bytes=${Array.from({ length: 50 }, (_, i) => `${i * 2}-${i * 2}`).join(',')}`
    expect(readByteRanges(many, 100)).toBe('all')
    expect(readByteRanges(many, 1_000_000)).toHaveLength(50)
  })

  it('do not exist in an empty file', () => {
    expect(readByteRanges('bytes=0-0', 0)).toBe('all')
    expect(readByteRanges('bytes=-5', 0)).toBe('all')
  })
})
