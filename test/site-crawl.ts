/** Walks the links of the legacy site, level by level, in the same order each time. */

export interface CrawledPage {
  readonly target: string
  readonly links: readonly string[]
}

export interface CrawlOptions {
  readonly start: readonly string[]
  /** How many addresses of one kind are visited, such as mod pages; see kindOf(). */
  readonly perKindMax: number
  readonly atOnce: number
  /** Visits an address as one of `atOnce` workers and returns what it links to, as it stands there. */
  readonly visit: (target: string, worker: number) => Promise<readonly string[]>
}

/** Returns what was visited, by kind. */
export async function crawl(options: CrawlOptions): Promise<ReadonlyMap<string, readonly string[]>> {
  const visited = new Map<string, string[]>()
  const seen = new Set<string>()
  const admit = (target: string): boolean => {
    if (seen.has(target)) return false
    seen.add(target)
    const kind = kindOf(target)
    const known = visited.get(kind) ?? []
    if (known.length >= options.perKindMax) return false
    visited.set(kind, [...known, target])
    return true
  }
  let level = options.start.filter(admit)
  while (level.length > 0) {
    // What a level links to is looked at in the level's order, not in the order in which answers happen to come.
    const links = await eachOf(level, options.atOnce, options.visit)
    level = links.flat().filter(admit)
  }
  return visited
}

/** Runs `work` over all items with so many workers; results come in the order of the items. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  workers: number,
  work: (item: Item, worker: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(items.length)
  let next = 0
  const run = async (worker: number): Promise<void> => {
    while (next < items.length) {
      const index = next
      next += 1
      results[index] = await work(items[index] as Item, worker)
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => run(worker)))
  return results
}

/** Addresses of this site in a page, a feed, a sitemap or a redirect, as request targets. */
export function linksIn(body: string, page: string): readonly string[] {
  const found = body.matchAll(/(?:href|src|action)="([^"]*)"|<(?:loc|link|guid)[^>]*>([^<]+)</g)
  return Array.from(found, ([, attribute, element]) => targetOf(attribute ?? element ?? '', page)).filter(
    (target) => target !== undefined,
  )
}

export function targetOf(reference: string, page: string): string | undefined {
  const text = reference.replaceAll('&amp;', '&').replaceAll('&#039;', "'")
  if (!URL.canParse(text, new URL(page, site))) return undefined
  const url = new URL(text, new URL(page, site))
  return url.origin === site ? `${url.pathname}${url.search}` : undefined
}

/** Addresses that the same code answers in the same way are of one kind. */
export function kindOf(target: string): string {
  const url = new URL(target, site)
  const path = url.pathname
    .replace(/^\/(?:skyrim|oblivion|fallout3|newvegas|witcher|stalker|morrowind|minecraft)(?=\/|$)/, '/GAME')
    .replaceAll(/\d+/g, 'N')
  const fields = [...url.searchParams].map(([name, value]) => (telling.has(name) ? `${name}=${value}` : name))
  return fields.length === 0 ? path : `${path}?${fields.toSorted().join('&')}`
}

// --- internal ---

/** Every comparison asks for this host. */
const site = 'http://www.modvault.example'

/** Query fields whose values choose what is shown rather than which one. */
const telling = new Set(['page', 'sort', 'show', 'size', 'feed', 'action'])
