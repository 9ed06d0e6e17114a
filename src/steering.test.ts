import type { Context } from 'hono'
import { describe, expect, it } from 'vitest'
import { type ActiveKill, type Controls, createKillState, createOverrides } from './controls/index.ts'
import { exchangeRaw, httpUpstream, startEdge } from './edge/testing/edge-stack.ts'
import { createMetrics, silentLogger } from './platform/index.ts'
import { compileRoutes, type RouteDefinition, type RouteHandler } from './routing/index.ts'
import { createSteering } from './steering.ts'

const overrides = createOverrides({ keys: [{ id: 'a', secret: 'x'.repeat(32) }] })
const inAnHour = () => Math.floor(Date.now() / 1000) * 1000 + 3_600_000

interface Handling {
  fails: boolean
  calls: number
}

/** PHP, a handler that fails when told to, and an edge between them whose flag says modern. */
async function twoSides(extra: Partial<RouteDefinition> = {}) {
  const seen: { url: string; cookie: string; override: string }[] = []
  const php = await httpUpstream((req, res) => {
    const { cookie = '', 'x-fig-override': override = '' } = req.headers
    seen.push({ url: req.url ?? '', cookie, override: String(override) })
    res.setHeader('Cache-Control', 'public').end('from PHP')
  })
  const handling: Handling = { fails: false, calls: 0 }
  const handler = (c: Context): Response => {
    handling.calls += 1
    if (handling.fails) throw new Error('a defect')
    return c.text('from TypeScript', 200, { 'Cache-Control': 'public' })
  }
  const modern = handler as unknown as RouteHandler
  const routes = compileRoutes({ routes: [{ id: 'page', match: '/page/:id', flag: 'pages', modern, ...extra }] })
  const kills: { list: readonly ActiveKill[]; epoch: number } = { list: [], epoch: 0 }
  const controls = {
    snapshot: () => ({ epoch: kills.epoch, kills: createKillState(kills.list), source: 'postgres', confirmedAt: 0 }),
  } as unknown as Controls
  const { steering, status } = createSteering({
    controls,
    overrides,
    breaker: { failuresMax: 3, openMs: 60_000 },
    log: silentLogger(),
    metrics: createMetrics(),
  })
  const state = { on: true }
  const edge = await startEdge({
    legacyUrl: php.url,
    routes,
    steering,
    modern: { services: (call) => call },
    legacy: { ownCookies: ['fig_visitor', 'fig_override'] },
    flags: () => ({
      source: 'static',
      receivedAt: undefined,
      evaluate: () => ({ state: state.on ? 'on' : 'off', partial: false }),
    }),
  })
  return {
    kills,
    handling,
    state,
    seen,
    status,
    ask: (headers = '', path = '/page/7') =>
      exchangeRaw(edge.port, `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}Connection: close\r\n\r\n`),
    reasonOf: async (index: number) =>
      (await edge.logged((line) => edge.log.filter((each) => each.msg === 'request').indexOf(line) === index)).reason,
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]()
      await php[Symbol.asyncDispose]()
    },
  }
}

const killOfAll: ActiveKill = { id: 1, at: '', who: 'me', why: 'a test', scope: 'all', target: undefined }

describe('the kill switch', () => {
  it('sends everybody to PHP, whatever the flag and an override say, until it is undone', async () => {
    await using site = await twoSides()
    const token = overrides.issue({ target: '*', side: 'modern', who: 'me', expiresAt: inAnHour() })
    expect(await site.ask()).toContain('from TypeScript')
    Object.assign(site.kills, { list: [killOfAll], epoch: 1 })
    expect(await site.ask()).toContain('from PHP')
    expect(await site.ask(`X-Fig-Override: ${token}\r\n`)).toContain('from PHP')
    expect(await site.reasonOf(2)).toBe('kill-switch')
    expect(site.status()).toMatchObject({ controls: { epoch: 1, kills: [{ scope: 'all', who: 'me' }] } })
    Object.assign(site.kills, { list: [], epoch: 2 })
    expect(await site.ask()).toContain('from TypeScript')
  })
})

