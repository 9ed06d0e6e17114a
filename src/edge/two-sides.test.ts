import type { Context } from 'hono'
import { describe, expect, it } from 'vitest'
import { compileRoutes, type RouteHandler } from '../routing/index.ts'
import type { EdgeDeps } from './index.ts'
import { exchangeRaw, httpUpstream, startEdge } from './testing/edge-stack.ts'

// One URL, two sides that answer it: what is between them and the visitor (caches, the browser's own) must not mix them up.

const tag = '"same on both sides"'
const published = 'Sat, 21 Nov 2026 10:00:00 GMT'

/** Both sides say the same ETag and date, and answer 304 to either, as two implementations of one page may well do. */
async function sidesOfOnePage(verdict: { state: 'on' | 'off'; partial: boolean }) {
  const php = await httpUpstream((req, res) => {
    const known = req.headers['if-none-match'] === tag || req.headers['if-modified-since'] === published
    const headers = { ETag: tag, 'Last-Modified': published, 'Cache-Control': 'public, max-age=60' }
    res.writeHead(known ? 304 : 200, headers).end(known ? '' : 'from PHP')
  })
  const handler = (c: Context): Response => {
    const known = c.req.header('if-none-match') === tag || c.req.header('if-modified-since') === published
    const headers = { ETag: tag, 'Cache-Control': 'public, max-age=60' }
    return known ? c.body(null, 304, headers) : c.text('from TypeScript', 200, headers)
  }
  const routes = compileRoutes({
    routes: [{ id: 'page', match: '/page', flag: 'f', modern: handler as unknown as RouteHandler }],
  })
  const state = { verdict }
  const flags: EdgeDeps['flags'] = () => ({ source: 'static', receivedAt: undefined, evaluate: () => state.verdict })
  const edge = await startEdge({ legacyUrl: php.url, routes, flags, modern: { services: (call) => call } })
  return {
    state,
    ask: (headers = '', path = '/page') =>
      exchangeRaw(edge.port, `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}Connection: close\r\n\r\n`),
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]()
      await php[Symbol.asyncDispose]()
    },
  }
}

const etagOf = (answer: string): string => /\r\netag: ([^\r]*)/i.exec(answer)?.[1] ?? ''

describe('two sides of one URL', () => {
  it('keep a shared cache from handing one out to the visitors of the other, while the route is rolled out to some', async () => {
    await using page = await sidesOfOnePage({ state: 'on', partial: true })
    for (const state of ['on', 'off'] as const) {
      page.state.verdict = { state, partial: true }
      const answer = await page.ask()
      expect(answer).toContain('\r\nCache-Control: private, max-age=60\r\n')
      expect(answer).toContain('\r\nVary: Cookie\r\n')
      expect(answer).not.toContain('public')
    }
  })

  it('leave the answer as it is where everybody gets the same side, and where no route is', async () => {
    await using page = await sidesOfOnePage({ state: 'off', partial: false })
    expect(await page.ask()).toContain('\r\nCache-Control: public, max-age=60\r\n')
    page.state.verdict = { state: 'on', partial: true }
    expect(await page.ask('', '/other')).toContain('\r\nCache-Control: public, max-age=60\r\n')
  })

  it('never validate what the other one gave', async () => {
    await using page = await sidesOfOnePage({ state: 'off', partial: false })
    const php = etagOf(await page.ask())
    expect(php).toBe(tag)
    expect(await page.ask(`If-None-Match: ${php}\r\n`)).toMatch(/^HTTP\/1\.1 304/)
    page.state.verdict = { state: 'on', partial: false }
    expect(await page.ask(`If-None-Match: ${php}\r\nIf-Modified-Since: ${published}\r\n`)).toMatch(
      /200 [\s\S]*TypeScript$/,
    )
    expect(await page.ask(`If-Modified-Since: ${published}\r\n`)).toMatch(/200 [\s\S]*TypeScript$/)
    const modern = etagOf(await page.ask())
    expect(modern).not.toBe(php)
    expect(await page.ask(`If-None-Match: ${modern}\r\n`)).toMatch(/^HTTP\/1\.1 304/)
    page.state.verdict = { state: 'off', partial: false }
    expect(await page.ask(`If-None-Match: ${modern}\r\nIf-Modified-Since: ${published}\r\n`)).toMatch(
      /200 [\s\S]*from PHP\r\n/,
    )
  })
})
