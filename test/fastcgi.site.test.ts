import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type FigProcess, startAnotherFig } from '../scripts/stack/index.ts'
import { differencesBetween, LegacyRows } from './legacy-rows.ts'
import { type MemberSession, openSessions } from './member-session.ts'
import { oddRequests } from './odd-requests.ts'
import {
  asMember,
  countsDownloads,
  expectSameApi,
  expectSameDownload,
  expectSameSitemap,
  headerOf,
  linksOf,
  posting,
  sessionOfVisitor,
  variantsOf,
} from './paired-requests.ts'
import { PairedSites } from './paired-sites.ts'
import { type RawAnswer, RawClient } from './raw-http.ts'
import { crawl, eachOf } from './site-crawl.ts'
import { type SiteWrite, siteWrites } from './site-writes.ts'
import { wrongFormsOfAdmins, wrongFormsOfAuthors, wrongFormsOfMembers, wrongFormsOfVisitors } from './wrong-forms.ts'

/**
 * Fig in nginx's place, with php-fpm behind it: the same status, headers (names, case, order, duplicates) and bytes as nginx
 * in front of the same php-fpm gives, apart from what `withoutServersName` takes out.
 */
describe('the site served by Fig from php-fpm, beside nginx', () => {
  const stack = inject('stack')
  const host = 'www.modvault.example'
  const atOnce = 2
  let fig: FigProcess
  let sites: PairedSites

  beforeAll(async () => {
    fig = await startAnotherFig(stack, {
      FIG_ROUTES: '',
      FIG_SYNC: '',
      FIG_UNLEASH_URL: '',
      FIG_LEGACY_URL: `fastcgi://${fpmSocket(stack.siteFolders.run)}`,
      FIG_LEGACY_ROOT: join(stack.checkout, 'legacy-fixtures', 'site'),
      FIG_LEGACY_SITE: join(stack.checkout, 'test', 'fastcgi-site.config.ts'),
      FIG_LEGACY_CONNECTIONS_MAX: '3',
      MV_STORAGE: stack.siteFolders.storage,
    })
    sites = new PairedSites({ siteUrl: stack.siteUrl, figUrl: fig.url }, host, withoutServersName)
  })
  afterAll(async () => {
    sites.close()
    console.log(`${sites.compared} requests compared`)
    await fig.stop()
  })

  it.each([
    ['somebody without a session', undefined, 6],
    ['a member', ['alice', 'wonderland'], 3],
    ['an author', ['Dovah', 'dragon'], 2],
    ['an administrator', ['admin', 'admin123'], 2],
  ] as const)('is the same to %s, on every kind of page that links lead to', async (_, login, perKindMax) => {
    const sessions = login === undefined ? [] : await openSessions(stack, login, atOnce)
    const visit = async (target: string, worker: number): Promise<readonly string[]> => {
      if (countsDownloads(target)) return []
      return linksOf(await sites.expectSame({ target, ...asMember(sessions[worker]) }), target)
    }
    const visited = await crawl({ start: startOfCrawl, perKindMax, atOnce, visit })
    expect(visited.size).toBeGreaterThan(30)
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

  // File 1 is small and comes from PHP, file 5 is large and handed over by X-Accel-Redirect, file 8 has a name in Windows-1252.
  it.each([1, 5, 8])('is the same for download %i: whole, parts of it, unchanged, and beyond its end', (file) =>
    expectSameDownload(sites, file, (size) => [
      ...['0-9', '10-', '-10', '0-0,5-9', `${size}-`, '9-3', '-0', '1-2,', ',', `0-${size},0-${size}`, '-1,-1,-1'].map(
        (text) => `bytes=${text}`,
      ),
      ...['lines=1-2', 'bytes=', 'bytes= 1 - 2 '],
    ]),
  )

  it('is the same for conditions on a file', async () => {
    const target = '/css/style.css'
    const whole = await sites.expectSame({ target })
    const [etag, modified] = [headerOf(whole, 'etag') ?? '', headerOf(whole, 'last-modified') ?? '']
    const other = 'Thu, 01 Jan 2015 00:00:00 GMT'
    for (const headers of [
      { 'if-modified-since': other },
      { 'if-modified-since': 'nonsense' },
      { 'if-unmodified-since': modified },
      { 'if-unmodified-since': other },
      { 'if-match': etag },
      { 'if-match': '*' },
      { 'if-match': `W/${etag}` },
      { 'if-match': '"other"' },
      { 'if-none-match': '"other"', 'if-modified-since': modified },
      { 'if-none-match': etag, 'if-modified-since': other },
      { 'if-none-match': etag, range: 'bytes=0-1' },
      { range: 'bytes=0-1', 'if-range': modified },
      { range: 'bytes=0-1', 'if-range': other },
      { range: 'bytes=99999999-' },
      { range: 'bytes=0-1,4-5,8-9' },
      { range: 'bytes=0-' },
      { range: 'BYTES=0-1' },
    ])
      await sites.expectSame({ target, headers })
  })

  it('is the same for the API, with a key and without', () => expectSameApi(sites, stack.mysqlUrl))

  it.each([
    ['a visitor', undefined, wrongFormsOfVisitors],
    ['a member', ['alice', 'wonderland'], wrongFormsOfMembers],
    ['an author', ['Dovah', 'dragon'], wrongFormsOfAuthors],
    ['an administrator', ['admin', 'admin123'], wrongFormsOfAdmins],
  ] as const)('is the same to %s whose forms are refused, with a length and in chunks', async (_, login, formsOf) => {
    const [session] = login === undefined ? [sessionOfVisitor(stack)] : await openSessions(stack, login)
    if (session === undefined) throw new Error('no session')
    for (const form of formsOf(session.csrf)) {
      const request = posting(form, session)
      await sites.expectSame(request)
      await sites.expectSame({ ...request, headers: { ...request.headers, 'transfer-encoding': 'chunked' } })
    }
  })

  it('is the same at every address of the sitemap', () => expectSameSitemap(sites, 4))

  it('writes the same rows and files, whether bodies come with a length or in chunks', async () => {
    const client = new RawClient()
    await using rows = await LegacyRows.open(stack.mysqlUrl)
    const before = await rows.snapshot()
    const observe = async (origin: string, write: SiteWrite, inChunks: boolean) => {
      const session = await sessionOf(stack, write.as)
      const known = new Set(filesBelow(stack.siteFolders.storage))
      const statuses: number[] = []
      for (const { target, ...request } of write.requests(session.csrf)) {
        const chunked = inChunks && request.body !== undefined ? { 'transfer-encoding': 'chunked' } : {}
        const headers = { host, cookie: session.cookie, ...request.headers, ...chunked }
        statuses.push((await client.send(origin, target, { ...request, headers })).status)
      }
      const changes = differencesBetween(before, await rows.snapshot(before)).map(changedColumns)
      session.remove()
      await rows.restore(before)
      return { name: write.name, statuses, changes, files: takeNewFiles(stack.siteFolders.storage, known) }
    }
    try {
      for (const write of siteWrites) {
        const byNginx = await observe(stack.siteUrl, write, false)
        expect(await observe(fig.url, write, false)).toEqual(byNginx)
        expect(await observe(fig.url, write, true)).toEqual(byNginx)
      }
    } finally {
      client.close()
    }
  })

  it('is the same with warnings of PHP on the page, and with bytes of Windows-1252', async () => {
    const rules = await sites.expectSame({ target: '/rules' })
    const stats = await sites.expectSame({ target: '/stats.php' })
    expect(rules.body.toString()).toContain('<b>Warning</b>')
    expect(stats.body.includes(0x93)).toBe(true)
  })
})

// --- internal ---

/**
 * The exceptions, all of them. nginx signs its answers (`Server`), and the pages that it writes itself, for 400, 404, 405, 412
 * and 416; Fig writes the same pages without that line.
 */
function withoutServersName(answer: RawAnswer): RawAnswer {
  const headers = answer.headers.filter(([name]) => name !== 'Server')
  const text = answer.body.toString('latin1')
  if (answer.status < 400 || !/^<html>\r\n<head><title>\d{3} /.test(text)) return { ...answer, headers }
  return {
    ...answer,
    headers: headers.filter(([name]) => name !== 'Content-Length'),
    body: Buffer.from(text.replace('<hr><center>nginx</center>\r\n', ''), 'latin1'),
  }
}

function fpmSocket(run: string): string {
  const socket = /^listen = (.*)$/m.exec(readFileSync(join(run, 'php-fpm.conf'), 'utf8'))?.[1]
  if (socket === undefined) throw new Error('php-fpm of the stack has no socket')
  return socket
}

/** Where no page leads: the home page knows the rest. */
const startOfCrawl = [
  ...['/', '/sitemap.xml', '/rss.xml', '/rules', '/stats.php', '/mods.php?id=1', '/search?q=dragon', '/img/none.png'],
  ...['/img/games/none.png', '/img/avatars/none.png', '/413.html', '/robots.txt'],
]

const passwords = { alice: 'wonderland', bob: 'builder', Dovah: 'dragon', admin: 'admin123' }

async function sessionOf(stack: Parameters<typeof openSessions>[0], name: SiteWrite['as']): Promise<MemberSession> {
  const [session] = name === 'visitor' ? [sessionOfVisitor(stack)] : await openSessions(stack, [name, passwords[name]])
  if (session === undefined) throw new Error('no session')
  return session
}

function changedColumns({ table, kind, before, after }: ReturnType<typeof differencesBetween>[number]): string {
  const columns = Object.keys(after ?? before ?? {})
  const changed = columns.filter((column) => JSON.stringify(before?.[column]) !== JSON.stringify(after?.[column]))
  return `${table} ${kind}: ${changed.join(' ')}`
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => join(entry.parentPath, entry.name))
}

/** The contents of files that were not there before, by their hash; letters, which name the moment, by their kind. */
function takeNewFiles(folder: string, known: ReadonlySet<string>): readonly string[] {
  const added = filesBelow(folder).filter((file) => !known.has(file))
  return added
    .map((file) => {
      const content = readFileSync(file)
      rmSync(file)
      return file.endsWith('.eml') ? 'a letter' : createHash('sha256').update(content).digest('base64')
    })
    .toSorted()
}
