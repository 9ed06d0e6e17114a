import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { aliceApiKey } from '../legacy-fixtures/seed/index.ts'
import { comparableAnswers, type NexusAnswers, runNexusClient } from '../legacy-fixtures/test/nexus-client.ts'
import { compareStores } from './both-stores.ts'
import { setFlag, waitForSide } from './fig-control.ts'
import { LegacyRows, type Snapshot } from './legacy-rows.ts'
import { withinOneHour } from './paired-sites.ts'

/** The npm client `@nexusmods/nexus-api`, which desktop apps use, can't tell Fig from the site. */
describe('the desktop client', () => {
  const stack = inject('stack')
  let rows: LegacyRows
  let before: Snapshot

  beforeAll(async () => {
    rows = await LegacyRows.open(stack.mysqlUrl)
    before = await rows.snapshot()
  })
  afterAll(async () => {
    await setFlag(stack.unleash, 'mod-page', 'off')
    await waitForSide(stack, '/skyrim/mods/12', 'legacy')
    await rows.restore(before)
    await rows[Symbol.asyncDispose]()
  })

  async function answersOf(baseUrl: string): Promise<NexusAnswers> {
    await rows.restore(before)
    const answers = await runNexusClient({ baseUrl, apiKey: aliceApiKey, game: 'skyrim', modId: 26 })
    return { ...comparableAnswers(answers, baseUrl), allowances: answers.rateLimits }
  }

  it.each(['off', 'on'] as const)('gets the same answers to all of its calls with the flag %s', async (state) => {
    await setFlag(stack.unleash, 'mod-page', state)
    await waitForSide(stack, '/skyrim/mods/12', state === 'on' ? 'modern' : 'legacy')
    const [direct, throughFig] = await withinOneHour(async () => {
      return [await answersOf(stack.siteUrl), await answersOf(stack.figUrl)] as const
    })
    expect(throughFig).toEqual(direct)
    expect(direct).toMatchObject({
      validationResult: { name: 'alice' },
      endorseMod: { status: 'Endorsed' },
      trackMod: { message: 'User 3 is now Tracking Mod: 26' },
      wrongKey: { statusCode: 401 },
    })
    // Its endorsements are PHP's, and Postgres follows.
    expect(await compareStores(stack)).toMatchObject([{ equal: true, differences: [] }])
  })
})
