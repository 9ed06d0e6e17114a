import { describe, expect, it } from 'vitest'
import { HeaderList } from '../http1/index.ts'
import { keepFromSharedCaches } from './shared-caches.ts'

describe('the answer of a route that only some visitors get', () => {
  it.each([
    [[], ['Cache-Control', 'private', 'Vary', 'Cookie']],
    [
      ['Cache-Control', 'public, max-age=60, s-maxage=600'],
      ['Cache-Control', 'private, max-age=60', 'Vary', 'Cookie'],
    ],
    [
      ['Cache-Control', 'no-store'],
      ['Cache-Control', 'no-store', 'Vary', 'Cookie'],
    ],
    [
      ['Cache-Control', 'max-age=0, private'],
      ['Cache-Control', 'max-age=0, private', 'Vary', 'Cookie'],
    ],
    [
      ['Vary', 'Accept-Encoding', 'Surrogate-Control', 'max-age=9'],
      ['Vary', 'Accept-Encoding', 'Cache-Control', 'private', 'Vary', 'Cookie'],
    ],
    [
      ['Vary', 'accept, COOKIE'],
      ['Vary', 'accept, COOKIE', 'Cache-Control', 'private'],
    ],
    [
      ['Vary', '*'],
      ['Vary', '*', 'Cache-Control', 'private'],
    ],
  ])('%j becomes %j: no shared cache may keep it', (given, expected) => {
    const headers = HeaderList.of(...given)
    keepFromSharedCaches(headers)
    expect(headers.toRaw()).toEqual(expected)
  })
})
