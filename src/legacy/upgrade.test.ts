import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { exchangeRaw, nobody, playPhp, rawClient, startLegacy, until } from './testing/legacy-stack.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
const handshake = [
  'GET /a//%2e?x=%2F HTTP/1.1',
  'Host: www.a',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${key}`,
  'X-Forwarded-For: 6.6.6.6',
  'Cookie: a=1; fig_visitor=x',
  'x-Dup: 1',
  'X-Dup: \xe9',
  '',
  '',
].join('\r\n')
const switching = `HTTP/1.1 101 Go Ahead\r\nupGrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nX-B: \xe9\r\n`

describe('a WebSocket handshake', () => {
  it("reaches PHP with the client's own path and headers, passed like any others", async () => {
    await using php = await playPhp((socket) => socket.write(`${switching}\r\n`, 'latin1'))
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write(handshake)
    const answer = await client.receives('\r\n\r\n')
    const head = php.heads[0] ?? ''
    expect(head).toMatch(/^GET \/a\/\/%2e\?x=%2F HTTP\/1\.1\r\n/)
    for (const line of ['Host: www.a', 'Cookie: a=1', 'X-Forwarded-For: 192.0.2.7', `Sec-WebSocket-Key: ${key}`]) {
      expect(head).toContain(`\r\n${line}\r\n`)
    }
    expect(head).toMatch(/\r\nx-dup: 1\r\n(?:[\s\S]*\r\n)?x-dup: \xe9\r\n/i)
    expect(head).not.toMatch(/6\.6|fig_visitor/)
    expect(answer).toMatch(/^HTTP\/1\.1 101 Go Ahead\r\n/)
    expect(answer).toMatch(/\r\nX-B: \xe9\r\n/)
    expect(answer.match(/\r\nupgrade: /gi)).toHaveLength(1)
    client.socket.destroy()
  })

  it('becomes a WebSocket that carries messages both ways, and ends with its close code', async () => {
    const http = createServer()
    const server = new WebSocketServer({ server: http, handleProtocols: () => 'chat' })
    server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
    await using stack = await startLegacy({ url })
    const client = new WebSocket(`ws://127.0.0.1:${stack.port}/`, ['chat'])
    const echoes: string[] = []
    client.on('message', (data) => echoes.push(String(data)))
    client.on('open', () => {
      client.send('hello')
      client.send(Buffer.alloc(300_000, 'x'))
    })
    await until(() => echoes.length === 2 || undefined, 'both echoes')
    expect([echoes[0], echoes[1]?.length, client.protocol]).toEqual(['hello', 300_000, 'chat'])
    const closed = new Promise<number>((resolve) => client.on('close', resolve))
    for (const socket of server.clients) {
      socket.close(4001)
    }
    expect(await closed).toBe(4001)
    server.close()
    http.closeAllConnections()
    http.close()
  })

  it.each([
    ['another protocol', switching.replace('WebSocket\r\n', 'h2c\r\n')],
    ['a wrong accept key', switching.replace(accept, 'AAAA')],
    ['no accept key', switching.replace(/Sec-WebSocket-Accept[^\r]*\r\n/, '')],
    ['no Connection: Upgrade', switching.replace('Connection: Upgrade', 'Connection: x')],
  ])('answered by 101 with %s becomes 502', async (_what, answer) => {
    await using php = await playPhp((socket) => socket.write(`${answer}\r\nframes`, 'latin1'))
    await using stack = await startLegacy({ url: php.url })
    const text = await exchangeRaw(stack.port, handshake)
    expect(text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
    expect(text).not.toMatch(/101|frames/)
    await until(() => php.open() === 0 || undefined, 'the end at PHP')
  })

  it("passes PHP's refusal on, whole and framed anew", async () => {
    await using php = await playPhp((socket) =>
      socket.write(
        'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nX-Why: \xe9\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n',
        'latin1',
      ),
    )
    await using stack = await startLegacy({ url: php.url })
    expect(await exchangeRaw(stack.port, handshake)).toBe(
      'HTTP/1.1 403 Forbidden\r\nX-Why: \xe9\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\n\r\nnot here',
    )
  })

  it('gets 502 when PHP is not there, and 504 when it does not answer', async () => {
    await using gone = await startLegacy({ url: await nobody() })
    expect(await exchangeRaw(gone.port, handshake)).toMatch(/^HTTP\/1\.1 502 /)
    await using php = await playPhp(() => {})
    await using stack = await startLegacy({ url: php.url, webSockets: { handshakeTimeoutMs: 100 } })
    expect(await exchangeRaw(stack.port, handshake)).toMatch(/^HTTP\/1\.1 504 /)
    await until(() => php.open() === 0 || undefined, 'the end at PHP')
  })
})

describe('an open WebSocket', () => {
  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('ends on both sides when one side %s', async (_how, end) => {
    await using php = await playPhp((socket) => socket.write(`${switching}\r\n`))
    await using stack = await startLegacy({ url: php.url })
    for (const side of ['client', 'php'] as const) {
      const client = rawClient(stack.port)
      client.write(handshake)
      await client.receives('101')
      end(side === 'client' ? client.socket : (php.sockets.at(-1) as Socket))
      await client.closed()
      await until(() => php.open() === 0 || undefined, 'the end at PHP')
    }
    expect((await stack.metrics.text()).body).toContain('fig_websockets_open 0')
  })

  it('ends when PHP has gone, also before a client that does not close its half', async () => {
    await using php = await playPhp((socket) => socket.write(`${switching}\r\n`))
    await using stack = await startLegacy({ url: php.url })
    const client = connect({ port: stack.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => {})
    client.write(handshake)
    await new Promise((resolve) => client.once('data', resolve))
    php.sockets[0]?.end()
    await new Promise((resolve) => client.once('end', resolve))
    const open = async (): Promise<boolean> => /fig_websockets_open 1/.test((await stack.metrics.text()).body)
    for (let i = 0; i < 100 && (await open()); i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await open()).toBe(false)
    client.destroy()
  })

  it('has its grace when Fig stops, then both ends are closed in order; new ones are refused', async () => {
    await using php = await playPhp((socket) => socket.write(`${switching}\r\n`))
    await using stack = await startLegacy({ url: php.url, webSockets: { graceMs: 150 } })
    const client = rawClient(stack.port)
    client.write(handshake)
    await client.receives('101')
    const began = performance.now()
    const closing = stack.legacy.close()
    expect(await exchangeRaw(stack.port, handshake)).toMatch(/^HTTP\/1\.1 503 /)
    php.sockets[0]?.write('still here')
    await client.receives('still here')
    expect(await client.closed()).toBe('end')
    expect(performance.now() - began).toBeGreaterThan(140)
    await closing
    await until(() => php.open() === 0 || undefined, 'the end at PHP')
  })

  it('ends at once when the deadline has passed', async () => {
    await using php = await playPhp((socket) => socket.write(`${switching}\r\n`))
    await using stack = await startLegacy({ url: php.url, webSockets: { graceMs: 60_000 } })
    const client = rawClient(stack.port)
    client.write(handshake)
    await client.receives('101')
    await stack.legacy.close(AbortSignal.timeout(50))
    await client.closed()
  })
})
