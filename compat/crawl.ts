/** Follows the links of a site on both sides, level by level, each side by its own links. */
import { textOf } from './compare.ts'
import { type Answer, headerOf } from './http-client.ts'
import type { Visitor } from './pair.ts'
import { type Both, both, type SideName } from './sides.ts'
import { publicHost } from './web-server-settings.ts'

export interface CrawlOptions {
  readonly start: readonly string[]
  readonly depthMax: number
  readonly pagesMax: number
  /** Addresses that do something, or never end. */
  readonly leaveOut: RegExp
  readonly scheme?: 'http' | 'https'
}

/** Returns the addresses visited, with the answers' validators. */
export async function crawl(visitor: Visitor, options: CrawlOptions): Promise<readonly VisitedAddress[]> {
  const seen = new Set<string>()
  const visited: VisitedAddress[] = []
  const admit = (targets: Both<string>): boolean => {
    if (seen.has(targets.direct) || options.leaveOut.test(targets.direct)) return false
    seen.add(targets.direct)
    return true
  }
  let level = options.start.map((target) => ({ direct: target, fig: target })).filter(admit)
  for (let depth = 0; depth <= options.depthMax && level.length > 0; depth += 1) {
    const found: Both<string>[] = []
    for (const targets of level) {
      if (visited.length >= options.pagesMax) return visited
      const answers = await visitor.ask((side) => ({ target: targets[side] }))
      visited.push({ targets, answers })
      found.push(...linksOfBoth(answers, targets, options))
    }
    level = found.filter(admit)
  }
  return visited
}

export interface VisitedAddress {
  readonly targets: Both<string>
  readonly answers: Both<Answer>
}

/** Asks for each address again in the ways of browsers with a cache, of downloads that go on, and of clients without gzip. */
export async function askAgainInOtherWays(visitor: Visitor, addresses: readonly VisitedAddress[]): Promise<void> {
  for (const { targets, answers } of addresses) {
    const ask = (headers: (side: SideName) => Readonly<Record<string, string>>, method = 'GET') =>
      visitor.ask((side) => ({ method, target: targets[side], headers: headers(side) }))
    // Each side is asked for by its own validators.
    const validator = (name: string) => both((side) => headerOf(answers[side], name) ?? '')
    const [etag, modified] = [validator('etag'), validator('last-modified')]
    await ask(() => ({}), 'HEAD')
    await ask(() => ({ 'accept-encoding': 'identity' }))
    if (etag.direct !== '') await ask((side) => ({ 'if-none-match': etag[side] }))
    if (modified.direct !== '') await ask((side) => ({ 'if-modified-since': modified[side] }))
    if (headerOf(answers.direct, 'accept-ranges') === undefined && modified.direct === '') continue
    for (const range of ['bytes=0-9', 'bytes=-20', 'bytes=5-', 'bytes=0-3,10-19', 'bytes=99999999-']) {
      await ask(() => ({ range, 'accept-encoding': 'identity' }))
    }
    if (etag.direct !== '') await ask((side) => ({ range: 'bytes=2-9', 'if-range': etag[side] }))
    await ask(() => ({ range: 'bytes=2-9', 'if-range': '"another"' }))
  }
}

// --- internal ---

function linksOfBoth(answers: Both<Answer>, pages: Both<string>, options: CrawlOptions): readonly Both<string>[] {
  const scheme = options.scheme ?? 'http'
  const links = both((side) => linksIn(answers[side], pages[side], `${scheme}://${publicHost}`))
  // Where one side has more links the pages differ, which has been counted; what is asked next should not.
  const fig = links.fig.length === links.direct.length ? links.fig : links.direct
  return links.direct.map((target, index) => ({ direct: target, fig: fig[index] ?? target }))
}

const references = [
  /\s(?:href|src|action|data-src|poster)=["']([^"']*)["']/g,
  /<(?:loc|link|guid|comments|wfw:commentRss)[^>]*>([^<]+)</g,
  /url\(["']?([^"'()\s{}<>]+)["']?\)/g,
]

function linksIn(answer: Answer, page: string, site: string): readonly string[] {
  const location = headerOf(answer, 'location')
  const type = headerOf(answer, 'content-type') ?? ''
  const readable = /html|xml|css|json/.test(type)
  const text = readable ? Buffer.from(textOf(answer), 'latin1').toString('utf8') : ''
  const found = references.flatMap((pattern) => Array.from(text.matchAll(pattern), ([, link]) => link ?? ''))
  // In JSON, addresses stand with escaped slashes.
  const json = type.includes('json')
    ? Array.from(text.matchAll(/"(https?:\\?\/\\?\/[^"]+)"/g), ([, link]) => (link ?? '').replaceAll('\\/', '/'))
    : []
  const all = [...(location === undefined ? [] : [location]), ...found, ...json]
  return all.map((link) => targetOf(link, page, site)).filter((target) => target !== undefined)
}

function targetOf(reference: string, page: string, site: string): string | undefined {
  const text = reference.trim().replaceAll('&amp;', '&').replaceAll('&#038;', '&').replaceAll('&#039;', "'")
  const base = new URL(page, site)
  if (text === '' || text.startsWith('#') || /[\n\\]/.test(text) || !URL.canParse(text, base)) return undefined
  const url = new URL(text, base)
  return url.host === publicHost && url.protocol.startsWith('http') ? `${url.pathname}${url.search}` : undefined
}
