import { describe, expect, it } from 'vitest'
import {
  endHeaders,
  endStream,
  type Fields,
  frame,
  getFields,
  headerBlock,
  headers,
  RawSession,
} from './testing/raw-frames.ts'
import { answerWith, readBody, startHost } from './testing/session-stack.ts'

// HTTP/2 to HTTP/1.1 is where requests were smuggled in (CVE-2021-33193 and "HTTP/2: The Sequel is Always Worse", 2021).
// Everything here goes over the wire, through nghttp2 and our own rules: a request is refused, or nothing of the attack is left.

const post = (...more: Fields): Fields => getFields([':method', 'POST'], ...more)
const smuggled = 'GET /admin HTTP/1.1\r\nHost: site.example\r\n\r\n'

describe('a request over HTTP/2 that would be two, or another one, over HTTP/1.1', () => {
  it.each<[what: string, fields: Fields]>([
    ['H2.TE: Transfer-Encoding', post(['transfer-encoding', 'chunked'])],
    ['H2.TE in upper case', post(['Transfer-Encoding', 'chunked'])],
    ['Connection that names a header', post(['connection', 'x-a'], ['x-a', '1'])],
    ['H2.CL: two lengths', post(['content-length', '0'], ['content-length', String(smuggled.length)])],
    ['H2.CL: a list of lengths', post(['content-length', `0, ${smuggled.length}`])],
    ['a length with a sign', post(['content-length', `+${smuggled.length}`])],
    ['a request line in :method', post([':method', 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nx: x'])],
    ['a version and a header in :path', post([':path', '/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nx: x'])],
    ['a space in :path', post([':path', '/ HTTP/1.1'])],
    ['a line feed in :authority', post([':authority', 'a\r\nTransfer-Encoding: chunked'])],
    ['a URL in :scheme', post([':scheme', 'http://other.example/?'])],
    ['two paths', [...post(), [':path', '/admin']]],
    ['two authorities', [...post(), [':authority', 'other.example']]],
    ['a path after the headers', [...post(['x-a', '1']).filter(([name]) => name !== ':path'), [':path', '/admin']]],
    ['a Host of another site', post(['host', 'other.example'])],
    ['two Hosts', post(['host', 'site.example'], ['host', 'other.example'])],
    ['a space at the end of a value', post(['x-a', '1 '])],
    ['extended CONNECT, which is not offered', post([':method', 'CONNECT'], [':protocol', 'websocket'])],
  ])('is not let in: %s', async (_what, fields) => {
    await using host = await startHost(answerWith('ok'))
    using client = RawSession.open(host.port)
    client.send(headers(1, fields, endHeaders), frame('data', endStream, 1, smuggled))
    expect(['ended', 1]).toContain(await client.end(1))
    expect(host.requests).toHaveLength(0)
  })

  it.each<[what: string, name: string, value: string]>([
    ['a header behind a line feed', 'x-a', '1\r\ntransfer-encoding: chunked'],
    ['a header behind a bare line feed', 'x-a', '1\ntransfer-encoding: chunked'],
    ['a request behind an empty line', 'x-a', `1\r\n\r\n${smuggled}`],
    ['NUL', 'x-a', '1\0\r\ntransfer-encoding: chunked'],
    ['a line feed in a name', 'x-a: 1\r\ntransfer-encoding', 'chunked'],
    ['a colon in a name', 'transfer-encoding: chunked', ''],
    ['a space in a name', 'transfer-encoding ', 'chunked'],
  ])('has lost what was hidden in a header: %s', async (_what, name, value) => {
    await using host = await startHost(answerWith('ok'))
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([name, value], ['x-c', '3'])))
    await client.end(1)
    // nghttp2 drops a field that can't be one and says nothing: the rest is an honest request.
    for (const { stream } of host.requests) {
      expect(stream.head.headers.toRaw()).toEqual(['host', 'site.example', 'x-c', '3'])
    }
  })

  it('is cut when its body is longer or shorter than its length, before that shows as an end', async () => {
    await using host = await startHost((stream) => void readBody(stream).catch(() => {}))
    for (const body of ['ab', 'abcdefgh']) {
      using client = RawSession.open(host.port)
      client.send(headers(1, post(['content-length', '5']), endHeaders), frame('data', endStream, 1, body))
      expect([1, 'closed']).toContain(await client.end(1))
    }
    for (const { stream, departures } of host.requests) {
      expect(departures).toEqual(['left'])
      expect(stream.complete).toBe(false)
    }
  })

  it('can put nothing but plain fields into its trailers', async () => {
    const ends: unknown[] = []
    await using host = await startHost((stream) => {
      readBody(stream).then(
        ({ trailers }) => ends.push(trailers?.toRaw()),
        (error: unknown) => ends.push(error),
      )
    })
    const trailerSets: readonly Fields[] = [
      [[':path', '/admin']],
      [['transfer-encoding', 'chunked']],
      [['connection', 'x']],
      [['X-A', '1']],
    ]
    for (const trailers of trailerSets) {
      using client = RawSession.open(host.port)
      client.send(headers(1, post(), endHeaders), frame('data', 0, 1, 'ab'), headers(1, trailers))
      expect(await client.end(1)).toBe(1)
    }
    using client = RawSession.open(host.port)
    client.send(
      headers(1, post(), endHeaders),
      frame('data', 0, 1, 'ab'),
      headers(1, [
        ['x-a', '1\r\nx-b: 2'],
        ['x c', '3'],
        ['x-d', '4'],
      ]),
    )
    await expect.poll(() => ends.at(-1)).toEqual(['x-d', '4'])
    for (const end of ends.slice(0, -1)) {
      expect(end).toBeInstanceOf(Error)
    }
  })

  it('is not let in when its headers come twice, or its head is taken up by another stream', async () => {
    await using host = await startHost(answerWith('ok'))
    using client = RawSession.open(host.port)
    const block = headerBlock(getFields())
    client.send(
      frame('headers', endStream, 1, block.subarray(0, 5)),
      frame('continuation', endHeaders, 3, block.subarray(5)),
    )
    expect(await client.goaway()).toBe(1)
    expect(host.requests).toHaveLength(0)
  })
})
