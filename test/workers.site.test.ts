import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type FigProcess, restartFig } from '../scripts/stack/index.ts'
import { logFile } from '../scripts/stack/place.ts'
import { compareStores, countConflicts } from './both-stores.ts'
import { setFlag, waitForSide } from './fig-control.ts'
import { LegacyRows, type Snapshot } from './legacy-rows.ts'
import { type LoadPlan, planLoad, removeSessions, startLoad } from './visitor-load.ts'

/** Only one of several workers follows MySQL; the others serve modern pages and carry votes all the same. */
describe('two workers', () => {
  const stack = inject('stack')
  let fig: FigProcess
  let rows: LegacyRows
  let before: Snapshot
  let plan: LoadPlan

  beforeAll(async () => {
    rows = await LegacyRows.open(stack.mysqlUrl, ['endorsements', 'mods', 'mod_files', 'downloads'])
    before = await rows.snapshot()
    plan = await planLoad(stack, rows)
    await setFlag(stack.unleash, 'mod-page', 'on')
    fig = await restartFig(stack, { FIG_WORKERS: '2' })
    await waitForSide(stack, '/skyrim/mods/12', 'modern')
  })
  afterAll(async () => {
    await setFlag(stack.unleash, 'mod-page', 'off')
    await restartFig(stack)
    await waitForSide(stack, '/skyrim/mods/12', 'legacy')
    removeSessions(plan)
    await rows.restore(before)
    await rows[Symbol.asyncDispose]()
  })

  interface WorkerSeen {
    readonly worker: number
    readonly ready: boolean
    readonly sync?: { readonly stream: string }
  }

  /** Two that are ready, all started after `worker`. */
  async function workersAfter(worker: number): Promise<readonly WorkerSeen[]> {
    const deadline = performance.now() + 60_000
    for (;;) {
      const status = await (await fetch(`${fig.operatorUrl}/status`)).json()
      const { workers } = status as { readonly workers: readonly WorkerSeen[] }
      if (workers.length === 2 && workers.every((one) => one.ready && one.worker > worker)) return workers
      if (performance.now() > deadline) throw new Error(`no two workers: ${JSON.stringify(status)}`)
      await delay(50)
    }
  }

  function linesOf(worker: number, target: string): readonly string[] {
    const lines = readFileSync(logFile(stack.dir, 'fig'), 'utf8').split('\n')
    return lines.filter((line) => line.includes(`"worker":${worker},`) && line.includes(`"target":"${target}"`))
  }

  async function untilServed(workers: readonly number[]): Promise<void> {
    const deadline = performance.now() + 30_000
    while (!workers.every((worker) => linesOf(worker, 'modern').length >= 20)) {
      if (performance.now() > deadline) throw new Error(`not every one of the workers ${workers} served modern pages`)
      await delay(50)
    }
  }

  it('serve and write side by side and are renewed under load: no request fails, both stores are equal', async () => {
    const conflictsBefore = await countConflicts(stack)
    const [first, second] = await workersAfter(0)
    expect([first?.sync?.stream, second?.sync?.stream].toSorted()).toEqual(['standby', 'streaming'])
    const load = startLoad(stack.figUrl, plan)
    await untilServed([1, 2])
    process.kill(fig.pid, 'SIGUSR2')
    await workersAfter(2)
    await untilServed([3, 4])
    const report = await load.stop()
    const served = [1, 2, 3, 4].map((worker) => linesOf(worker, 'modern').length)
    const stale = [1, 2, 3, 4].flatMap((worker) =>
      linesOf(worker, 'legacy').filter((line) => line.includes('"follower-stale"')),
    )
    console.log(
      `${report.reads} pages, ${report.votes} votes; by TypeScript of each worker ${served}; ${stale.length} stale`,
    )
    expect(report.failures).toEqual([])
    // While the one that follows MySQL is being replaced nobody knows how far Postgres is: PHP answers for as
    // long as that takes, on a busy machine for seconds. That it ends is what `untilServed` has seen.
    expect(stale.every((line) => line.includes('"status":200') || line.includes('"status":304'))).toBe(true)
    expect(await compareStores(stack)).toMatchObject([{ equal: true, differences: [] }])
    expect(await countConflicts(stack)).toBe(conflictsBefore)
  })
})
