import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { certificate, privateKey } from './testing/certificate.ts'
import { exchangeRaw, rawClient, startLegacy } from './testing/legacy-stack.ts'

const get = 'GET / HTTP/1.1\r\nHost: www.public\r\nConnection: close\r\n\r\n'

/** To the key of RFC 6455 section 1.3. */
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

async function securePhp(): Promise<AsyncDisposable & { readonly url: URL; connections(): number; names(): string[] }> {
  let connections = 0
  const names: string[] = []
  const server = createServer({ cert: certificate, key: privateKey }, (socket) => {
    connections += 1
    names.push(String(socket.servername))
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const upgrade = String(chunk).includes('Upgrade: websocket')
      socket.write(upgrade ? switching : 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure')
    })
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    url: new URL(`https://localhost:${(server.address() as AddressInfo).port}`),
    connections: () => connections,
    names: () => names,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

describe('PHP behind TLS', () => {
  it('is reached over kept connections, by its own name', async () => {
    await using php = await securePhp()
    await using stack = await startLegacy({ url: php.url, tls: { ca: certificate } })
    for (let i = 0; i < 3; i += 1) {
      expect(await exchangeRaw(stack.port, get)).toMatch(/ 200 OK[\s\S]*secure$/)
    }
    expect(php.connections()).toBe(1)
    expect(php.names()).toEqual(['localhost'])
  })

  it('carries WebSockets, too, and only with a valid certificate', async () => {
    await using php = await securePhp()
    const handshake =
      'GET / HTTP/1.1\r\nHost: www.public\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    await using stack = await startLegacy({ url: php.url, tls: { ca: certificate } })
    const client = rawClient(stack.port)
    client.write(handshake)
    await client.receives('101 Switching Protocols')
    client.socket.destroy()
    expect(php.names()).toEqual(['localhost'])
    await using wary = await startLegacy({ url: php.url })
    expect(await exchangeRaw(wary.port, handshake)).toContain(' 502 ')
  })

  it('is not believed without a valid certificate', async () => {
    await using php = await securePhp()
    await using stack = await startLegacy({ url: php.url })
    expect(await exchangeRaw(stack.port, get)).toContain('X-Cause: connect-refused')
    expect(stack.log[0]).toMatchObject({ err: { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } } })
    const byAddress = new URL(php.url.href.replace('localhost', '127.0.0.1'))
    await using wrong = await startLegacy({ url: byAddress, tls: { ca: certificate } })
    expect(await exchangeRaw(wrong.port, get)).toContain('X-Cause: connect-refused')
  })
})
