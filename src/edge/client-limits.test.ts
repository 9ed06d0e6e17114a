import { describe, expect, it } from 'vitest'
import { exchangeRaw, rawClient, recordingUpstream, startEdge, until } from './testing/edge-stack.ts'

/** A deadline is looked at four times a second, and the machine may be busy. */
const latenessMs = 1_000
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Sends bytes one by one, for ever, and tells how long the connection lived. */
async function drip(port: number, start: string, everyMs: number) {
  const client = rawClient(port)
  const startedAt = performance.now()
  client.write(start)
  const timer = setInterval(() => client.write('x'), everyMs)
  await client.closed()
  clearInterval(timer)
  return { answer: client.text(), livedMs: performance.now() - startedAt }
}

describe('a client', () => {
  it('that sends its head byte by byte is told 408 and cut, however busy it looks', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { headTimeoutMs: 400 } })
    const { answer, livedMs } = await drip(edge.port, 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 20)
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(livedMs).toBeGreaterThan(390)
    expect(livedMs).toBeLessThan(400 + latenessMs)
    expect(upstream.requests).toHaveLength(0)
  })

  it('that sends its second head byte by byte is cut as well, and an idle one is closed without a word', async () => {
    await using upstream = await recordingUpstream()
    const settings = { headTimeoutMs: 400, keepAliveTimeoutMs: 500 }
    await using edge = await startEdge({ legacyUrl: upstream.url, settings })
    const { answer } = await drip(edge.port, `${get}GET /`, 20)
    expect(answer).toMatch(/ok[\s\S]*HTTP\/1\.1 408/)
    const idle = rawClient(edge.port)
    idle.write(get)
    expect(await idle.closed()).toBe('end')
    expect(idle.text()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nok$/)
  })

  it('that sends its body a byte now and then is never idle, and cut for its rate', async () => {
    await using upstream = await recordingUpstream()
    const settings = { clientIdleTimeoutMs: 400, bodyRateMin: 1_000 }
    await using edge = await startEdge({ legacyUrl: upstream.url, settings })
    const { answer, livedMs } = await drip(edge.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n', 20)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(livedMs).toBeGreaterThan(390)
    expect(livedMs).toBeLessThan(400 + latenessMs)
  })

  it('may send so many requests on a connection: the last answer ends it', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { requestsPerConnectionMax: 2 } })
    const text = await exchangeRaw(edge.port, get + get + get)
    expect(text.match(/200 OK/g)).toHaveLength(2)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
  })

  it('may have so many connections at once: further ones are closed and counted, and its end makes room', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { connectionsPerClientMax: 2 } })
    const [first, second] = [rawClient(edge.port), rawClient(edge.port)]
    first.write(get)
    second.write(get)
    await Promise.all([first.receives('ok'), second.receives('ok')])
    const third = rawClient(edge.port)
    await third.closed()
    expect(third.text()).toBe('')
    expect((await edge.metrics.text()).body).toContain('fig_connections_rejected_total{reason="too-many-of-peer"} 1')
    first.socket.destroy()
    await until(() => (first.socket.destroyed ? true : undefined), 'the end of the first')
    await expect
      .poll(() => exchangeRaw(edge.port, get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')))
      .toContain('ok')
  })

  it('may send so large a body: 413 at its announcement, and at the byte too many of one in chunks', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { bodyBytesMax: 10 } })
    const post = 'POST / HTTP/1.1\r\nHost: a\r\n'
    expect(await exchangeRaw(edge.port, `${post}Content-Length: 11\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
    const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n3\r\n901\r\n`
    expect(await exchangeRaw(edge.port, chunked)).toMatch(/^HTTP\/1\.1 413 /)
    const fitting = `${post}Connection: close\r\nContent-Length: 10\r\n\r\n1234567890`
    expect(await exchangeRaw(edge.port, fitting)).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.requests).toHaveLength(1)
  })

  it('that has closed its half gets the answer to all that it had sent', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.socket.allowHalfOpen = true
    client.socket.end(`${get}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody`)
    await client.closed()
    expect(client.text().match(/200 OK/g)).toHaveLength(2)
    expect(String(upstream.requests[1]?.body)).toBe('body')
  })

  it('gets the answer to the request that crosses the beginning of a drain, and learns that it is the last', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { drainGraceMs: 3_000 } })
    const client = rawClient(edge.port)
    client.write(get)
    await client.receives('ok')
    const drained = edge.close()
    client.write(get)
    await client.receives(/ok[\s\S]*Connection: close[\s\S]*ok/)
    await drained
    expect(await client.closed()).toBe('end')
  })
})
