import { describe, expect, it } from 'vitest'
import type { RequestHead } from '../http1/index.ts'
import { readRequestFields } from './request-fields.ts'
import { type Fields, getFields } from './testing/raw-frames.ts'

function read(fields: Fields, bodyFollows = false): ReturnType<typeof readRequestFields> {
  return readRequestFields(fields.flat(), bodyFollows)
}

function headOf(fields: Fields, bodyFollows = false): RequestHead {
  const head = read(fields, bodyFollows)
  if ('kind' in head) {
    throw new Error(`refused: ${head.detail}`)
  }
  return head
}

describe('the fields of a request over HTTP/2', () => {
  it('become a head as HTTP/1.1 has it, Host first', () => {
    const head = headOf(getFields([':path', '/a?b=c'], ['accept', '*/*'], ['x-a', '1'], ['x-a', '2']))
    expect(head).toMatchObject({ method: 'GET', target: '/a?b=c', minor: 1, framing: 'none', length: 0 })
    expect(head.headers.toRaw()).toEqual(['host', 'site.example', 'accept', '*/*', 'x-a', '1', 'x-a', '2'])
  })

  it('keep bytes of the upper half as they are, in values and in the path', () => {
    const head = headOf(getFields([':path', '/\xe9'], ['x-a', '\xe9\xff']))
    expect(head.target).toBe('/\xe9')
    expect(head.headers.get('x-a')).toBe('\xe9\xff')
  })

  it('join the crumbs of cookies by "; ", in the place of the first (RFC 9113 8.2.3)', () => {
    const head = headOf(getFields(['cookie', 'a=1'], ['x-a', '1'], ['cookie', 'b=2'], ['cookie', 'c=3; d=4']))
    expect(head.headers.toRaw().slice(2)).toEqual(['cookie', 'a=1; b=2; c=3; d=4', 'x-a', '1'])
  })

  it('take Host for a missing :authority, and one Host that agrees with it (8.3.1)', () => {
    const withoutAuthority = getFields(['host', 'a.example']).filter(([name]) => name !== ':authority')
    expect(headOf(withoutAuthority).headers.toRaw()).toEqual(['host', 'a.example'])
    expect(headOf(getFields(['host', 'SITE.example'])).headers.toRaw()).toEqual(['host', 'site.example'])
  })

  it('know the length of the body by Content-Length, or not before its end (8.1.1)', () => {
    const post = getFields([':method', 'POST'])
    expect(headOf([...post, ['content-length', '3']], true)).toMatchObject({ framing: 'length', length: 3 })
    expect(headOf([...post, ['content-length', '0']], true)).toMatchObject({ framing: 'none', length: 0 })
    expect(headOf(post, true)).toMatchObject({ framing: 'chunked', length: 0 })
    expect(headOf(post)).toMatchObject({ framing: 'none', length: 0 })
  })

  it('let OPTIONS * and TE: trailers pass', () => {
    expect(headOf(getFields([':method', 'OPTIONS'], [':path', '*'])).target).toBe('*')
    expect(headOf(getFields(['te', 'trailers'])).headers.get('te')).toBe('trailers')
  })

  it.each<[why: string, fields: Fields]>([
    ['a line feed in a value', getFields(['x-a', '1\r\nx-b: 2'])],
    ['a bare line feed in a value', getFields(['x-a', '1\nx-b: 2'])],
    ['a carriage return in a value', getFields(['x-a', '1\r2'])],
    ['NUL in a value', getFields(['x-a', '1\0'])],
    ['another control character in a value', getFields(['x-a', '\x7f'])],
    ['a space at the start of a value', getFields(['x-a', ' 1'])],
    ['a tab at the end of a value', getFields(['x-a', '1\t'])],
    ['a line feed in a name', getFields(['x-a: 1\r\nx-b', '2'])],
    ['a colon in a name', getFields(['x-a:', '2'])],
    ['a space in a name', getFields(['x a', '2'])],
    ['an empty name', getFields(['', '2'])],
    ['an upper-case name', getFields(['X-A', '2'])],
    ['an upper-case name that would hide a length', getFields(['Content-Length', '2'])],
    [
      'a pseudo-header after a header',
      [...getFields(['x-a', '1']).filter(([name]) => name !== ':path'), [':path', '/']],
    ],
    ['two paths', [...getFields(), [':path', '/b']]],
    ['two methods', [[':method', 'POST'], ...getFields()]],
    ['two authorities', [[':authority', 'b.example'], ...getFields()]],
    ['a pseudo-header of answers', getFields([':status', '200'])],
    ['an unknown pseudo-header', getFields([':protocol', 'websocket'])],
    ['no method', getFields().filter(([name]) => name !== ':method')],
    ['no path', getFields().filter(([name]) => name !== ':path')],
    ['no scheme', getFields().filter(([name]) => name !== ':scheme')],
    ['no host at all', getFields().filter(([name]) => name !== ':authority')],
    ['a method with a space: a request line in it', getFields([':method', 'GET /admin HTTP/1.1\r\nx: '])],
    ['a path with a space: another version in it', getFields([':path', '/ HTTP/1.1\r\nHost: b\r\n\r\nGET /b'])],
    ['a path with a control character', getFields([':path', '/\x01'])],
    ['a path with a fragment', getFields([':path', '/a#b'])],
    ['an empty path', getFields([':path', ''])],
    ['a relative path', getFields([':path', 'a'])],
    ['an absolute URL as path', getFields([':path', 'https://site.example/'])],
    ['* for another method than OPTIONS', getFields([':path', '*'])],
    ['a scheme that is not of the web', getFields([':scheme', 'ftp'])],
    ['a scheme with a URL in it', getFields([':scheme', 'https://b.example/?'])],
    ['an authority with userinfo', getFields([':authority', 'user@site.example'])],
    ['an authority with a path', getFields([':authority', 'site.example/a'])],
    ['an authority with a line feed', getFields([':authority', 'a\r\nx-b: 2'])],
    ['an empty authority', getFields([':authority', ''])],
    ['a port that does not exist', getFields([':authority', 'a:65536'])],
    ['a Host of another site', getFields(['host', 'other.example'])],
    ['two Hosts, one of another site', getFields(['host', 'site.example'], ['host', 'other.example'])],
    [
      'two Hosts without :authority',
      [...getFields(['host', 'a'], ['host', 'b'])].filter(([name]) => name !== ':authority'),
    ],
    ['Connection', getFields(['connection', 'close'])],
    ['Transfer-Encoding', getFields(['transfer-encoding', 'chunked'])],
    ['Keep-Alive', getFields(['keep-alive', 'timeout=5'])],
    ['Proxy-Connection', getFields(['proxy-connection', 'close'])],
    ['Upgrade', getFields(['upgrade', 'websocket'])],
    ['TE with a coding', getFields(['te', 'trailers, deflate'])],
    ['two different lengths', getFields(['content-length', '1'], ['content-length', '2'])],
    ['the same length twice', getFields(['content-length', '1'], ['content-length', '1'])],
    ['a list of lengths', getFields(['content-length', '1, 1'])],
    ['a length with a sign', getFields(['content-length', '+1'])],
    ['an endless length', getFields(['content-length', '99999999999999999999'])],
  ])('are refused with %s', (_why, fields) => {
    expect(read(fields, true)).toMatchObject({ kind: 'bad-request' })
  })

  it('are refused when the body that Content-Length announces does not follow', () => {
    expect(read(getFields(['content-length', '2']))).toMatchObject({ kind: 'bad-request' })
  })

  it.each<[why: string, kind: string, fields: Fields]>([
    [
      'CONNECT',
      'not-implemented',
      [
        [':method', 'CONNECT'],
        [':authority', 'site.example:443'],
      ],
    ],
    ['an expectation that is none', 'expectation-failed', getFields(['expect', '200-ok'])],
    ['a path that is too long', 'target-too-long', getFields([':path', `/${'a'.repeat(33_000)}`])],
    ['a head that is too large', 'head-too-large', getFields(['x-a', 'a'.repeat(66_000)])],
  ])('are refused with %s: %s', (_why, kind, fields) => {
    expect(read(fields)).toMatchObject({ kind })
  })
})
