import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { type LiveRoutes, openLiveRoutes } from './live-routes.ts'
import { loadRoutes } from './load-site.ts'
import { createMetrics, silentLogger } from './platform/index.ts'

function table(...routes: readonly { readonly id: string; readonly stage?: string }[]): string {
  const entries = routes.map(
    ({ id, stage = 'canary' }) =>
      `{ id: '${id}', match: 'GET /${id}', flag: '${id}', stage: '${stage}', modern: (c: { text(t: string): Response }) => c.text('') }`,
  )
  return `export default { routes: [${entries.join(', ')}] }\n`
}

async function routesOf(text: string, watched = true) {
  const folder = await mkdtemp(join(tmpdir(), 'fig-routes-'))
  const file = join(folder, 'routes.config.ts')
  await writeFile(file, text)
  const metrics = createMetrics()
  const retained: number[] = []
  const live = await openLiveRoutes({
    file,
    initial: await loadRoutes(file, undefined),
    tables: undefined,
    watched,
    log: silentLogger(),
    metrics,
    onChange: ({ routes }) => retained.push(routes.length),
  })
  return {
    live,
    metrics,
    retained,
    write: (next: string) => writeFile(file, next),
    replace: async (next: string) => {
      await writeFile(`${file}.new`, next)
      await rename(`${file}.new`, file)
    },
    remove: () => rm(file),
    [Symbol.asyncDispose]: async () => {
      await live.close()
      await rm(folder, { recursive: true })
    },
  }
}

const idsOf = (live: LiveRoutes): readonly string[] => live.table().routes.map(({ id }) => id)
const inForce = (live: LiveRoutes, ids: readonly string[]) =>
  vi.waitFor(() => expect(idsOf(live)).toEqual(ids), { timeout: 10_000 })
const refused = (live: LiveRoutes, why: RegExp) =>
  vi.waitFor(() => expect(JSON.stringify(live.status())).toMatch(why), { timeout: 10_000 })

describe('live routes', () => {
  it('take a table that was written or put in place of the old one', async () => {
    await using site = await routesOf(table({ id: 'a' }))
    await site.write(table({ id: 'a' }, { id: 'b' }))
    await inForce(site.live, ['a', 'b'])
    await site.replace(table({ id: 'c' }))
    await inForce(site.live, ['c'])
    expect(site.retained).toEqual([2, 1])
  })

  it('refuse one that is not good, say why, and take the next good one', async () => {
    await using site = await routesOf(table({ id: 'a' }))
    for (const [text, why] of [
      ['export default {', /can't be loaded/],
      [table({ id: 'b' }, { id: 'b' }), /2 routes have this id/],
      [table({ id: 'a', stage: 'retired' }), /does not say what answers|cannot go/],
    ] as const) {
      await site.write(text)
      await refused(site.live, why)
      expect(idsOf(site.live)).toEqual(['a'])
      expect((await site.metrics.text()).body).toContain('fig_routes_refused 1')
    }
    await site.remove()
    await refused(site.live, /can't be read/)
    await site.write(table({ id: 'd' }))
    await inForce(site.live, ['d'])
    expect((await site.metrics.text()).body).toContain('fig_routes_refused 0')
  })

  it('refuse a move that skips a stage', async () => {
    await using site = await routesOf(table({ id: 'a', stage: 'legacy' }))
    await site.write(table({ id: 'a', stage: 'modern' }))
    await refused(site.live, /cannot go from 'legacy' to 'modern' at once/)
    await site.write(table({ id: 'a', stage: 'canary' }))
    await vi.waitFor(() => expect(site.live.table().routes[0]?.stage).toBe('canary'), { timeout: 10_000 })
  })

  it('are read anew on request alone where they are not watched, and say what is wrong to whoever asked', async () => {
    await using site = await routesOf(table({ id: 'a' }), false)
    await site.write(table({ id: 'b' }))
    await site.live.reload()
    expect(idsOf(site.live)).toEqual(['b'])
    await site.write('export default 7')
    await expect(site.live.reload()).rejects.toThrow(/no default export/)
    expect(idsOf(site.live)).toEqual(['b'])
  })
})
