import { createConnection } from 'mysql2/promise'
import { expect } from 'vitest'
import { siteDatabase } from '../scripts/stack/index.ts'
import { apiCalls } from './api-calls.ts'
import { createSession, type MemberSession } from './member-session.ts'
import type { PairedRequest, PairedSites } from './paired-sites.ts'
import { decodedBody, type RawAnswer } from './raw-http.ts'
import { eachOf, kindOf, linksIn, targetOf } from './site-crawl.ts'
import type { WrongForm } from './wrong-forms.ts'

// What the test site is asked, whoever stands in front of it.

export async function expectSameSitemap(sites: PairedSites, atOnce: number): Promise<void> {
  const index = linksOf(await sites.expectSame({ target: '/sitemap.xml' }), '/sitemap.xml')
  const parts = await eachOf(index, 1, async (part) => linksOf(await sites.expectSame({ target: part }), part))
  const addresses = parts.flat()
  expect(addresses.length).toBeGreaterThan(1800)
  await eachOf(addresses, atOnce, (target) => sites.expectSame({ target, headers: { 'accept-encoding': 'gzip' } }))
}

export async function expectSameApi(sites: PairedSites, mysqlUrl: string): Promise<void> {
  const connection = await createConnection({ uri: mysqlUrl, database: siteDatabase })
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
}

/** A download whole, in the parts that `rangesOf` its size names, unchanged, and with a link that was tampered with. */
export async function expectSameDownload(
  sites: PairedSites,
  file: number,
  rangesOf: (size: number) => readonly string[],
): Promise<void> {
  const link = await sites.expectSame({ target: `/download/${file}` })
  const target = targetOf(headerOf(link, 'location') ?? '', '/') ?? ''
  const whole = await sites.expectSame({ target })
  expect(whole.body.subarray(0, 2).toString()).toBe('PK')
  for (const range of rangesOf(whole.body.length)) {
    for (const more of [{}, { 'if-range': headerOf(whole, 'etag') ?? '' }, { 'if-range': '"other"' }])
      await sites.expectSame({ target, headers: { range, ...more } })
  }
  for (const variant of variantsOf(whole)) await sites.expectSame({ target, ...variant })
  for (const wrong of [target.replace(/sig=./, 'sig=x'), target.replace(/expires=./, 'expires=2')])
    expect((await sites.expectSame({ target: wrong })).status).toBe(403)
}

/** A whole archive is counted, and other pages show the number. The test of the downloads asks for them. */
export function countsDownloads(target: string): boolean {
  return target.startsWith('/download.php?') && target.includes('sig=')
}

export function asMember(session: MemberSession | undefined): Omit<PairedRequest, 'target'> {
  if (session === undefined) return {}
  return {
    headers: { cookie: session.cookie, 'accept-encoding': 'gzip' },
    restore: session.restore,
    leaves: session.read,
  }
}

export function posting(form: WrongForm, session: MemberSession): PairedRequest {
  const { restore, read, cookie } = session
  return { ...form, method: 'POST', headers: { ...form.headers, cookie }, restore, leaves: read }
}

export function sessionOfVisitor(stack: Parameters<typeof createSession>[0]): MemberSession {
  const csrf = '0123456789abcdef0123456789abcdef'
  return createSession(stack, `csrf|s:32:"${csrf}";`, csrf)
}

export function linksOf(answer: RawAnswer, target: string): readonly string[] {
  const location = targetOf(headerOf(answer, 'location') ?? target, target)
  const isText = /^(?:text|application\/(?:rss|xml))/.test(headerOf(answer, 'content-type') ?? '')
  const links = isText ? linksIn(decodedBody(answer).toString('latin1'), target) : []
  return location === undefined || kindOf(location) === kindOf(target) ? links : [location, ...links]
}

export function variantsOf(answer: RawAnswer): readonly Omit<PairedRequest, 'target'>[] {
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

export function headerOf(answer: RawAnswer, name: string): string | undefined {
  return answer.headers.find(([known]) => known.toLowerCase() === name)?.[1]
}
