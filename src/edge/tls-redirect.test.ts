import { describe, expect, it } from 'vitest'
import { exchangeRaw, recordingUpstream } from './testing/edge-stack.ts'
import { request2, startTlsEdge } from './testing/tls-stack.ts'

function request(line: string, ...headers: readonly string[]): string {
  return `${[line, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`
}

describe('a request by plain http where https is wanted', () => {
  it.each(['GET', 'HEAD', 'POST', 'DELETE'])('is sent to https with %s, its target as it came', async (method) => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url }, { redirect: 'on' })
    const answer = await exchangeRaw(edge.port, request(`${method} //a/%2e?b=c HTTP/1.1`, 'Host: site.example:8080'))
    expect(answer).toMatch(/^HTTP\/1.1 308 Permanent Redirect\r\n/)
    expect(answer).toContain(`Location: https://site.example:${edge.tlsPort}//a/%2e?b=c\r\n`)
    expect(answer).toContain('Cache-Control: max-age=3600\r\n')
    expect(upstream.requests).toHaveLength(0)
    expect((await request2(edge.http2())).body).toBe('ok')
  })

  it('is sent to the port where visitors reach https', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url }, { redirect: 443 })
    const answer = await exchangeRaw(edge.port, request('GET /a HTTP/1.1', 'Host: [::1]:80'))
    expect(answer).toContain('Location: https://[::1]/a\r\n')
  })

  it('is sent there too when it is a WebSocket handshake', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url }, { redirect: 443 })
    const answer = await exchangeRaw(
      edge.port,
      'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 308 [\s\S]*Location: https:\/\/a\/chat\r\n/)
    expect(upstream.requests).toHaveLength(0)
  })

  it('is served when a trusted proxy says that it came by https, or nobody knows its host', async () => {
    await using upstream = await recordingUpstream()
    const settings = { trustedProxies: ['127.0.0.1'] }
    await using edge = await startTlsEdge({ legacyUrl: upstream.url, settings }, { redirect: 'on' })
    const proxied = request('GET / HTTP/1.1', 'Host: a', 'X-Forwarded-Proto: https')
    expect(await exchangeRaw(edge.port, proxied)).toMatch(/^HTTP\/1.1 200 /)
    expect(await exchangeRaw(edge.port, request('GET / HTTP/1.0'))).toMatch(/^HTTP\/1.[01] 200 /)
    expect(await exchangeRaw(edge.port, request('GET / HTTP/1.1', 'Host: a'))).toMatch(/^HTTP\/1.1 308 /)
  })

  it('is served where it is not wanted', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    expect(await exchangeRaw(edge.port, request('GET / HTTP/1.1', 'Host: a'))).toMatch(/^HTTP\/1.1 200 /)
  })
})
