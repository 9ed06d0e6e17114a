import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { siteDatabase, startAnotherFig } from '../scripts/stack/index.ts'
import { apiCalls } from './api-calls.ts'
import { answersBy } from './fig-control.ts'
import { createSession, type MemberSession, openSessions } from './member-session.ts'
import { oddRequests, refusedRequests } from './odd-requests.ts'
import { type PairedRequest, PairedSites } from './paired-sites.ts'
import { decodedBody, type RawAnswer, RawClient } from './raw-http.ts'
import { crawl, eachOf, kindOf, linksIn, targetOf } from './site-crawl.ts'
import {
  type WrongForm,
  wrongFormsOfAdmins,
  wrongFormsOfAuthors,
  wrongFormsOfMembers,
  wrongFormsOfVisitors,
} from './wrong-forms.ts'

/**
 * With its flags off Fig can't be told from the site that it stands in front of: the same status, headers (names, case,
 * order, duplicates) and bytes for every kind of request, whoever asks.
 */
describe('the site through Fig, with flags off', () => {
  const stack = inject('stack')
  const host = 'www.modvault.example'
  const atOnce = 4
  const sites = new PairedSites(stack, host)
  let answeredBefore = 0

  beforeAll(async () => {
    answeredBefore = await answersBy(stack.operatorUrl, 'modern')
  })
  afterAll(async () => {
    sites.close()
    console.log(`${sites.compared} requests compared`)
    // Equal because TypeScript answered as PHP does would prove another thing.
    expect(await answersBy(stack.operatorUrl, 'modern')).toBe(answeredBefore)
  })

  it.each([
    ['somebody without a session', undefined, 12],
    ['a member', ['alice', 'wonderland'], 4],
    ['an author', ['Dovah', 'dragon'], 4],
    ['an administrator', ['admin', 'admin123'], 4],
  ] as const)('is the same to %s, on every kind of page that links lead to', async (_, login, perKindMax) => {
    const sessions = login === undefined ? [] : await openSessions(stack, login, atOnce)
    const visit = async (target: string, worker: number): Promise<readonly string[]> => {
      if (countsDownloads(target)) return []
      const session = sessions[worker]
      return linksOf(await sites.expectSame({ target, ...asMember(session) }), target)
    }
    const visited = await crawl({ start: startOfCrawl, perKindMax, atOnce, visit })
    expect([...visited.keys()]).toEqual(expect.arrayContaining([...(login === undefined ? publicKinds : memberKinds)]))
  })

  it('is the same at every address of the sitemap', async () => {
    const index = linksOf(await sites.expectSame({ target: '/sitemap.xml' }), '/sitemap.xml')
    const parts = await eachOf(index, 1, async (part) => linksOf(await sites.expectSame({ target: part }), part))
    const addresses = parts.flat()
    expect(addresses.length).toBeGreaterThan(1800)
    await eachOf(addresses, atOnce, (target) => sites.expectSame({ target, headers: { 'accept-encoding': 'gzip' } }))
  })

  it('is the same for HEAD, validators, parts and codings, on a page of each kind', async () => {
    const visit = async (target: string): Promise<readonly string[]> => {
      if (countsDownloads(target)) return []
      const answer = await sites.expectSame({ target })
      for (const variant of variantsOf(answer)) await sites.expectSame({ target, ...variant })
      return linksOf(answer, target)
    }
    await crawl({ start: startOfCrawl, perKindMax: 1, atOnce, visit })
  })

  it('is the same for requests that no link leads to', async () => {
    await eachOf(oddRequests, atOnce, (request) => sites.expectSame(request))
  })

  // File 1 is small and comes from PHP, file 5 is large and comes from nginx, file 8 has a name in Windows-1252.
  it.each([1, 5, 8])('is the same for download %i: whole, parts of it, unchanged, and beyond its end', async (file) => {
    const link = await sites.expectSame({ target: `/download/${file}` })
    const target = targetOf(headerOf(link, 'location') ?? '', '/') ?? ''
    const whole = await sites.expectSame({ target })
    expect(whole.body.subarray(0, 2).toString()).toBe('PK')
    const size = whole.body.length
    for (const range of [
      'bytes=0-9',
      'bytes=10-',
      'bytes=-10',
      'bytes=0-0,5-9',
      `bytes=${size}-`,
      'bytes=9-3',
      'lines=1-2',
    ]) {
      for (const more of [{}, { 'if-range': headerOf(whole, 'etag') ?? '' }, { 'if-range': '"other"' }])
        await sites.expectSame({ target, headers: { range, ...more } })
    }
    for (const variant of variantsOf(whole)) await sites.expectSame({ target, ...variant })
    for (const wrong of [target.replace(/sig=./, 'sig=x'), target.replace(/expires=./, 'expires=2')])
      expect((await sites.expectSame({ target: wrong })).status).toBe(403)
  })

  it('is the same for the API, with a key and without', async () => {
    const connection = await createConnection({ uri: stack.mysqlUrl, database: siteDatabase })
    try {
      for (const { memberId, ...call } of apiCalls) {
        // Each request uses up a part of the member's allowance, and headers tell what is left.
        const restore = async () => {
          await connection.query('DELETE FROM api_usage WHERE user_id = ?', [memberId ?? null])
        }
        await sites.expectSame({ ...call, restore })
      }
    } finally {
      await connection.end()
    }
  })

  it.each([
    ['a visitor', undefined, wrongFormsOfVisitors],
    ['a member', ['alice', 'wonderland'], wrongFormsOfMembers],
    ['an author', ['Dovah', 'dragon'], wrongFormsOfAuthors],
    ['an administrator', ['admin', 'admin123'], wrongFormsOfAdmins],
  ] as const)('is the same to %s whose forms are refused', async (_, login, formsOf) => {
    const [session] = login === undefined ? [sessionOfVisitor(stack)] : await openSessions(stack, login)
    if (session === undefined) throw new Error('no session')
    for (const form of formsOf(session.csrf)) await sites.expectSame(posting(form, session))
  })

  it('is the same with warnings of PHP on the page, and with bytes of Windows-1252', async () => {
    const rules = await sites.expectSame({ target: '/rules' })
    const stats = await sites.expectSame({ target: '/stats.php' })
    expect(rules.body.toString()).toContain('<b>Warning</b>')
    expect(stats.body.includes(0x93)).toBe(true)
  })

  it('is the same behind a proxy that ends TLS, if Fig is told to trust it', async () => {
    const trusting = await startAnotherFig(stack, { FIG_TRUSTED_PROXIES: '127.0.0.1' })
    const secure = new PairedSites({ siteUrl: stack.siteUrl, figUrl: trusting.url }, host)
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' }
    try {
      for (const target of [
        '/',
        '/skyrim/mods/12',
        '/mods.php?id=1',
        '/rss.xml',
        '/sitemap.xml',
        '/login',
        '/dashboard',
      ]) {
        const { body, headers: sent } = await secure.expectSame({ target, headers })
        expect(`${JSON.stringify(sent)}${body}`).not.toContain(`http://${host}`)
      }
    } finally {
      secure.close()
      await trusting.stop()
    }
  })

  it('is not asked about requests that could be read in two ways', async () => {
    const client = new RawClient()
    try {
      for (const { why, status, target, headers, ...request } of refusedRequests) {
        const answer = await client.send(stack.figUrl, target, { ...request, headers: { host, ...headers } })
        expect({ why, status: answer.status }).toEqual({ why, status })
      }
    } finally {
      client.close()
    }
  })
})

