import type { Context } from 'hono'
import { describe, expect, it } from 'vitest'
import { type ActiveKill, type Controls, createKillState, createOverrides } from './controls/index.ts'
import { exchangeRaw, httpUpstream, startEdge } from './edge/testing/edge-stack.ts'
import { createFlows } from './flows.ts'
import { createMetrics, silentLogger } from './platform/index.ts'
import { compileRoutes, type RouteDefinition, type RouteHandler } from './routing/index.ts'
import { createSteering } from './steering.ts'

const keys = [{ id: 'a', secret: 'x'.repeat(32) }]
const overrides = createOverrides({ keys })
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
    flows: createFlows(keys, createMetrics()),
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

describe('a form', () => {
  /** An editor whose page and whose POST belong together, as either side has it. */
  async function editor() {
    const php = await httpUpstream((req, res) => {
      if (req.method === 'POST') res.writeHead(303, { Location: '/done', 'X-Side': 'PHP' }).end()
      else res.writeHead(200, { 'Content-Type': 'text/html' }).end('<form>PHP</form>')
    })
    const show = (c: Context): Response => c.html('<form>TypeScript</form>')
    const save = (): Response =>
      new Response(null, { status: 303, headers: { Location: '/done', 'X-Side': 'TypeScript' } })
    const routes = compileRoutes({
      routes: [
        { id: 'show', match: 'GET /edit', flag: 'edit', startsFlow: true, modern: show as unknown as RouteHandler },
        { id: 'save', match: 'POST /edit', flag: 'edit', modern: save as unknown as RouteHandler },
        { id: 'other', match: 'POST /other', flag: 'other', modern: save as unknown as RouteHandler },
      ],
    })
    const { steering, status } = createSteering({
      controls: undefined,
      overrides,
      flows: createFlows(keys, createMetrics()),
      breaker: { failuresMax: 5, openMs: 1_000 },
      log: silentLogger(),
      metrics: createMetrics(),
    })
    const state: { flag: 'on' | 'off' } = { flag: 'off' }
    const edge = await startEdge({
      legacyUrl: php.url,
      routes,
      steering,
      modern: { services: (call) => call },
      flags: () => ({
        source: 'static',
        receivedAt: undefined,
        evaluate: () => ({ state: state.flag, partial: false }),
      }),
    })
    return {
      state,
      status,
      ask: (request: string, cookie = '') => {
        const headers = `Host: a\r\nContent-Length: 0\r\n${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}`
        return exchangeRaw(edge.port, `${request} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
      },
      [Symbol.asyncDispose]: async () => {
        await edge[Symbol.asyncDispose]()
        await php[Symbol.asyncDispose]()
      },
    }
  }
  const pinOf = (answer: string): string => /Set-Cookie: (fig_pin=[^;\r]*)/.exec(answer)?.[1] ?? ''

  it.each([
    ['PHP', 'off', 'on'],
    ['TypeScript', 'on', 'off'],
  ] as const)('that %s rendered is sent to it, also after the flag was flipped', async (side, before, after) => {
    await using site = await editor()
    site.state.flag = before
    const form = await site.ask('GET /edit')
    expect(form).toContain(`<form>${side}</form>`)
    expect(form).toContain('Cache-Control: private')
    site.state.flag = after
    expect(site.status()).toMatchObject({ flows: { open: [{ group: 'edit', open: 1 }] } })
    const sent = await site.ask('POST /edit', `a=1; ${pinOf(form)}`)
    expect(sent).toContain(`X-Side: ${side}`)
    expect(sent).toContain('Set-Cookie: fig_pin=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax')
    expect(site.status()).toMatchObject({ flows: { open: [] } })
  })

  it('opened anew takes the side that is right now, and other groups are free', async () => {
    await using site = await editor()
    const pin = pinOf(await site.ask('GET /edit'))
    site.state.flag = 'on'
    expect(await site.ask('POST /other', pin)).toContain('X-Side: TypeScript')
    const anew = await site.ask('GET /edit', pin)
    expect(anew).toContain('<form>TypeScript</form>')
    expect(await site.ask('POST /edit', pinOf(anew))).toContain('X-Side: TypeScript')
  })

  it('is not pinned by what nobody signed', async () => {
    await using site = await editor()
    const pin = pinOf(await site.ask('GET /edit'))
    site.state.flag = 'on'
    expect(await site.ask('POST /edit', `${pin.slice(0, -3)}abc`)).toContain('X-Side: TypeScript')
    expect(await site.ask('POST /edit', 'fig_pin=~~legacy~')).toContain('X-Side: TypeScript')
  })
})
