import { createStaticFlags, type StaticFlagStates } from './static-flags.ts'
import { describeFlags } from './testing/flags-contract.ts'

describeFlags('a fixed list', async () => {
  let states: StaticFlagStates = {}
  let flags = createStaticFlags(states)
  return {
    prefix: '',
    flags: () => flags,
    set: async (more) => {
      states = { ...states, ...more }
      flags = createStaticFlags(states)
    },
    [Symbol.asyncDispose]: () => flags.close(),
  }
})
