import { describe, expect, it } from 'vitest'
import { readResponseHead } from './response-head.ts'

const read = (text: string, method = 'GET') => readResponseHead(Buffer.from(text, 'latin1'), method)

function head(text: string, method = 'GET') {
  const result = read(text, method)
  if (result.kind !== 'head') throw new Error(JSON.stringify(result))
  return result.head
}

describe('the head of an answer', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'GET', { framing: 'length', length: 5, keepsAlive: true }],
    ['HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n', 'GET', { framing: 'chunked', reason: '' }],
    ['HTTP/1.1 200 \r\n\r\n', 'GET', { framing: 'until-close', keepsAlive: false, reason: '' }],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD', { framing: 'none', keepsAlive: true }],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 'GET', { framing: 'none' }],
    ['HTTP/1.1 204 No Content\r\n\r\n', 'GET', { framing: 'none', keepsAlive: true }],
    [
      'HTTP/1.1 404 Gibt\xe4s nicht\r\nContent-Length: 0\r\n\r\n',
      'GET',
      { reason: 'Gibt\xe4s nicht', framing: 'none' },
    ],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n', 'GET', { keepsAlive: false, minor: 0 }],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\n', 'GET', { keepsAlive: true }],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x, Close\r\n\r\n', 'GET', { keepsAlive: false }],
  ])('%j to %s', (text, method, expected) => {
    expect(head(text, method)).toMatchObject(expected)
  })

  it('keeps one of several equal lengths (RFC 9110 section 8.6)', () => {
    const { headers, length } = head('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n')
    expect([length, headers.count('content-length'), headers.get('content-length')]).toEqual([5, 1, '5'])
  })

  it('is mended where a proxy has to: space before the colon, folded lines (RFC 9112 sections 5.1, 5.2)', () => {
    const { headers } = head('HTTP/1.1 200 OK\r\nX-A : 1\r\nX-B: one\r\n  two\r\nContent-Length: 0\r\n\r\n')
    expect(headers.toRaw()).toEqual(['X-A', '1', 'X-B', 'one two', 'Content-Length', '0'])
  })

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
    ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n'],
    ['length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
    ['chunks in 1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n'],
    ['a status that does not exist', 'HTTP/1.1 999 Odd\r\n\r\n'],
    ['four digits', 'HTTP/1.1 2000 Odd\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no line end at all', 'Not HTTP'],
  ])('with %s is invalid', (_name, text) => {
    expect(read(text).kind).toBe('invalid')
  })

  it('is waited for while it can still become one', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
    for (let length = 0; length < text.length; length += 1) {
      expect(read(text.slice(0, length)).kind).toBe('incomplete')
    }
  })
})
