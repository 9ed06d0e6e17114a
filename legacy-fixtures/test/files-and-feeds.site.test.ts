import { describe, expect, inject, it } from 'vitest'

const siteUrl = inject('siteUrl')

describe('downloads', () => {
  // File 1 is small and comes from PHP; file 5 is big and comes from nginx by X-Accel-Redirect.
  it.each([
    ['PHP', 1],
    ['nginx', 5],
  ])('%s sends ranges and knows what has not changed', async (_sender, fileId) => {
    const link = await linkOf(fileId)
    const whole = await fetch(link)
    const bytes = Buffer.from(await whole.arrayBuffer())
    const etag = whole.headers.get('etag') ?? ''
    const get = (headers: Readonly<Record<string, string>>) => fetch(link, { headers })

    expect(whole.headers.get('content-length')).toBe(String(bytes.length))
    expect(whole.headers.get('accept-ranges')).toBe('bytes')
    const tail = await get({ range: 'bytes=-10' })
    expect([tail.status, Buffer.from(await tail.arrayBuffer())]).toEqual([206, bytes.subarray(-10)])
    expect((await get({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200)
    expect((await get({ 'if-none-match': etag })).status).toBe(304)
    expect((await get({ 'if-modified-since': whole.headers.get('last-modified') ?? '' })).status).toBe(304)
    const beyond = await get({ range: `bytes=${bytes.length}-` })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`])
  })

  it('names an archive in latin1, as its database column does', async () => {
    const response = await fetch(await linkOf(8), { method: 'HEAD' })
    // A header's bytes are one character each here.
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="Dragon\x92s \x93Lair\x94 \x96 5 \x80.zip"',
    )
  })

  it('hands out the same link within the hour and none for what does not exist', async () => {
    expect(await linkOf(1)).toBe(await linkOf(1))
    expect(Number(new URL(await linkOf(1)).searchParams.get('expires')) % 3600).toBe(0)
    expect((await fetch(`${siteUrl}/download/4294967295`, { redirect: 'manual' })).status).toBe(404)
  })
})

describe('images', () => {
  it('paints the same picture each time for a screenshot whose file is missing', async () => {
    const [first, second] = [await bytesOf('/image.php?id=1'), await bytesOf('/image.php?id=1')]
    expect(first.equals(second)).toBe(true)
    expect(pngSize(first)).toEqual([800, 450])
    expect(pngSize(await bytesOf('/image.php?id=1&size=thumb'))).toEqual([200, 112])
    expect((await fetch(`${siteUrl}/image.php?id=4294967295`)).status).toBe(404)
  })

  it('may be cached, also for members', async () => {
    const response = await fetch(`${siteUrl}/image.php?id=1`, {
      headers: { cookie: 'PHPSESSID=abcdefghijklmnopqrstuvwxyz' },
    })
    expect(response.headers.get('cache-control')).toBe('public, max-age=86400')
    expect(response.headers.get('expires')).toBeNull()
    const etag = response.headers.get('etag') ?? ''
    expect((await fetch(response.url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })
})

describe('feeds', () => {
  it.each([
    ['/rss.xml', 20],
    ['/rss.xml?game=skyrim', 20],
    ['/rss.xml?feed=updated&game=skyrim', 20],
    ['/rss.xml?feed=news', 16],
  ])('%s is well-formed, and known when it has not changed', async (path, items) => {
    const response = await fetch(siteUrl + path)
    const xml = await response.text()

    expect(response.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8')
    expect(elementsOf(xml).filter((name) => name === 'item')).toHaveLength(items)
    expect(xml).toContain(`<link>${siteUrl}/</link>`)
    const unchanged = await fetch(siteUrl + path, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } })
    expect([unchanged.status, await unchanged.text()]).toEqual([304, ''])
  })

  it('lists every published mod in the sitemaps that the index names', async () => {
    const index = await (await fetch(`${siteUrl}/sitemap.xml`)).text()
    const parts = [...index.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, location]) =>
      (location ?? '').replace('&amp;', '&'),
    )
    const urls: string[] = []
    for (const part of parts) {
      const xml = await (await fetch(part)).text()
      expect(elementsOf(xml)[0]).toBe('urlset')
      urls.push(...[...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, location]) => location ?? ''))
    }

    expect(new Set(urls).size).toBe(urls.length)
    expect(urls).toContain(`${siteUrl}/skyrim/mods/12`)
    expect(urls).not.toContain(`${siteUrl}/skyrim/mods/13`)
    expect((await fetch(`${siteUrl}/sitemap.xml?part=9999`)).status).toBe(404)
  })
})

// --- internal ---

async function linkOf(fileId: number): Promise<string> {
  const response = await fetch(`${siteUrl}/download/${fileId}`, { redirect: 'manual' })
  expect(response.status).toBe(302)
  return response.headers.get('location') ?? ''
}

async function bytesOf(path: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(siteUrl + path)).arrayBuffer())
}

function pngSize(png: Buffer): readonly [width: number, height: number] {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

/** The names of the elements in order; fails where tags do not match or an ampersand stands alone. */
function elementsOf(xml: string): readonly string[] {
  const open: string[] = []
  const names: string[] = []
  for (const [, close, name = '', selfClosing] of xml.matchAll(/<(\/?)([a-zA-Z:]+)[^<>]*?(\/?)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name)
    else names.push(name)
    if (close === '' && selfClosing === '') open.push(name)
  }
  expect(open).toEqual([])
  expect(xml).not.toMatch(/&(?!amp;|lt;|gt;|quot;|apos;|#039;)/)
  return names
}
