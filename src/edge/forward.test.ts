import { describe, expect, it } from 'vitest'
import { exchangeRaw, rawClient, rawUpstream, recordingUpstream, startEdge } from './testing/edge-stack.ts'

describe('a request on its way to PHP', () => {
  it('keeps the path bytes, and the order, case and duplicates of headers', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const head = [
      'GET /a//b/../%2e%2E/%C3%A9?q=%20+&x[]=1&x[]=2 HTTP/1.1',
      'Host: www.example.com',
      'X-ONE: 1',
      'x-two:   2  ',
      'Accept: a',
      'accept: b',
      'X-Bytes: \xe9\xff',
      'Cookie: a=1',
      'Cookie: b=2',
      'Connection: close',
      '',
      '',
    ].join('\r\n')
    await exchangeRaw(edge.port, head)
    const [request] = upstream.requests
    expect(request?.url).toBe('/a//b/../%2e%2E/%C3%A9?q=%20+&x[]=1&x[]=2')
    expect(endToEnd(request?.rawHeaders ?? [])).toEqual([
      'X-ONE: 1',
      'x-two: 2',
      'Accept: a',
      'accept: b',
      'X-Bytes: \xe9\xff',
      'Cookie: a=1',
      'Cookie: b=2',
    ])
    expect(request?.headers.host).toBe('www.example.com')
  })

  it('loses the headers of the hop, also those that Connection names, but none that others rely on', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const head = [
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: close, X-Secret, Cookie, Authorization, X-Forwarded-For',
      'X-Secret: hop',
      'Keep-Alive: 5',
      'TE: trailers',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic x',
      'Cookie: a=1',
      'Authorization: Bearer x',
      '',
      '',
    ].join('\r\n')
    await exchangeRaw(edge.port, head)
    const headers = upstream.requests[0]?.headers
    expect(headers).toMatchObject({ cookie: 'a=1', authorization: 'Bearer x', 'x-forwarded-for': '127.0.0.1' })
    for (const name of ['x-secret', 'te', 'proxy-connection', 'proxy-authorization']) {
      expect(headers).not.toHaveProperty(name)
    }
  })

  it('replaces what the client says about itself, and drops headers that deceive PHP', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const head = [
      'GET / HTTP/1.1',
      'Host: shop.example:8080',
      'Connection: close',
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: evil',
      'X-Forwarded-Port: 1',
      'X-Forwarded-Prefix: /evil',
      'X-Real-IP: 1.2.3.4',
      'X_Real_IP: 1.2.3.4',
      'X_Forwarded_For: 1.2.3.4',
      'Forwarded: for=1.2.3.4',
      'Proxy: http://evil',
      'X-Original-URL: /admin',
      'X-Rewrite-URL: /admin',
      'X-Request-Id: mine-mine-mine',
      '',
      '',
    ].join('\r\n')
    await exchangeRaw(edge.port, head)
    const headers = upstream.requests[0]?.headers ?? {}
    expect(headers).toMatchObject({
      host: 'shop.example:8080',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example:8080',
      'x-forwarded-port': '8080',
      'x-real-ip': '127.0.0.1',
    })
    expect(headers['x-request-id']).not.toBe('mine-mine-mine')
    const gone = ['x_real_ip', 'x_forwarded_for', 'forwarded', 'proxy', 'x-original-url', 'x-rewrite-url']
    for (const name of [...gone, 'x-forwarded-prefix']) {
      expect(headers).not.toHaveProperty(name)
    }
  })

  it('believes a trusted proxy, as far back as the chain is trusted', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({
      legacyUrl: upstream.url,
      settings: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] },
    })
    const head = [
      'GET / HTTP/1.1',
      'Host: internal',
      'Connection: close',
      'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: www.example.com',
      'X-Request-Id: balancer-42',
      'Forwarded: for=203.0.113.9',
      '',
      '',
    ].join('\r\n')
    await exchangeRaw(edge.port, head)
    expect(upstream.requests[0]?.headers).toMatchObject({
      'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.1.2.3, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'www.example.com',
      'x-forwarded-port': '443',
      'x-real-ip': '203.0.113.9',
      'x-request-id': 'balancer-42',
      forwarded: 'for=203.0.113.9, for=127.0.0.1',
    })
    expect((await edge.logged((line) => line.msg === 'request')).ip).toBe('203.0.113.9')
  })

  it("hides Fig's own cookie from PHP and leaves the others byte for byte", async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const get = (cookie: string): string =>
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`
    await exchangeRaw(edge.port, get('a=1;  b="2" ; fig_visitor=AAAAAAAAAAAAAAAAAAAAAA; xfig_visitor=3'))
    await exchangeRaw(edge.port, get('fig_visitor=AAAAAAAAAAAAAAAAAAAAAA'))
    expect(upstream.requests[0]?.headers.cookie).toBe('a=1;  b="2" ; xfig_visitor=3')
    expect(upstream.requests[1]?.headers).not.toHaveProperty('cookie')
  })

  it('carries bodies with a length and in chunks, also on GET and DELETE', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
    await client.receives('ok')
    client.write(
      'POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n',
    )
    client.write('GET /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx')
    client.write('DELETE /4 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\n\r\n')
    client.write('PUT /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    await client.closed()
    const seen = upstream.requests.map(({ method, url, body, headers }) => [
      `${method} ${url} ${body}`,
      headers['content-length'] ?? headers['transfer-encoding'],
    ])
    expect(seen).toEqual([
      ['POST /1 abc', '3'],
      ['POST /2 abcde', 'chunked'],
      ['GET /3 x', '1'],
      ['DELETE /4 y', 'chunked'],
      ['PUT /5 ', '0'],
    ])
    expect(client.text().match(/HTTP\/1.1 200 OK/g)).toHaveLength(5)
  })

  it('asks a client that waits for it to send its body only when PHP is there to take it', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n')
    await client.receives('HTTP/1.1 100 Continue\r\n\r\n')
    expect(upstream.requests).toHaveLength(0)
    client.write('abc')
    await client.closed()
    expect(client.text()).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/)
    expect(upstream.requests[0]?.body.toString()).toBe('abc')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('expect')
  })

  it('does not ask for the body when PHP is not there', async () => {
    await using gone = await recordingUpstream()
    const { url } = gone
    await gone[Symbol.asyncDispose]()
    await using edge = await startEdge({ legacyUrl: url })
    const answer = await exchangeRaw(
      edge.port,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
    expect(answer).toContain('Connection: close')
  })

  it('serves pipelined requests in order, each with its own answer', async () => {
    await using upstream = await rawUpstream((socket, head) => {
      const path = head.split(' ', 2)[1] ?? ''
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(
      edge.port,
      'GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(answer.match(/\/one|\/two/g)).toEqual(['/one', '/two'])
  })

  it('takes an absolute URL of the same host as its path', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    await exchangeRaw(edge.port, 'GET http://WWW.a/x?y HTTP/1.1\r\nHost: www.a\r\nConnection: close\r\n\r\n')
    await exchangeRaw(edge.port, 'GET http://www.a?y HTTP/1.1\r\nHost: www.a\r\nConnection: close\r\n\r\n')
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/x?y', '/?y'])
  })
})

/** Name and value of each header, without what every hop or Fig writes itself. */
function endToEnd(rawHeaders: readonly string[]): readonly string[] {
  const ours = /^(?:host|connection|x-forwarded-.*|x-real-ip|x-request-id)$/i
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 && !ours.test(name) ? [`${name}: ${rawHeaders[i + 1]}`] : []))
}
