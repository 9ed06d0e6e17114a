import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, nobody, playPhp, rawClient, startLegacy, until } from './testing/legacy-stack.ts'

const get = 'GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'
const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'

describe('a failure before the answer', () => {
  it('is named: nobody there', async () => {
    await using stack = await startLegacy({ url: await nobody() })
    expect(await exchangeRaw(stack.port, get)).toMatch(/^HTTP\/1\.1 502 [\s\S]*X-Cause: connect-refused/)
    const line = stack.log.find(({ cause }) => cause === 'connect-refused')
    expect(line).toMatchObject({
      level: 'error',
      err: { code: 'legacy.connect-failed', cause: { code: 'ECONNREFUSED' } },
    })
  })

  it('is named: no connection in time', async () => {
    // TEST-NET-1 answers nobody; where a network refuses it at once that is a failure to connect, too.
    await using stack = await startLegacy({ url: new URL('http://192.0.2.1:9'), timeouts: { connectMs: 150 } })
    expect(await exchangeRaw(stack.port, get)).toMatch(/X-Cause: connect-(?:timeout|refused)/)
  })

  it('is named: no first byte in time, and no whole head in time', async () => {
    await using php = await playPhp((socket, _head, index) => index === 1 && socket.write('HTTP/1.1 200'))
    await using stack = await startLegacy({ url: php.url, timeouts: { firstByteMs: 150 } })
    for (let i = 0; i < 2; i += 1) {
      const began = performance.now()
      expect(await exchangeRaw(stack.port, get)).toMatch(/^HTTP\/1\.1 504 [\s\S]*X-Cause: first-byte-timeout/)
      expect(performance.now() - began).toBeLessThan(500)
    }
    await until(() => php.open() === 0 || undefined, 'the end of the connections')
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a control character', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['an unasked 101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['hints without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(40)],
    ['an unknown transfer coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx'],
  ])('is named: an answer that is none (%s)', async (_what, answer) => {
    await using php = await playPhp((socket) => socket.write(answer, 'latin1'))
    await using stack = await startLegacy({ url: php.url })
    expect(await exchangeRaw(stack.port, get)).toContain(
      ' 502 Failed\r\nContent-Length: 0\r\nX-Cause: answer-head-invalid',
    )
    await until(() => php.open() === 0 || undefined, 'the end of the connection')
  })

  it('is named: PHP closes in the middle of the upload', async () => {
    await using php = await playPhp((socket) => socket.destroy())
    await using stack = await startLegacy({ url: php.url })
    const answer = await exchangeRaw(stack.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')
    expect(answer).toContain('X-Cause: request-body-upstream')
  })

  it('is named: the body breaks the rules, or comes too slowly', async () => {
    await using php = await playPhp(() => {})
    await using stack = await startLegacy({ url: php.url, connection: { bodyIdleTimeoutMs: 100 } })
    const broken = await exchangeRaw(
      stack.port,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n',
    )
    expect(broken).toMatch(/^HTTP\/1\.1 400 [\s\S]*request-invalid/)
    const slow = await exchangeRaw(stack.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
    expect(slow).toMatch(/^HTTP\/1\.1 408 [\s\S]*request-body-timeout/)
    await until(() => php.open() === 0 || undefined, 'the end of the connections')
  })

  it('does not ask for a body that nobody would take', async () => {
    await using stack = await startLegacy({ url: await nobody() })
    const client = rawClient(stack.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
    expect(await client.receives('502')).not.toContain('100 Continue')
  })
})

describe('a failure in the middle of the answer cuts the client, who must not take it for whole', () => {
  const deaths: Readonly<Record<string, readonly [string, (socket: Socket) => void]>> = {
    'FIN before the end of the length': [`${head}abc`, (socket) => socket.end()],
    'RST before the end of the length': [`${head}abc`, (socket) => socket.resetAndDestroy()],
    'FIN between chunks': [chunks, (socket) => socket.end()],
    'RST between chunks': [chunks, (socket) => socket.resetAndDestroy()],
    'RST where the end of the connection ends the body': [
      'HTTP/1.1 200 OK\r\n\r\nabc',
      (socket) => socket.resetAndDestroy(),
    ],
    'a chunk that is none': [chunks, (socket) => socket.write('xyz\r\n')],
  }

  it.each(Object.entries(deaths))('%s', async (_what, [answer, die]) => {
    await using php = await playPhp((socket) => socket.write(answer))
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.receives('abc')
    die(php.sockets[0] as Socket)
    await client.closed()
    expect(client.text()).not.toMatch(/0\r\n\r\n$/)
    expect(stack.outcomes).toMatchObject([{ kind: 'cut', cause: 'answer-body-upstream' }])
    await until(() => php.open() === 0 || undefined, 'the end of the connection')
  })

  it('silence', async () => {
    await using php = await playPhp((socket) => socket.write(`${head}abc`))
    await using stack = await startLegacy({ url: php.url, timeouts: { idleMs: 150 } })
    expect(await exchangeRaw(stack.port, get)).toMatch(/\r\n\r\nabc$/)
    expect(stack.outcomes).toMatchObject([{ kind: 'cut', cause: 'answer-body-timeout' }])
    await until(() => php.open() === 0 || undefined, 'the end of the connection')
  })
})

describe('the bound on requests at PHP', () => {
  it('lets some in, makes some wait, and refuses the rest with a time to come back', async () => {
    const waiting: Socket[] = []
    await using php = await playPhp((socket) => waiting.push(socket))
    await using stack = await startLegacy({
      url: php.url,
      limits: { runningMax: 2, waitingMax: 3, waitTimeoutMs: 5_000 },
    })
    const clients = Array.from({ length: 8 }, () => exchangeRaw(stack.port, get))
    await until(() => stack.outcomes.length === 3 || undefined, 'three refusals')
    expect(stack.outcomes).toMatchObject(
      Array.from({ length: 3 }, () => ({ kind: 'failed', cause: 'queue-full', retryAfterSeconds: 2 })),
    )
    let answered = 0
    while (answered < 5) {
      expect(waiting.length).toBeLessThanOrEqual(2)
      waiting.shift()?.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      answered += 1
      await until(() => stack.outcomes.length === 3 + answered || undefined, 'an answer')
      await until(() => answered >= 4 || waiting.length === 2 || undefined, 'the next request')
    }
    expect((await Promise.all(clients)).filter((text) => text.includes('200 OK'))).toHaveLength(5)
  })

  it('gives up waiting after its time, or when the client leaves', async () => {
    await using php = await playPhp(() => {})
    await using stack = await startLegacy({
      url: php.url,
      limits: { runningMax: 1, waitingMax: 5, waitTimeoutMs: 100 },
    })
    const first = rawClient(stack.port)
    first.write(get)
    await until(() => php.heads[0], 'the first request')
    const leaving = rawClient(stack.port)
    leaving.write(get)
    await until(() => stack.metrics.text().then(() => true), 'a moment')
    leaving.socket.resetAndDestroy()
    expect(await exchangeRaw(stack.port, get)).toContain('X-Cause: queue-timeout')
    await until(() => stack.outcomes.length === 2 || undefined, 'both outcomes')
    expect(stack.outcomes).toContainEqual({ kind: 'client-left' })
    expect(php.heads).toHaveLength(1)
  })
})
