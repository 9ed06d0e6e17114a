import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ensureFlags } from '../scripts/stack/flags.ts'
import { flagSwitchUrl, restartFig } from '../scripts/stack/index.ts'
import { compareStores, countConflicts } from './both-stores.ts'
import { answersOfSides, type Side, setFlag, waitForSide } from './fig-control.ts'
import { flipFlag, flipGroupOf, flipGroups } from './flip-routes.config.ts'
import { LegacyRows, type Snapshot } from './legacy-rows.ts'
import { type LoadPlan, type LoadReport, planLoad, removeSessions, startLoad } from './visitor-load.ts'

/** A flag that is turned in Unleash moves its routes at once, and nobody notices. */
describe('turning the flag of a route group', () => {
  const stack = inject('stack')
  const { unleash } = stack

  async function turn(flag: string, state: 'on' | 'off'): Promise<void> {
    const response = await fetch(flagSwitchUrl(unleash.url, flag, state), {
      method: 'POST',
      headers: { authorization: unleash.adminToken },
    })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`Unleash refused to turn ${flag} ${state} with ${response.status}`)
  }

  it('moves them between PHP and TypeScript within a second and a half', async () => {
    const tookMs: number[] = []
    try {
      await setFlag(unleash, 'mod-page', 'on') // and the rollout is a full one: from here on it is only turned
      await waitForSide(stack, probe, 'modern')
      for (let round = 0; round < 6; round += 1) {
        for (const [state, side] of [sides[1], sides[0]]) {
          const turnedAt = performance.now()
          await turn('mod-page', state)
          await waitForSide(stack, probe, side)
          tookMs.push(performance.now() - turnedAt)
        }
      }
    } finally {
      await turn('mod-page', 'off')
      await waitForSide(stack, probe, 'legacy')
    }
    console.log(`flag turned in Unleash -> the other side answers: ${spread(tookMs)}`)
    expect(medianOf(tookMs)).toBeLessThan(1500)
  })

  describe('a hundred times, while visitors read, vote and download', () => {
    let rows: LegacyRows
    let before: Snapshot
    let plan: LoadPlan

    beforeAll(async () => {
      await ensureFlags(unleash, flipGroups.map(flipFlag))
      await restartFig(stack, { FIG_ROUTES: join(import.meta.dirname, 'flip-routes.config.ts') })
      rows = await LegacyRows.open(stack.mysqlUrl, ['endorsements', 'mods', 'mod_files', 'downloads'])
      before = await rows.snapshot()
      plan = await planLoad(stack, rows)
    })
    afterAll(async () => {
      for (const group of flipGroups) await turn(flipFlag(group), 'off')
      await restartFig(stack)
      removeSessions(plan)
      await rows.restore(before)
      await rows[Symbol.asyncDispose]()
    })

    it('fails no request, and leaves both stores equal and every count right', async () => {
      const conflictsBefore = await countConflicts(stack)
      const load = startLoad(stack.figUrl, plan)
      let report: LoadReport
      let tookMs: readonly number[]
      try {
        tookMs = (await Promise.all(flipGroups.map((group) => flipManyTimes(group)))).flat()
      } finally {
        report = await load.stop()
      }
      const by = await answersOfSides(stack.operatorUrl)
      console.log(
        `${tookMs.length} flips under load: ${spread(tookMs)}; ${report.reads} pages, ${report.votes} votes, ` +
          `${report.downloads} downloads; ${by.legacy} answered by PHP, ${by.modern} by TypeScript`,
      )
      expect(report.failures).toEqual([])
      expect(tookMs).toHaveLength(100)
      expect(Math.min(by.legacy, by.modern, report.votes)).toBeGreaterThan(100)
      expect(await compareStores(stack)).toMatchObject([{ equal: true, differences: [] }])
      expect(await countConflicts(stack)).toBe(conflictsBefore)
      await expectRightCounts(report)
    })

    async function flipManyTimes(group: number): Promise<readonly number[]> {
      const page = plan.pages.find(({ target }) => flipGroupOf(Number(target.split('/').at(-1))) === group)
      if (page === undefined) throw new Error(`no page of group ${group}`)
      const tookMs: number[] = []
      for (let flip = 0; flip < 20; flip += 1) {
        const [state, side] = sides[flip % 2 === 0 ? 0 : 1]
        const turnedAt = performance.now()
        await turn(flipFlag(group), state)
        await waitForOneSide(group, page.target, side)
        tookMs.push(performance.now() - turnedAt)
      }
      return tookMs
    }

    /** Every request of the group now goes to this side, with others under way all the time. */
    async function waitForOneSide(group: number, target: string, side: Side, timeoutMs = 20_000): Promise<void> {
      const other = side === 'legacy' ? 'modern' : 'legacy'
      const route = `mod-page-${group}`
      const deadline = performance.now() + timeoutMs
      while (performance.now() < deadline) {
        const earlier = await answersOfSides(stack.operatorUrl, route)
        await (await fetch(`${stack.figUrl}${target}`)).arrayBuffer()
        const later = await answersOfSides(stack.operatorUrl, route)
        if (later[side] > earlier[side] && later[other] === earlier[other]) return
        await delay(20) // asking takes from the visitors what it is to observe
      }
      throw new Error(`after ${timeoutMs} ms not all requests for ${target} go to the ${side} side`)
    }

    async function expectRightCounts({ downloads }: LoadReport): Promise<void> {
      const ids = plan.voters.map(({ modId }) => modId)
      const mods = await rows.query(
        `SELECT m.id, m.endorsement_count AS kept,
                (SELECT COUNT(*) FROM endorsements e WHERE e.mod_id = m.id AND e.status = 1) AS counted
           FROM mods m WHERE m.id IN (?)`,
        [ids],
      )
      expect(mods.map(({ id, kept }) => ({ id, kept }))).toEqual(
        mods.map(({ id, counted }) => ({ id, kept: Number(counted) })),
      )
      const [file] = await rows.query('SELECT downloads FROM mod_files WHERE id = ?', [plan.fileId])
      const earlier = before.get('mod_files')?.rows.get(JSON.stringify([plan.fileId]))
      expect(Number(file?.downloads)).toBe(Number(earlier?.downloads) + downloads)
    }
  })
})

// --- internal ---

const probe = '/skyrim/mods/12'
const sides = [
  ['on', 'modern'],
  ['off', 'legacy'],
] as const

function spread(valuesMs: readonly number[]): string {
  const [median, maximum] = [medianOf(valuesMs), Math.max(...valuesMs)].map(Math.round)
  return `median ${median} ms, maximum ${maximum} ms, ${valuesMs.length} times`
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
