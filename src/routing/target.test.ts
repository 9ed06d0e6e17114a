import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTarget, type TargetRefusal } from './target.ts'

describe('a request target', () => {
  it.each([
    ['/', '/', ''],
    ['/mods/12?cp=2', '/mods/12', 'cp=2'],
    ['/index.php?page=mod&id=12?x', '/index.php', 'page=mod&id=12?x'],
    ['/caf%C3%A9', '/café', ''],
    ['/caf\u00c3\u00a9', '/café', ''],
    ['/a%20b+c', '/a b+c', ''],
    ['/100%25', '/100%', ''],
    ['/a%2Eb/..c/d.', '/a.b/..c/d.', ''],
    ['/mods/', '/mods/', ''],
    ['/a?x=/../b//c;%00', '/a', 'x=/../b//c;%00'],
  ])('%s is decoded once: %s', (raw, path, query) => {
    expect(readTarget(raw)).toEqual({ raw, path, query, refusal: undefined })
  })

  it.each<[string, TargetRefusal]>([
    ['*', 'not-origin-form'],
    ['http://elsewhere/mods', 'not-origin-form'],
    ['', 'not-origin-form'],
    ['/mods#top', 'fragment'],
    ['/mods?x=1#top', 'fragment'],
    ['/mods/%2e%2e/admin', 'dot-segment'],
    ['/mods/../admin', 'dot-segment'],
    ['/mods/.', 'dot-segment'],
    ['/mods/%2E', 'dot-segment'],
    ['/mods%2F12', 'encoded-slash'],
    ['/mods%2f12', 'encoded-slash'],
    ['/mods\\12', 'backslash'],
    ['/mods%5c12', 'backslash'],
    ['/mods//12', 'empty-segment'],
    ['//mods', 'empty-segment'],
    ['/mods;id=12', 'semicolon'],
    ['/mods%3Bid=12', 'semicolon'],
    ['/mods%00.php', 'control-character'],
    ['/mods%0d%0a', 'control-character'],
    ['/mods/%zz', 'bad-percent-encoding'],
    ['/mods/%4', 'bad-percent-encoding'],
    ['/caf%E9', 'not-utf-8'],
    ['/%c0%af', 'not-utf-8'],
  ])('%s matches nothing: %s', (raw, refusal) => {
    expect(readTarget(raw)).toMatchObject({ raw, path: '', refusal })
  })

  it('is never decoded twice, and what is accepted reads the same to every server that decodes once', () => {
    const piece = fc.constantFrom(
      '/',
      'a',
      '.',
      '..',
      '%2e',
      '%2F',
      '%25',
      '%252e',
      '%5C',
      '\\',
      ';',
      '%00',
      '%C3%A9',
      '%41',
      '~',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const raw = `/${pieces.join('')}`
        const { path, refusal } = readTarget(raw)
        if (refusal !== undefined) return
        expect(path).toBe(decodeURIComponent(raw))
        expect(new URL(encodeURI(path), 'http://site').pathname).toBe(encodeURI(path))
        expect(path.split('/').length).toBe(raw.split('/').length)
      }),
      { numRuns: 3_000 },
    )
  })
})
