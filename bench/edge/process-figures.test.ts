import { expect, it } from 'vitest'
import { parseCoreList } from './process-figures.ts'

it('reads a list of cores as the kernel writes it', () => {
  expect(parseCoreList('0-1')).toEqual([0, 1])
  expect(parseCoreList('0-2,5,8-9')).toEqual([0, 1, 2, 5, 8, 9])
  expect(parseCoreList('3')).toEqual([3])
  expect(parseCoreList('')).toEqual([])
})
