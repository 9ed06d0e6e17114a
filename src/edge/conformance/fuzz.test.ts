import { expect, it } from 'vitest'
import { fuzz } from './fuzz/lane.ts'

it('1,500 requests and answers of every kind crash nothing, smuggle nothing and leave nothing behind', async () => {
  expect(await fuzz({ seed: 3, first: 0, cases: 1_500, lanes: 12 })).toEqual([])
})
