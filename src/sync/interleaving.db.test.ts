import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Interleaving, type Variant } from './testing/interleaving.ts'
import { definition, legacySchema } from './testing/specimens.ts'
import { SyncStack } from './testing/sync-stack.ts'

let stack: SyncStack
let interleaving: Interleaving

beforeAll(async () => {
  stack = await SyncStack.open({
    mysqlUrl: inject('mysqlUrl'),
    postgresUrl: inject('postgresUrl'),
    definition,
    legacySchema,
  })
  await stack.sync().setup()
  interleaving = await Interleaving.open(stack)
})
afterAll(async () => {
  await interleaving[Symbol.asyncDispose]()
  await stack[Symbol.asyncDispose]()
})

describe('PHP, two handlers that crash, and the applier, in any order', () => {
  it('leave both stores equal', async () => {
    const diverged: number[] = []
    for (let seed = 1; seed <= 40; seed += 1) {
      if (!(await interleaving.agrees(seed, 'design'))) diverged.push(seed)
    }
    expect(diverged).toEqual([])
  })

  const broken: readonly Exclude<Variant, 'design'>[] = ['without guard', 'without barrier', 'whole rows', 'own twice']
  it.each(broken.map((variant, index) => [variant, (index + 1) * 1000] as const))(
    'diverge when one part is left out: %s',
    async (variant, firstSeed) => {
      for (let seed = firstSeed; seed < firstSeed + 100; seed += 1) {
        if (!(await interleaving.agrees(seed, variant))) return
      }
      expect.fail('100 seeds agreed: this test would not notice the missing part')
    },
  )
})
