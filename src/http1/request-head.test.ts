import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headBytesMax, type ReadHead, readRequestHead, targetBytesMax } from './request-head.ts'

const read = (text: string): ReadHead => readRequestHead(Buffer.from(text, 'latin1'))

function accepted(text: string) {
  const result = read(text)
  if (result.kind !== 'head') throw new Error(`${JSON.stringify(text)} gave ${JSON.stringify(result)}`)
  return result.head
}

function refusedAs(text: string): string {
  const result = read(text)
  return result.kind === 'refused' ? result.refusal.kind : result.kind
}

describe('the head of a request', () => {
  it('is read as it was written: order, case, duplicates and bytes', () => {
    const head = accepted(
      'GET /a%2Fb?x=\xff HTTP/1.1\r\nHost: a\r\nX-B:  one \t\r\nx-b:two\r\nEmpty:\r\nLatin: \xe4\r\n\r\n',
    )
    expect(head).toMatchObject({ method: 'GET', target: '/a%2Fb?x=\xff', minor: 1, framing: 'none', length: 0 })
    expect(head.headers.toRaw()).toEqual(['Host', 'a', 'X-B', 'one', 'x-b', 'two', 'Empty', '', 'Latin', '\xe4'])
  })

  it.each([
    ['PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n', 'PROPFIND'],
    ['get / HTTP/1.1\r\nHost: a\r\n\r\n', 'get'],
  ])('may have a method that we do not know (RFC 9110 section 9.1): %j', (text, method) => {
    expect(accepted(text).method).toBe(method)
  })

  it('takes a higher minor version as 1.1 (RFC 9110 section 2.5)', () => {
    expect(accepted('GET / HTTP/1.7\r\nHost: a\r\n\r\n').minor).toBe(1)
  })

  it('may come behind empty lines (RFC 9112 section 2.2)', () => {
    expect(accepted('\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n').target).toBe('/')
  })

  it.each([
    ['http://a/x?y', '/x?y'],
    ['HTTP://A', '/'],
    ['http://a?q', '/?q'],
  ])('in absolute form for this host becomes origin form: %s', (target, origin) => {
    expect(accepted(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).target).toBe(origin)
  })

  it.each([
    ['a length', 'Content-Length: 12\r\n', 'length', 12],
    ['chunks', 'Transfer-Encoding: Chunked\r\n', 'chunked', 0],
    ['a length of nothing', 'Content-Length: 0\r\n', 'none', 0],
  ])('frames the body by %s', (_name, line, framing, length) => {
    expect(accepted(`POST / HTTP/1.1\r\nHost: a\r\n${line}\r\n`)).toMatchObject({ framing, length })
  })

  it.each([
    ['both framings', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a vertical tab in TE', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n'],
    ['two TE lines', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a huge length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n'],
    ['a hexadecimal length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\n'],
    ['a tab in the request line', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
    ['a version in lower case', 'GET / http/1.1\r\nHost: a\r\n\r\n'],
    ['userinfo in the URL', 'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a nameless header', 'GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n'],
    ['a header without colon', 'GET / HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n'],
    ['8-bit bytes in a name', 'GET / HTTP/1.1\r\nHost: a\r\nX\xe4: x\r\n\r\n'],
  ])('with %s is refused', (_name, text) => {
    expect(['bad-request', 'version-not-supported']).toContain(refusedAs(text))
  })

  it('has bounds: the target 414, the whole 431', () => {
    expect(refusedAs(`GET /${'a'.repeat(targetBytesMax)}`)).toBe('target-too-long')
    expect(refusedAs(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(headBytesMax)}`)).toBe('head-too-large')
    expect(refusedAs(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(headBytesMax)}\r\n\r\n`)).toBe('head-too-large')
    // As it comes in from a socket: piece by piece, the end not in sight.
    const names = Array.from({ length: 20_000 }, (_none, i) => `x${i}: y\r\n`).join('')
    for (const length of [headBytesMax - 1, headBytesMax + 100, headBytesMax + 50_000]) {
      const kind = refusedAs(`GET / HTTP/1.1\r\nHost: a\r\n${names}`.slice(0, length))
      expect(kind).toBe(length < headBytesMax ? 'incomplete' : 'head-too-large')
    }
    const many = Array.from({ length: 5_000 }, (_none, i) => `x${i}: y\r\n`).join('')
    expect(accepted(`GET / HTTP/1.1\r\nHost: a\r\n${many}\r\n`).headers.toRaw()).toHaveLength(10_002)
  })

  it('gives the same answer however it is cut: no prefix of a good head is refused', () => {
    const text = 'POST /x?y=1 HTTP/1.1\r\nHost: example.org:8080\r\nContent-Length: 5\r\nCookie: a=b\r\n\r\n'
    for (let length = 0; length < text.length; length += 1) {
      expect([length, refusedAs(text.slice(0, length))]).toEqual([length, 'incomplete'])
    }
    const { end } = read(`${text}hello`) as { end: number }
    expect(end).toBe(text.length)
  })

  it('never takes longer, throws, or reads beyond its end, whatever the bytes', () => {
    const piece = fc.constantFrom(
      'GET ',
      '/',
      ' HTTP/1.1',
      '\r\n',
      '\r',
      '\n',
      'Host: a',
      ':',
      ' ',
      '\0',
      'x',
      'Content-Length: 1',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1')
        const result = readRequestHead(bytes)
        if (result.kind === 'head') {
          expect(bytes.toString('latin1', 0, result.end).endsWith('\r\n\r\n')).toBe(true)
          expect(result.head.headers.count('host')).toBe(1)
        }
      }),
      { numRuns: 5_000 },
    )
  })
})
