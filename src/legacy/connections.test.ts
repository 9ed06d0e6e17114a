import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, playPhp, rawClient, startLegacy, until } from './testing/legacy-stack.ts'

const get = (path = '/', method = 'GET'): string => `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
/** Much sooner than an idle connection grows old. */
async function soonClosed(socket: Socket | undefined): Promise<boolean> {
  const began = performance.now()
  await until(() => socket?.destroyed || undefined, 'the end of the connection')
  return performance.now() - began < 1_000
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('a connection to PHP', () => {
  it('carries one request after the other, the one used last first', async () => {
    const waiting: Socket[] = []
    await using php = await playPhp((socket, head) => {
      head.startsWith('GET /wait') ? waiting.push(socket) : socket.write(ok)
    })
    await using stack = await startLegacy({ url: php.url })
    const both = [exchangeRaw(stack.port, get('/wait')), exchangeRaw(stack.port, get('/wait'))]
    await until(() => waiting[1], 'two requests')
    waiting[0]?.write(ok)
    await both[0]
    waiting[1]?.write(ok)
    await Promise.all(both)
    for (let i = 0; i < 5; i += 1) {
      await exchangeRaw(stack.port, get())
    }
    expect(php.sockets).toHaveLength(2)
    expect((waiting[0]?.bytesRead ?? 0) < (waiting[1]?.bytesRead ?? 0)).toBe(true)
  })

  it('is closed when it was idle for long, or for as long as the server says', async () => {
    await using php = await playPhp((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=9\r\nContent-Length: 2\r\n\r\nok'),
    )
    await using stack = await startLegacy({ url: php.url })
    const began = performance.now()
    await exchangeRaw(stack.port, get())
    await until(() => php.open() === 0 || undefined, 'the end of the idle connection')
    expect(performance.now() - began).toBeLessThan(1_300)
    expect(php.sockets).toHaveLength(1)
  })

  it.each([
    ['bytes behind an answer', `${ok}x`],
    ['a whole second answer', `${ok}${ok}`],
    ['a 204 with a body', 'HTTP/1.1 204 No Content\r\n\r\nHELLO'],
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['bytes behind the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nx'],
  ])('is not used again after %s', async (_what, answer) => {
    await using php = await playPhp((socket, _head, index) => socket.write(index === 0 ? answer : ok))
    await using stack = await startLegacy({ url: php.url })
    expect(await exchangeRaw(stack.port, get())).toMatch(/^HTTP\/1\.1 20/)
    expect(await exchangeRaw(stack.port, get())).toMatch(/ 200 OK[\s\S]*\r\n\r\nok$/)
    expect(php.sockets).toHaveLength(2)
    await until(() => php.sockets[0]?.destroyed || undefined, 'the end of the first connection')
  })

  it('is not used again when bytes come while it is idle', async () => {
    await using php = await playPhp((socket) => socket.write(ok))
    await using stack = await startLegacy({ url: php.url })
    await exchangeRaw(stack.port, get())
    php.sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
    expect(await soonClosed(php.sockets[0])).toBe(true)
    expect(await exchangeRaw(stack.port, get())).toMatch(/ok$/)
    expect(php.sockets).toHaveLength(2)
  })

  it('rests after an answer that announced a body it must not have: the body does not meet the next request', async () => {
    await using php = await playPhp((socket, head) => {
      if (head.startsWith('HEAD')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n')
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 10)
      } else {
        setTimeout(() => socket.write(ok), 30)
      }
    })
    await using stack = await startLegacy({ url: php.url })
    for (let i = 0; i < 3; i += 1) {
      await exchangeRaw(stack.port, get('/', 'HEAD'))
      expect(await exchangeRaw(stack.port, get())).toMatch(/\r\n\r\nok$/)
    }
  })

  it('is used again after a HEAD without such a body', async () => {
    await using php = await playPhp((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n'))
    await using stack = await startLegacy({ url: php.url, timeouts: { idleMs: 100 } })
    await exchangeRaw(stack.port, get('/', 'HEAD'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await exchangeRaw(stack.port, get('/', 'HEAD'))
    expect(php.sockets).toHaveLength(1)
  })

  it('is not used again when the answer came before the whole request was sent', async () => {
    await using php = await playPhp((socket) => socket.write('HTTP/1.1 413 Large\r\nContent-Length: 3\r\n\r\nbig'))
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc')
    await client.receives(/413 Large[\s\S]*big$/)
    expect(await soonClosed(php.sockets[0])).toBe(true)
    expect(stack.outcomes).toMatchObject([{ kind: 'answered' }])
    client.write(Buffer.alloc(1_000_000))
    await client.closed()
  })

  it('is closed when the client leaves, before the answer and in the middle of it', async () => {
    await using php = await playPhp((socket, head) => {
      if (head.includes('/midway')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
      }
    })
    await using stack = await startLegacy({ url: php.url })
    const early = rawClient(stack.port)
    early.write(get('/early'))
    const midway = rawClient(stack.port)
    midway.write(get('/midway'))
    await midway.receives('abc')
    await until(() => php.heads[1], 'both requests')
    early.socket.resetAndDestroy()
    midway.socket.resetAndDestroy()
    await until(() => php.open() === 0 || undefined, 'both ends')
    await until(() => stack.outcomes[1], 'both outcomes')
    expect(stack.outcomes).toEqual([{ kind: 'client-left' }, { kind: 'client-left' }])
  })
})

describe('a kept connection that is dead', () => {
  it('costs a safe request nothing: it is sent once more, on a new connection, though others are kept', async () => {
    await using php = await playPhp((socket, head, index) => {
      if (head.includes('/wait')) {
        setTimeout(() => socket.write(ok), 20)
      } else if (index === 2) {
        socket.destroy()
      } else {
        socket.write(ok)
      }
    })
    await using stack = await startLegacy({ url: php.url })
    await Promise.all([exchangeRaw(stack.port, get('/wait')), exchangeRaw(stack.port, get('/wait'))])
    expect(await exchangeRaw(stack.port, get())).toContain('200 OK')
    expect(php.sockets).toHaveLength(3)
    expect((await stack.metrics.text()).body).toContain('fig_legacy_retries_total 1')
  })

  it.each([
    ['a write', 'DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['a request with a body', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx'],
  ])('fails %s, which is never sent twice', async (_what, request) => {
    await using php = await playPhp((socket, _head, index) => (index === 0 ? socket.write(ok) : socket.destroy()))
    await using stack = await startLegacy({ url: php.url })
    await exchangeRaw(stack.port, get())
    expect(await exchangeRaw(stack.port, request)).toContain(' 502 ')
    expect(php.heads).toHaveLength(2)
  })

  it('is told from a PHP that crashes: a new connection that dies is no reason to try again', async () => {
    await using php = await playPhp((socket) => socket.destroy())
    await using stack = await startLegacy({ url: php.url })
    expect(await exchangeRaw(stack.port, get())).toContain('X-Cause: first-byte-upstream')
    expect(php.heads).toHaveLength(1)
  })

  it('is no reason to try again once a byte has come', async () => {
    await using php = await playPhp((socket, _head, index) => {
      index === 0 ? socket.write(ok) : socket.end('HTTP/1.1 2')
    })
    await using stack = await startLegacy({ url: php.url })
    await exchangeRaw(stack.port, get())
    expect(await exchangeRaw(stack.port, get())).toContain('X-Cause: answer-head-invalid')
    expect(php.heads).toHaveLength(2)
  })
})

describe('closing', () => {
  it('finishes what runs, and leaves no connection', async () => {
    const waiting: Socket[] = []
    await using php = await playPhp((socket, head) => {
      head.includes('/wait') ? waiting.push(socket) : socket.write(ok)
    })
    const stack = await startLegacy({ url: php.url })
    await exchangeRaw(stack.port, get())
    const answer = exchangeRaw(stack.port, get('/wait'))
    await until(() => waiting[0], 'the request')
    const closing = stack.close()
    const began = performance.now()
    waiting[0]?.write(ok)
    expect(await answer).toContain('200 OK')
    await closing
    expect(performance.now() - began).toBeLessThan(1_000)
    await until(() => php.open() === 0 || undefined, 'the end of all connections')
  })

  it('cuts what runs at its deadline', async () => {
    await using php = await playPhp((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'))
    const stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write(get())
    await client.receives('abc')
    const deadline = new AbortController()
    const closing = stack.legacy.close(deadline.signal)
    deadline.abort()
    await closing
    await client.closed()
    expect(stack.outcomes).toMatchObject([{ kind: 'cut', cause: 'stopping' }])
    await until(() => php.open() === 0 || undefined, 'the end of all connections')
    await stack.close()
  })
})