// --- internal ---

/** Where no page leads: the home page knows the rest. */
const startOfCrawl = [
  '/',
  '/sitemap.xml',
  '/rss.xml',
  '/rules',
  '/stats.php',
  '/mods.php?id=1',
  '/search?q=dragon',
  '/img/none.png',
]

/** What has to be found, lest a crawl that ends early looks like a good one. */
const publicKinds = [
  ...['/', '/GAME', '/GAME/mods/N', '/GAME/mods/N?cp', '/GAME?cat', '/GAME?p&sort=latest', '/GAME?sort=name', '/games'],
  ...[
    '/users/N',
    '/users/N?p',
    '/news',
    '/news?id',
    '/news?p',
    '/search',
    '/search?game&p&q',
    '/login',
    '/register',
    '/contact',
  ],
  ...['/download/N', '/image.php?id&size=thumb', '/image.php?mod&size=thumb', '/rss.xml?game', '/sitemap.xml?part'],
  ...['/css/style.css?v', '/js/mod.js?v', '/img/avatars/N.png', '/img/avatars/default.png', '/favicon.ico', '/rules'],
]
const memberKinds = [
  '/dashboard',
  '/dashboard?show=draft',
  '/upload',
  '/password',
  '/logout?csrf',
  '/GAME/mods/N?reply',
  '/ajax.php',
]

/** A whole archive is counted, and other pages show the number. The test of the downloads asks for them. */
function countsDownloads(target: string): boolean {
  return target.startsWith('/download.php?') && target.includes('sig=')
}

function asMember(session: MemberSession | undefined): Omit<PairedRequest, 'target'> {
  if (session === undefined) return {}
  return {
    headers: { cookie: session.cookie, 'accept-encoding': 'gzip' },
    restore: session.restore,
    leaves: session.read,
  }
}

function posting(form: WrongForm, session: MemberSession): PairedRequest {
  const { restore, read, cookie } = session
  return { ...form, method: 'POST', headers: { ...form.headers, cookie }, restore, leaves: read }
}

function sessionOfVisitor(stack: Parameters<typeof createSession>[0]): MemberSession {
  const csrf = '0123456789abcdef0123456789abcdef'
  return createSession(stack, `csrf|s:32:"${csrf}";`, csrf)
}

function linksOf(answer: RawAnswer, target: string): readonly string[] {
  const location = targetOf(headerOf(answer, 'location') ?? target, target)
  const isText = /^(?:text|application\/(?:rss|xml))/.test(headerOf(answer, 'content-type') ?? '')
  const links = isText ? linksIn(decodedBody(answer).toString('latin1'), target) : []
  return location === undefined || kindOf(location) === kindOf(target) ? links : [location, ...links]
}

function variantsOf(answer: RawAnswer): readonly Omit<PairedRequest, 'target'>[] {
  const etag = headerOf(answer, 'etag')
  const modified = headerOf(answer, 'last-modified')
  return [
    { method: 'HEAD' },
    { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } },
    { headers: { 'accept-encoding': 'gzip, deflate, br' } },
    { headers: { range: 'bytes=2-9' } },
    { method: 'OPTIONS' },
    ...(etag === undefined
      ? []
      : [{ headers: { 'if-none-match': etag } }, { headers: { 'if-none-match': `W/${etag}, "x"` } }]),
    ...(modified === undefined ? [] : [{ headers: { 'if-modified-since': modified } }]),
  ]
}

function headerOf(answer: RawAnswer, name: string): string | undefined {
  return answer.headers.find(([known]) => known.toLowerCase() === name)?.[1]
}
