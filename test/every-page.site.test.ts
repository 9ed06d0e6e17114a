import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startAnotherFig } from '../scripts/stack/index.ts'
import { answersBy } from './fig-control.ts'
import { openSessions } from './member-session.ts'
import { oddRequests, refusedRequests } from './odd-requests.ts'
import {
  asMember,
  countsDownloads,
  expectSameApi,
  expectSameDownload,
  expectSameSitemap,
  linksOf,
  posting,
  sessionOfVisitor,
  variantsOf,
} from './paired-requests.ts'
import { PairedSites } from './paired-sites.ts'
import { RawClient } from './raw-http.ts'
import { crawl, eachOf } from './site-crawl.ts'
import { wrongFormsOfAdmins, wrongFormsOfAuthors, wrongFormsOfMembers, wrongFormsOfVisitors } from './wrong-forms.ts'

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

  it('is the same at every address of the sitemap', () => expectSameSitemap(sites, atOnce))

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
  it.each([1, 5, 8])('is the same for download %i: whole, parts of it, unchanged, and beyond its end', (file) =>
    expectSameDownload(sites, file, (size) => [
      ...['0-9', '10-', '-10', '0-0,5-9', `${size}-`, '9-3'].map((text) => `bytes=${text}`),
      'lines=1-2',
    ]),
  )

  it('is the same for the API, with a key and without', () => expectSameApi(sites, stack.mysqlUrl))

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