describe('an override', () => {
  it('chooses the side by header or cookie, is never seen by PHP, and keeps the answer from shared caches', async () => {
    await using site = await twoSides()
    const token = overrides.issue({ target: { group: 'pages' }, side: 'legacy', who: 'me', expiresAt: inAnHour() })
    const byHeader = await site.ask(`X-Fig-Override: ${token}\r\n`)
    expect(byHeader).toContain('from PHP')
    expect(byHeader).toContain('Cache-Control: private')
    expect(await site.ask(`Cookie: a=1; fig_override=${token}; b=2\r\n`)).toContain('from PHP')
    expect(await site.reasonOf(1)).toBe('override')
    expect(site.seen).toMatchObject([{ override: '' }, { cookie: 'a=1; b=2' }])
    expect(await site.ask()).toContain('from TypeScript')
  })

  it('that nobody signed, or for another route, changes nothing', async () => {
    await using site = await twoSides()
    const other = overrides.issue({ target: { route: 'other' }, side: 'legacy', who: 'me', expiresAt: inAnHour() })
    const forged = `${other.slice(0, -4)}AAAA`
    for (const token of [other, forged, 'legacy', 'fo1.a..'])
      expect(await site.ask(`X-Fig-Override: ${token}\r\n`)).toContain('from TypeScript')
  })

  it('comes as a link, which sets the cookie and leads on without the token; an empty one ends it', async () => {
    await using site = await twoSides()
    const token = overrides.issue({ target: '*', side: 'legacy', who: 'me', expiresAt: inAnHour() })
    const answer = await site.ask('', `//page/7?a=1&fig_override=${token}&b=2`)
    expect(answer).toMatch(/^HTTP\/1\.1 303 /)
    expect(answer).toContain('\r\nLocation: /page/7?a=1&b=2\r\n')
    expect(answer).toContain(`\r\nSet-Cookie: fig_override=${token}; Path=/; Max-Age=3`)
    expect(answer).toContain('\r\nCache-Control: no-store\r\n')
    expect(await site.ask('', '/page/7?fig_override=')).toContain('Set-Cookie: fig_override=; Path=/; Max-Age=0;')
    expect(await site.ask('', '/page/7?fig_override=made-up')).toContain('from TypeScript')
  })
})

describe('a breaker', () => {
  it('takes a route from a handler that keeps failing, and only that long does a visitor wait for a failure', async () => {
    await using site = await twoSides()
    site.handling.fails = true
    for (let i = 0; i < 6; i += 1) expect(await site.ask()).toContain('from PHP')
    expect(site.handling.calls).toBe(3)
    expect([await site.reasonOf(2), await site.reasonOf(3)]).toEqual(['modern-failed', 'breaker-open'])
    expect(site.status()).toMatchObject({ breakers: [{ route: 'page', state: 'open' }] })
  })
})

describe('a retired route', () => {
  it('is gone, or elsewhere, whatever the flag says', async () => {
    await using gone = await twoSides({ stage: 'retired', retired: 'gone' })
    expect(await gone.ask()).toMatch(/^HTTP\/1\.1 410 Gone/)
    await using moved = await twoSides({ stage: 'retired', retired: { redirect: '/pages/:id', status: 308 } })
    const answer = await moved.ask('', '/page/a%20b')
    expect(answer).toMatch(/^HTTP\/1\.1 308 /)
    expect(answer).toContain('\r\nLocation: /pages/a%20b\r\n')
    expect([...gone.seen, ...moved.seen]).toEqual([])
  })

  it('that its handler alone answers never goes back to PHP', async () => {
    await using site = await twoSides({ stage: 'retired', retired: 'modern' })
    site.state.on = false
    expect(await site.ask()).toContain('from TypeScript')
    site.handling.fails = true
    expect(await site.ask()).toMatch(/^HTTP\/1\.1 500 /)
    expect(site.seen).toEqual([])
  })
})
