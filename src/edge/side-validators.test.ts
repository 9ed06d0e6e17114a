import { describe, expect, it } from 'vitest'
import { HeaderList, type RequestHead } from '../http1/index.ts'
import { markValidators, withOwnValidators } from './side-validators.ts'

function asked(...raw: readonly string[]): RequestHead {
  return {
    method: 'GET',
    target: '/',
    minor: 1,
    framing: 'none',
    length: 0,
    headers: HeaderList.of('Host', 'a', ...raw),
  }
}

function seenBy(side: 'legacy' | 'modern', ...raw: readonly string[]): readonly string[] {
  return withOwnValidators(asked(...raw), side)
    .headers.toRaw()
    .slice(2)
}

function marked(...raw: readonly string[]): readonly string[] {
  const headers = HeaderList.of(...raw)
  markValidators(headers)
  return headers.toRaw()
}

const date = 'Sat, 21 Nov 2026 10:00:00 GMT'

describe('validators', () => {
  it('of modern answers carry a mark, weak ones too; a date alone gets a tag', () => {
    expect(marked('ETag', '"a"')).toEqual(['ETag', '"fig1-a"'])
    expect(marked('ETag', 'W/"a"')).toEqual(['ETag', 'W/"fig1-a"'])
    expect(marked('Last-Modified', date)).toEqual(['Last-Modified', date, 'ETag', 'W/"fig1-Sat21Nov2026100000GMT"'])
    expect(marked('Content-Type', 'text/html')).toEqual(['Content-Type', 'text/html'])
  })

  it('come back to the modern side as it gave them', () => {
    expect(seenBy('modern', 'If-None-Match', 'W/"fig1-a", "fig1-b"')).toEqual(['If-None-Match', 'W/"a", "b"'])
    expect(seenBy('modern', 'If-Match', '"fig1-a"')).toEqual(['If-Match', '"a"'])
    expect(seenBy('modern', 'Range', 'bytes=5-', 'If-Range', '"fig1-a"')).toEqual([
      'Range',
      'bytes=5-',
      'If-Range',
      '"a"',
    ])
  })

  it("of PHP reach PHP unchanged, byte for byte, and the modern side's never do", () => {
    const own = [
      'If-None-Match',
      ' W/"x" , "y"'.trim(),
      'If-Modified-Since',
      date,
      'If-Range',
      date,
      'Range',
      'bytes=1-',
    ]
    expect(seenBy('legacy', ...own)).toEqual(own)
    expect(seenBy('legacy', 'If-None-Match', '"fig1-a"', 'If-Modified-Since', date)).toEqual([])
    expect(seenBy('legacy', 'If-None-Match', '"fig1-a", "php"')).toEqual(['If-None-Match', '"php"'])
    expect(seenBy('legacy', 'Range', 'bytes=5-', 'If-Range', '"fig1-a"')).toEqual([])
  })

  it("of PHP don't reach the modern side: neither tags nor dates", () => {
    expect(seenBy('modern', 'If-None-Match', '"php"', 'If-Modified-Since', date)).toEqual([])
    expect(seenBy('modern', 'If-Modified-Since', date)).toEqual([])
    expect(seenBy('modern', 'Range', 'bytes=5-', 'If-Range', date)).toEqual([])
    expect(seenBy('modern', 'If-None-Match', '*')).toEqual(['If-None-Match', '*'])
  })

  it('are not looked for where there are none: the request stays the same object', () => {
    const request = asked('Cookie', 'a=b')
    expect(withOwnValidators(request, 'modern')).toBe(request)
  })
})
