import type http from 'node:http'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  exchangeRaw,
  httpUpstream,
  rawClient,
  rawUpstream,
  startEdge,
  switchingProtocols,
  until,
} from './testing/edge-stack.ts'

const handshake = [
  'Host: a',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

describe('an Upgrade request', () => {
  it('becomes a WebSocket that carries text and binary messages both ways, with subprotocol and forwarding headers', async () => {
    let seen: http.IncomingMessage | undefined
    await using upstream = await httpUpstream((_req, res) => res.end())
    const server = new WebSocketServer({ server: upstream.server, handleProtocols: () => 'chat' })
    server.on('connection', (socket, req) => {
      seen = req
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = new WebSocket(`ws://127.0.0.1:${edge.port}/a//b?x=%2F`, ['chat'], {
      headers: { 'X-Forwarded-For': '1.2.3.4', Cookie: 'a=1; fig_visitor=x' },
    })
    const echoes: string[] = []
    client.on('message', (data) => echoes.push(String(data)))
    client.on('open', () => {
      client.send('hello')
      client.send(Buffer.alloc(100_000, 'x'))
    })
    await until(() => echoes.length === 2 || undefined, 'both echoes')
    expect(echoes[0]).toBe('hello')
    expect(echoes[1]).toHaveLength(100_000)
    expect(client.protocol).toBe('chat')
    expect(seen?.url).toBe('/a//b?x=%2F')
    expect(seen?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', cookie: 'a=1' })
    const closed = new Promise<number>((resolve) => client.on('close', resolve))
    for (const socket of server.clients) {
      socket.close(4001)
    }
    expect(await closed).toBe(4001)
    server.close()
  })

  it('closes the other side when one side goes away', async () => {
    await using upstream = await rawUpstream((socket) => socket.write(switchingProtocols))
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write(`GET / HTTP/1.1\r\n${handshake.join('\r\n')}\r\n\r\n`)
    await client.receives('101 Switching Protocols')
    client.socket.destroy()
    await until(() => upstream.sockets[0]?.destroyed || undefined, 'the end at PHP')
    const second = rawClient(edge.port)
    second.write(`GET / HTTP/1.1\r\n${handshake.join('\r\n')}\r\n\r\n`)
    await second.receives('101 Switching Protocols')
    upstream.sockets[1]?.destroy()
    await second.closed()
  })

  it("passes PHP's refusal of a WebSocket on, whole and framed right", async () => {
    await using upstream = await httpUpstream((_req, res) => res.end())
    upstream.server.on('upgrade', (_req, socket) => {
      socket.end(
        'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nX-Why: no\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n',
      )
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, `GET / HTTP/1.1\r\n${handshake.join('\r\n')}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/)
    expect(answer).toMatch(/connection: close/i)
    expect(answer).not.toMatch(/transfer-encoding/i)
    expect(answer).toMatch(/\r\n\r\nnot here$/)
  })

  it('gets 502 when PHP is not there for a WebSocket', async () => {
    await using gone = await rawUpstream(() => {})
    const { url } = gone
    await gone[Symbol.asyncDispose]()
    await using edge = await startEdge({ legacyUrl: url })
    const answer = await exchangeRaw(edge.port, `GET / HTTP/1.1\r\n${handshake.join('\r\n')}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
  })

  it('is a plain request when it is no WebSocket: h2c, TLS, a POST, a handshake without a key', async () => {
    const seen: string[] = []
    await using upstream = await httpUpstream((req, res) => {
      seen.push(`${req.method} ${req.headers.upgrade} ${req.headers['http2-settings']} ${req.headers.connection}`)
      req.pipe(res)
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const requests = [
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n',
      'OPTIONS / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: TLS/1.0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nbody',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    ]
    for (const request of requests) {
      expect(await exchangeRaw(edge.port, request)).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    }
    expect(seen).toEqual(['GET', 'OPTIONS', 'POST', 'GET'].map((method) => `${method} undefined undefined keep-alive`))
  })

  it('is refused like any other request when it could be read in two ways', async () => {
    await using upstream = await httpUpstream((_req, res) => res.end())
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, `GET / HTTP/1.1\r\nHost: b\r\n${handshake.join('\r\n')}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
  })

  it('may break off at any moment without harm', async () => {
    await using upstream = await httpUpstream((_req, res) => res.end())
    await using edge = await startEdge({ legacyUrl: upstream.url })
    for (const request of [
      `GET / HTTP/1.1\r\nHost: b\r\n${handshake.join('\r\n')}\r\n\r\n`,
      `GET / HTTP/1.1\r\n${handshake.join('\r\n')}\r\n\r\n`,
      'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
    ]) {
      for (let i = 0; i < 20; i += 1) {
        const client = rawClient(edge.port)
        await new Promise((resolve) => client.socket.once('connect', resolve))
        client.socket.write(request, () => client.socket.resetAndDestroy())
        await client.closed()
      }
    }
    expect(await exchangeRaw(edge.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('200 OK')
  })
})
