import { execFile } from 'node:child_process'
import type http from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { compileRoutes, type RouteHandler } from '../routing/index.ts'
import { httpUpstream, rawClient, rawUpstream, recordingUpstream, until } from './testing/edge-stack.ts'
import { request2, startTlsEdge } from './testing/tls-stack.ts'

const get = 'GET / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n'

describe('https', () => {
  it('tells PHP that and where the visitor came by it, over HTTP/1.1', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const client = edge.secureClient()
    client.write(
      'GET /a?b=%2F HTTP/1.1\r\nHost: site.example:8443\r\nX-Forwarded-Proto: http\r\nConnection: close\r\n\r\n',
    )
    await client.closed()
    expect(client.text()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*ok$/)
    expect(client.socket.alpnProtocol).toBe('http/1.1')
    expect(upstream.requests[0]).toMatchObject({
      url: '/a?b=%2F',
      headers: {
        host: 'site.example:8443',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '8443',
        'x-forwarded-host': 'site.example:8443',
      },
    })
    const silent = edge.secureClient({ ALPNProtocols: [] })
    silent.write(get)
    await silent.closed()
    expect(silent.text()).toMatch(/ok$/)
    expect(upstream.requests[1]?.headers).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' })
  })

  it('gives PHP the same request and the visitor the same answer over HTTP/2', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const answer = await request2(
      edge.http2(),
      { ':method': 'POST', ':path': '/a?b=%2F', ':authority': 'site.example', cookie: 'a=1', 'content-length': '5' },
      'hello',
    )
    expect(answer).toMatchObject({ headers: { ':status': 200 }, body: 'ok' })
    const [request] = upstream.requests
    expect(request).toMatchObject({ method: 'POST', url: '/a?b=%2F' })
    expect(request?.headers).toMatchObject({
      host: 'site.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-forwarded-for': '127.0.0.1',
      cookie: 'a=1',
      'content-length': '5',
    })
    expect(request?.body.toString()).toBe('hello')
    expect(await edge.logged(({ msg }) => msg === 'request')).toMatchObject({ method: 'POST', status: 200 })
  })

  it('carries an upload of unknown length over HTTP/2 to PHP, and a large answer back', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024, 'x')
    await using upstream = await httpUpstream((req, res) => {
      let bytes = 0
      req.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      req.on('end', () => {
        res.writeHead(200, { 'X-Bytes': bytes, 'X-Encoding': req.headers['transfer-encoding'] ?? 'none' })
        res.end(large)
      })
    })
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const { headers, body } = await request2(edge.http2(), { ':method': 'POST' }, large)
    expect(headers).toMatchObject({ 'x-bytes': String(large.length), 'x-encoding': 'chunked' })
    expect(body.length).toBe(large.length)
  })

  it('passes early hints, trailers and repeated headers of PHP on over HTTP/2', async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
      socket.write(
        'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n',
      )
      socket.write('\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n')
    })
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const stream = edge.http2().request()
    const seen: Record<string, unknown> = {}
    stream.on('headers', (fields) => Object.assign(seen, { hints: fields.link }))
    stream.on('response', (fields) => Object.assign(seen, { cookies: fields['set-cookie'] }))
    stream.on('trailers', (fields) => Object.assign(seen, { sum: fields['x-sum'] }))
    stream.resume()
    await new Promise((resolve) => stream.on('close', resolve))
    expect(seen).toEqual({ hints: '</a.css>; rel=preload', cookies: ['a=1', 'b=2'], sum: '7' })
  })

  it('breaks visibly when PHP dies in the middle of its answer', async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', () =>
        setTimeout(() => socket.destroy(), 20),
      )
    })
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    await expect(request2(edge.http2())).rejects.toThrow(/INTERNAL_ERROR/)
    const old = edge.secureClient()
    old.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n')
    await old.receives('half')
    // An ordinary end would say that the answer, which ends with the connection, is whole.
    expect(await old.closed()).toBe('reset')
  })

  it('ends what PHP works on when the visitor takes the request back', async () => {
    const gone: string[] = []
    await using upstream = await httpUpstream((req, res) => {
      res.on('close', () => gone.push(req.url ?? ''))
      res.write('begun')
    })
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const session = edge.http2()
    const stream = session.request({ ':path': '/h2' })
    stream.on('error', () => {})
    await new Promise((resolve) => stream.once('data', resolve))
    stream.close(8)
    await expect.poll(() => gone).toEqual(['/h2'])
    expect(await edge.logged(({ msg }) => msg === 'request')).toMatchObject({ path: '/h2', complete: false })
  })

  it('answers a client that has closed its half', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const client = edge.secureClient()
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    client.socket.end()
    expect(await client.receives(/ok$/)).toMatch(/^HTTP\/1.1 200/)
  })

  it('carries WebSockets over HTTP/1.1', async () => {
    let seen: http.IncomingMessage | undefined
    await using upstream = await httpUpstream((_req, res) => res.end())
    const server = new WebSocketServer({ server: upstream.server })
    server.on('connection', (socket, req) => {
      seen = req
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const client = new WebSocket(`wss://127.0.0.1:${edge.tlsPort}/chat`, { ca: edge.files.issued.cert })
    const echoes: string[] = []
    client.on('message', (data) => echoes.push(String(data)))
    client.on('open', () => client.send('hello'))
    await until(() => echoes[0], 'the echo')
    expect(echoes).toEqual(['hello'])
    expect(seen?.headers['x-forwarded-proto']).toBe('https')
    client.close()
    await new Promise((resolve) => client.on('close', resolve))
    server.close()
  })

  it('refuses malformed requests over HTTP/2 with the page of HTTP/1.1, and counts them', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const session = edge.http2()
    const headers = { ':path': '/', host: 'other.example', ':authority': 'site.example', accept: 'application/json' }
    const answer = await request2(session, headers)
    expect(answer.headers).toMatchObject({ ':status': 400, 'content-type': 'application/json; charset=utf-8' })
    expect(answer.body).toContain('edge.bad-request')
    expect((await request2(session, { ':method': 'CONNECT', ':authority': 'a:1' })).headers[':status']).toBeGreaterThan(
      400,
    )
    expect((await request2(session, { ':path': `/${'a'.repeat(40_000)}` })).headers[':status']).toBe(414)
    expect(upstream.requests).toHaveLength(0)
    expect((await edge.metrics.text()).body).toMatch(/fig_refusals_total\{code="edge.bad-request"\} 1/)
  })

  it('offers no TLS older than 1.2, and nobody else than HTTP/1.1 and HTTP/2', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const old = edge.secureClient({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    expect(await old.closed()).toBe('reset')
    const other = edge.secureClient({ ALPNProtocols: ['spdy/3'] })
    expect(await other.closed()).toBe('reset')
    const plain = rawClient(edge.tlsPort)
    plain.write(get)
    await plain.closed()
    expect(plain.text()).not.toContain('HTTP/1.1 200')
    await expect
      .poll(async () => (await edge.metrics.text()).body)
      .toMatch(/fig_tls_handshake_failures_total\{reason="plain-http"\} 1/)
    expect(upstream.requests).toHaveLength(0)
  })

  it('cuts clients that do not shake hands in time, and counts them as connections meanwhile', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({
      legacyUrl: upstream.url,
      settings: { headTimeoutMs: 2_000, connectionsMax: 2 },
    })
    const silent = [rawClient(edge.tlsPort), rawClient(edge.tlsPort)]
    await until(() => silent.every(({ socket }) => !socket.connecting) || undefined, 'the connections')
    await expect.poll(async () => (await statusOf(edge.operatorUrl)).tls.handshakes).toBe(2)
    await rawClient(edge.tlsPort).closed()
    await rawClient(edge.port).closed()
    for (const client of silent) {
      await client.closed()
    }
    const { body } = await edge.metrics.text()
    expect(body).toMatch(/fig_tls_handshake_failures_total\{reason="timeout"\} 2/)
    expect(body).toMatch(/fig_connections_rejected_total\{reason="too-many"\} 2/)
    expect((await request2(edge.http2())).body).toBe('ok')
    const plain = rawClient(edge.port)
    plain.write(get)
    expect(await plain.receives(/ok$/)).toContain('200 OK')
  })

  it('marks the cookie of a visitor as Secure', async () => {
    const modern: RouteHandler = () => new Response('modern')
    const routes = compileRoutes({ routes: [{ id: 'r', match: '/page', flag: 'f', modern }] })
    const evaluate = () => ({ state: 'off', partial: true }) as const
    const flags = () => ({ source: 'static', receivedAt: undefined, evaluate }) as const
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url, routes, flags })
    const { headers } = await request2(edge.http2(), { ':path': '/page' })
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^fig_visitor=.*; Secure/)])
    const client = edge.secureClient()
    client.write('GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await client.closed()
    expect(client.text()).toMatch(/Set-Cookie: fig_visitor=.*; Secure/)
  })

  it('serves curl', async (context) => {
    const run = promisify(execFile)
    const { stdout: version } = await run('curl', ['--version']).catch(() => ({ stdout: '' }))
    context.skip(!version.includes('HTTP2'), 'no curl with HTTP/2 here')
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const site = [
      '--cacert',
      edge.files.certFile,
      `https://localhost:${edge.tlsPort}/`,
      '--resolve',
      `localhost:${edge.tlsPort}:127.0.0.1`,
    ]
    const format = ['-s', '-S', '-w', ' %{http_version} %{http_code}']
    expect((await run('curl', [...format, '--http2', ...site])).stdout).toBe('ok 2 200')
    expect((await run('curl', [...format, '--http1.1', ...site])).stdout).toBe('ok 1.1 200')
    expect((await run('curl', [...format, '--http2', '-d', 'a=b', ...site])).stdout).toBe('ok 2 200')
    expect((await run('curl', [...format, '--http2', '-I', ...site])).stdout).toMatch(/^HTTP\/2 200[\s\S]* 2 200$/)
    expect(upstream.requests[2]?.body.toString()).toBe('a=b')
  })
})

interface Status {
  readonly tls: { readonly handshakes: number }
}

async function statusOf(operatorUrl: string): Promise<Status> {
  return (await (await fetch(`${operatorUrl}/status`)).json()) as Status
}
