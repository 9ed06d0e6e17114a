import { describe, expect, it } from 'vitest'
import {
  exchangeRaw,
  httpUpstream,
  rawClient,
  rawUpstream,
  recordingUpstream,
  startEdge,
  until,
} from './testing/edge-stack.ts'

const get = 'GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

describe('when something breaks on the way', () => {
  it('answers 502 as HTML or JSON when PHP is not there, and logs the cause', async () => {
    await using gone = await recordingUpstream()
    const { url } = gone
    await gone[Symbol.asyncDispose]()
    await using edge = await startEdge({ legacyUrl: url })
    const html = await exchangeRaw(edge.port, get)
    expect(html).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\nContent-Type: text\/html/)
    const json = await exchangeRaw(
      edge.port,
      'GET / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nConnection: close\r\n\r\n',
    )
    expect(JSON.parse(json.slice(json.indexOf('\r\n\r\n')))).toMatchObject({ error: { code: 'legacy.connect-failed' } })
    const line = await edge.logged(({ cause }) => cause === 'connect-refused')
    expect(line).toMatchObject({
      level: 'error',
      err: { code: 'legacy.connect-failed', cause: { code: 'ECONNREFUSED' } },
    })
  })

  it('answers 504 when PHP does not begin to answer', async () => {
    await using upstream = await rawUpstream(() => {})
    await using edge = await startEdge({ legacyUrl: upstream.url, legacy: { timeouts: { firstByteMs: 300 } } })
    expect(await exchangeRaw(edge.port, get)).toMatch(/^HTTP\/1.1 504 Gateway Timeout\r\n/)
    expect((await edge.logged(({ msg }) => msg === 'request')).status).toBe(504)
  })

  it('cuts the client visibly when PHP stops midway, dies midway, or sends less than it promised', async () => {
    const bodies = {
      silent: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
      chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      length: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
    }
    await using upstream = await rawUpstream((socket, head) => {
      const kind = head.split(' ', 2)[1]?.slice(1) as keyof typeof bodies
      socket.write(bodies[kind])
      if (kind !== 'silent') {
        socket.end()
      }
    })
    await using edge = await startEdge({ legacyUrl: upstream.url, legacy: { timeouts: { idleMs: 300 } } })
    for (const kind of Object.keys(bodies)) {
      const client = rawClient(edge.port)
      client.write(`GET /${kind} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await client.closed()
      expect(client.text()).not.toMatch(/0\r\n\r\n$/)
      const line = await edge.logged(({ path, msg }) => path === `/${kind}` && msg === 'request')
      expect(line).toMatchObject({ complete: false, status: 200 })
    }
  })

  it('resets an HTTP/1.0 client when PHP dies midway, as an orderly end would look complete', async () => {
    await using upstream = await rawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', () => socket.resetAndDestroy())
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('GET / HTTP/1.0\r\n\r\n')
    expect(await client.closed()).toBe('reset')
  })

  it('aborts PHP when the client leaves, before the answer and in the middle of it', async () => {
    const closed: string[] = []
    let came = 0
    await using upstream = await httpUpstream((req, res) => {
      came += 1
      res.on('close', () => closed.push(req.url ?? ''))
      if (req.url === '/midway') {
        res.writeHead(200, { 'Content-Length': 1000 }).write('abc')
      }
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const early = rawClient(edge.port)
    early.write('GET /early HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => came === 1 || undefined, 'the request')
    const midway = rawClient(edge.port)
    midway.write('GET /midway HTTP/1.1\r\nHost: a\r\n\r\n')
    await midway.receives('abc')
    early.socket.destroy()
    midway.socket.destroy()
    await until(() => (closed.length === 2 ? true : undefined), 'both aborts')
    expect((await edge.logged(({ path }) => path === '/early')).status).toBe(499)
  })

  it('aborts PHP when the client leaves in the middle of its upload', async () => {
    let state = 'waiting'
    await using upstream = await httpUpstream((req) => {
      req.on('data', () => {
        state = 'uploading'
      })
      req.on('error', () => {
        state = 'aborted'
      })
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')
    await until(() => state === 'uploading' || undefined, 'the upload')
    client.socket.destroy()
    await until(() => state === 'aborted' || undefined, 'the abort')
  })

  it('cuts a client that stops sending its body, with 408', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { clientIdleTimeoutMs: 200 } })
    const answer = await exchangeRaw(edge.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')
    expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
  })

  it('answers 502 to what is no HTTP, to a head that no client may get, and to an unasked upgrade', async () => {
    const answers = [
      'SSH-2.0-OpenSSH\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    ]
    await using upstream = await rawUpstream((socket, _head, index) => socket.write(answers[index] as string, 'latin1'))
    await using edge = await startEdge({ legacyUrl: upstream.url })
    for (const answer of answers) {
      expect(await exchangeRaw(edge.port, get), answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
    }
  })

  it('sends a safe request once more when a kept-alive connection died before any byte', async () => {
    await using upstream = await rawUpstream((socket, _head, index) => {
      if (index === 1) {
        socket.destroy()
      } else {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    expect(await exchangeRaw(edge.port, get)).toContain('200 OK')
    expect(await exchangeRaw(edge.port, get)).toContain('200 OK')
    expect(upstream.heads).toHaveLength(3)
    expect((await edge.metrics.text()).body).toContain('fig_legacy_retries_total 1')
  })

  it('never sends a write again, nor a request that a fresh connection lost', async () => {
    await using upstream = await rawUpstream((socket, head) => {
      if (head.startsWith('GET /ok')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      } else {
        socket.destroy()
      }
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    expect(await exchangeRaw(edge.port, get)).toContain('502 Bad Gateway')
    expect(upstream.heads).toHaveLength(1)
    expect(await exchangeRaw(edge.port, 'GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('200 OK')
    const remove = 'DELETE /row HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    expect(await exchangeRaw(edge.port, remove)).toContain('502 Bad Gateway')
    expect(upstream.heads).toHaveLength(3)
    // It did go out on the connection that had carried the request before.
    expect(upstream.sockets).toHaveLength(2)
  })

  it('lets a bounded number of requests at PHP, a bounded number wait, and refuses the rest with Retry-After', async () => {
    const waiting: (() => void)[] = []
    let atOnce = 0
    let most = 0
    await using upstream = await httpUpstream((_req, res) => {
      atOnce += 1
      most = Math.max(most, atOnce)
      waiting.push(() => {
        atOnce -= 1
        res.end('ok')
      })
    })
    await using edge = await startEdge({
      legacyUrl: upstream.url,
      legacy: { limits: { runningMax: 2, waitingMax: 3, waitTimeoutMs: 5_000 } },
    })
    const clients = Array.from({ length: 8 }, () => exchangeRaw(edge.port, get))
    const refused = await Promise.any(clients.map((answer) => answer.then((text) => assertRefused(text))))
    expect(refused).toMatch(/Retry-After: \d+\r\n/)
    const finished = Promise.all(clients)
    while (waiting.length > 0 || atOnce > 0) {
      waiting.shift()?.()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const answers = await finished
    expect(answers.filter((text) => text.includes('200 OK'))).toHaveLength(5)
    expect(answers.filter((text) => text.includes('503 Service Unavailable'))).toHaveLength(3)
    expect(most).toBe(2)
  })

  it('refuses a request that has waited too long', async () => {
    let came = 0
    await using upstream = await httpUpstream(() => {
      came += 1
    })
    await using edge = await startEdge({
      legacyUrl: upstream.url,
      legacy: { limits: { runningMax: 1, waitingMax: 5, waitTimeoutMs: 50 } },
    })
    const first = rawClient(edge.port)
    first.write(get)
    await until(() => came === 1 || undefined, 'the first request')
    const second = rawClient(edge.port)
    second.write(get)
    await second.receives('503 Service Unavailable')
    expect(first.text()).toBe('')
  })
})

function assertRefused(text: string): string {
  if (!text.includes('503')) {
    throw new Error('not refused')
  }
  return text
}
