import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type EdgeUnderTest,
  exchangeRaw,
  rawClient,
  rawUpstream,
  recordingUpstream,
  startEdge,
  until,
} from './testing/edge-stack.ts'

/** Requests that PHP must never see, with the rule that they break. */
const refused: Readonly<Record<string, readonly [request: string, status: number]>> = {
  'both a length and chunks (RFC 9112 6.1)': [
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  'two lengths (RFC 9112 6.3)': [
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    400,
  ],
  'a list of lengths': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc', 400],
  'a signed length': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc', 400],
  'a folded header (RFC 9112 5.2, CVE-2024-27982)': ['GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n', 400],
  'a folded Transfer-Encoding': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n', 400],
  'an unknown transfer coding': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', 400],
  'a second transfer coding': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 501],
  'the identity coding': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\nabc', 400],
  'chunks in HTTP/1.0 (RFC 9112 6.1)': [
    'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  'bare LF (RFC 9112 2.2)': ['GET / HTTP/1.1\nHost: a\n\n', 400],
  'bare CR in a value': ['GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n', 400],
  'NUL in a value': ['GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400],
  'a space before the colon (RFC 9112 5.1)': ['GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
  'no Host (RFC 9112 3.2)': ['GET / HTTP/1.1\r\n\r\n', 400],
  'two Hosts': ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  'an empty Host': ['GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  'userinfo in Host': ['GET / HTTP/1.1\r\nHost: a@b\r\n\r\n', 400],
  'a list in Host': ['GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', 400],
  'a path in Host': ['GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  'an impossible port in Host': ['GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n', 400],
  'a URL of another host': ['GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  'a fragment in the target': ['GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  'a target that is no path': ['GET foo HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  CONNECT: ['CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  'HTTP/2 in words': ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  'HTTP/0.9': ['GET /\r\n\r\n', 505],
  'an unknown expectation': ['GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n', 417],
  'a head that is too large': [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
}

describe('a request that PHP could read differently', () => {
  let edge: EdgeUnderTest
  let upstream: Awaited<ReturnType<typeof recordingUpstream>>
  beforeAll(async () => {
    upstream = await recordingUpstream()
    edge = await startEdge({ legacyUrl: upstream.url })
  })
  afterAll(async () => {
    await edge[Symbol.asyncDispose]()
    await upstream[Symbol.asyncDispose]()
  })

  for (const [what, [request, status]] of Object.entries(refused)) {
    it(`is refused with ${status}, and nothing behind it is read: ${what}`, async () => {
      const before = upstream.requests.length
      const client = rawClient(edge.port)
      client.write(`${request}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`)
      await client.closed()
      expect(client.text()).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(client.text().match(/HTTP\/1.1 /g)).toHaveLength(1)
      expect(client.text()).toMatch(/Content-Type: text\/html/)
      expect(upstream.requests.slice(before).map(({ url }) => url)).toEqual([])
    })
  }

  it('is refused in JSON where the client prefers that', async () => {
    const headers = 'Accept: application/json\r\n'
    const ours = await exchangeRaw(edge.port, `GET / HTTP/1.1\r\n${headers}Host: a@b\r\n\r\n`)
    const parsers = await exchangeRaw(edge.port, `GET / HTTP/1.1\r\n${headers}Host : a\r\n\r\n`)
    for (const answer of [ours, parsers]) {
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ error: { status: 400 } })
    }
  })

  it('is counted by its code', async () => {
    await exchangeRaw(edge.port, 'GET / HTTP/1.1\r\n\r\n')
    expect((await edge.metrics.text()).body).toMatch(/fig_refusals_total\{code="edge.bad-request"\} \d+/)
  })
})

describe('a bad request behind a good one', () => {
  it('is refused after the good one has its answer, never instead of it', async () => {
    let answer = (): void => {}
    await using upstream = await rawUpstream((socket) => {
      answer = () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood')
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('GET /good HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\n')
    await until(() => upstream.heads[0], 'the good request')
    answer()
    await client.closed()
    await edge.logged(({ msg }) => msg === 'refused')
    expect(client.text()).toMatch(/^HTTP\/1.1 200 OK[\s\S]*goodHTTP\/1.1 400 Bad Request/)
  })

  it('ends the exchange whose body it is', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(
      edge.port,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request/)
    expect(upstream.requests).toHaveLength(0)
  })
})
