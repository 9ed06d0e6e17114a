import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Upstream } from '../upstream-call.ts'
import { createFastcgiUpstream, type FastcgiOptions } from './index.ts'
import { recordType } from './records.ts'
import { ask, outgoing } from './testing/ask.ts'
import { answer, endRequest, output, type PlayedConnection, playFpm, record } from './testing/played-fpm.ts'

const root = mkdtempSync(join(tmpdir(), 'fig-root-'))
const page = 'Content-Type: text/plain\r\n\r\nhello'

beforeAll(() => {
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'index.php'), '')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe("php-fpm's answer", () => {
  it('is the same however its bytes are cut', async () => {
    await using fpm = await playFpm(async ({ socket }) => {
      for (const byte of answer(page)) {
        socket.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
    })
    const asked = await ask(upstreamOf(fpm), '/index.php')
    expect(asked).toMatchObject({ status: 200, headers: ['Content-Type: text/plain'], failure: undefined })
    expect(asked.body.toString()).toBe('hello')
  })

  it.each([
    ['HEAD', 'HEAD', page],
    ['304', 'GET', 'Status: 304 Not Modified\n\nstray'],
    ['204', 'GET', 'Status: 204 No Content\n\nstray'],
    ['HEAD with a length', 'HEAD', 'Content-Length: 500\n\n'],
  ])('has no body for %s, whatever the script puts out', async (_, method, text) => {
    await using fpm = await playFpm(({ socket }) => void socket.write(answer(text)))
    const asked = await ask(upstreamOf(fpm), '/index.php', { method })
    expect(asked).toMatchObject({ failure: undefined, body: Buffer.alloc(0) })
  })

  it('is cut off where it is longer than its Content-Length', async () => {
    await using fpm = await playFpm(({ socket }) => void socket.write(answer('Content-Length: 3\n\nhello')))
    const asked = await ask(upstreamOf(fpm), '/index.php')
    expect(asked.body.toString()).toBe('hel')
    expect(asked.failure).toBeUndefined()
    expect(asked.log.map(({ msg }) => msg)).toEqual(['PHP sent more than its Content-Length says; cut off'])
  })

  it.each([
    ['nothing came', 'first-byte-upstream', [Buffer.alloc(0)]],
    ['part of the head came', 'answer-head-invalid', [output('Content-Type: te')]],
    ['part of the body came', 'answer-body-upstream', [output(page)]],
    ['all but the end came', 'answer-body-upstream', [output(page), output('')]],
    ['the end came before the head', 'answer-head-invalid', [output('Content-Type: te'), endRequest()]],
    ['the body is too short', 'answer-body-upstream', [output('Content-Length: 9\n\nhello'), endRequest()]],
    ['php-fpm is overloaded', 'queue-full', [endRequest(2)]],
    ['php-fpm does not know the role', 'answer-head-invalid', [endRequest(3)]],
    ['it is HTTP', 'answer-head-invalid', [Buffer.from('HTTP/1.1 200 OK\r\n\r\n')]],
    ['it turns into something else', 'answer-body-upstream', [output(page), Buffer.from('<html> and more')]],
    ['its headers are none', 'answer-head-invalid', [answer('<html>\n\n')]],
  ] as const)('fails when %s', async (_, cause, bytes) => {
    await using fpm = await playFpm(({ socket }) => void socket.end(Buffer.concat(bytes)))
    expect(await ask(upstreamOf(fpm), '/index.php')).toMatchObject({ failure: cause, reused: false })
  })

  it('fails when it does not begin, or goes on, in time', async () => {
    await using silent = await playFpm(() => {})
    const late = { connectMs: 5_000, firstByteMs: 60, idleMs: 5_000 }
    expect(await ask(upstreamOf(silent, { timeouts: late }), '/index.php')).toMatchObject({
      failure: 'first-byte-timeout',
    })
    const timeouts = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 60 }
    await using stuck = await playFpm(({ socket }) => void socket.write(output(page)))
    expect(await ask(upstreamOf(stuck, { timeouts }), '/index.php')).toMatchObject({ failure: 'answer-body-timeout' })
  })

  it('ends somehow, whatever comes', async () => {
    const whole = Buffer.concat([
      record(recordType.errorOutput, 'oops', 4),
      output(`X: 1\nContent-Length: 5\n\n`),
      answer('hello'),
    ])
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), remove: fc.nat(3) })
    await using fpm = await playFpm(async ({ socket }) => void socket.end(next))
    let next = whole
    const upstream = upstreamOf(fpm)
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
        const bytes = changes.reduce(
          (text, { at, byte, remove }) =>
            Buffer.concat([text.subarray(0, at), Buffer.from([byte]), text.subarray(at + remove)]),
          whole,
        )
        next = bytes
        const { status, failure, body } = await ask(upstream, '/index.php')
        expect(failure === undefined ? status >= 200 : status === 0 || failure === 'answer-body-upstream').toBe(true)
        expect(body.length).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 400 },
    )
    await upstream.close()
  })

  it('may come before the body was sent', async () => {
    await using fpm = await playFpm(({ socket }) => void socket.write(answer(page)))
    const body = { kind: 'length', length: 1_000_000 } as const
    const asked = await ask(upstreamOf(fpm), '/index.php', { method: 'POST', body })
    expect(asked).toMatchObject({ status: 200, failure: undefined })
  })
})

describe('a body on its way to php-fpm', () => {
  it('follows the variables in records, and ends with an empty one', async () => {
    await using fpm = await playFpm(async (connection) => {
      await connection.has(recordType.input, 4)
      connection.socket.write(answer(page))
    })
    const big = Buffer.alloc(100_000, 'x')
    const body = { kind: 'length', length: 100_003 } as const
    await ask(upstreamOf(fpm), '/index.php', { method: 'POST', body, chunks: [Buffer.from('abc'), big] })
    const input = fpm.connections[0]?.records.filter(({ type }) => type === recordType.input) ?? []
    expect(input.map(({ content }) => content.length)).toEqual([3, 65_528, 34_472, 0])
    expect(input.map(({ content }) => content).join('')).toBe(`abc${big}`)
  })

  it('is given up when php-fpm does not take it', async () => {
    await using fpm = await playFpm(({ socket }) => void socket.pause())
    const timeouts = { connectMs: 5_000, firstByteMs: 60, idleMs: 5_000 }
    const chunks = Array.from({ length: 200 }, () => Buffer.alloc(65_536))
    const body = { kind: 'length', length: 200 * 65_536 } as const
    const asked = await ask(upstreamOf(fpm, { timeouts }), '/index.php', { method: 'POST', body, chunks })
    expect(asked).toMatchObject({ failure: 'first-byte-timeout' })
  })

  it('is not late while the client sends nothing', async () => {
    await using fpm = await playFpm(async (connection) => {
      await connection.has(recordType.input, 2)
      connection.socket.write(answer(page))
    })
    const timeouts = { connectMs: 5_000, firstByteMs: 100, idleMs: 5_000 }
    const asked = await ask(upstreamOf(fpm, { timeouts }), '/index.php', {
      method: 'POST',
      body: { kind: 'length', length: 3 },
      onCall: (call) => {
        setTimeout(() => {
          call.write(Buffer.from('abc'))
          call.end()
        }, 300)
      },
    })
    expect(asked).toMatchObject({ status: 200, failure: undefined })
  })

  it.each([
    ['before all of it was sent', 'request-body-upstream', { kind: 'length', length: 9 }],
    ['after a spooled one was sent', 'first-byte-upstream', { kind: 'chunked' }],
  ] as const)('fails when php-fpm goes away %s', async (_, failure, body) => {
    await using fpm = await playFpm(async (connection) => {
      if (body.kind === 'chunked') {
        await connection.has(recordType.input, 2)
      }
      connection.socket.destroy()
    })
    const chunks = body.kind === 'chunked' ? [Buffer.from('abc')] : undefined
    const question = { method: 'POST', body, ...(chunks && { chunks }) }
    expect(await ask(upstreamOf(fpm), '/index.php', question)).toMatchObject({ failure })
  })

  it('that was spooled is lost with the connection: no other upstream can have it', async () => {
    const upstream = upstreamOf({ address: { kind: 'unix', path: join(root, 'none.sock') } })
    const asked = await ask(upstream, '/index.php', { method: 'POST', body: { kind: 'chunked' }, chunks: [] })
    expect(asked).toMatchObject({ failure: 'request-body-upstream' })
    expect(await ask(upstream, '/index.php')).toMatchObject({ failure: 'connect-refused' })
  })
})

describe('connections', () => {
  it('are closed after each request, unless some are to be kept', async () => {
    await using fpm = await playFpm(({ socket }) => void socket.write(answer(page)))
    const upstream = upstreamOf(fpm)
    await ask(upstream, '/index.php')
    await fpm.connections[0]?.closed
    expect(flagsOf(fpm.connections[0])).toEqual([0])
    await ask(upstream, '/index.php')
    expect(fpm.connections).toHaveLength(2)
  })

  it('are used again when they are kept, by requests that could be sent twice', async () => {
    await using fpm = await playFpm(({ socket }) => void socket.write(answer(page)))
    const upstream = upstreamOf(fpm, { keptConnectionsMax: 2, keptIdleMs: 60_000 })
    expect(await ask(upstream, '/index.php')).toMatchObject({ reused: false })
    expect(await ask(upstream, '/index.php')).toMatchObject({ reused: true, status: 200 })
    expect(await ask(upstream, '/index.php', { method: 'DELETE' })).toMatchObject({ reused: false })
    const body = { kind: 'bytes', bytes: Buffer.from('x') } as const
    expect(await ask(upstream, '/index.php', { method: 'POST', body })).toMatchObject({ reused: false })
    expect(fpm.connections.map(flagsOf)).toEqual([[1, 1], [1], [0]])
    await upstream.close()
    await Promise.all(fpm.connections.map(({ closed }) => closed))
  })

  it('are kept up to a number, for a time, and only while php-fpm stays silent', async () => {
    const waiting: PlayedConnection[] = []
    await using fpm = await playFpm((connection) => {
      waiting.push(connection)
      if (waiting.length === 3) {
        for (const { socket } of waiting) {
          socket.write(answer(page))
        }
      }
    })
    const upstream = upstreamOf(fpm, { keptConnectionsMax: 2, keptIdleMs: 100 })
    await Promise.all([1, 2, 3].map(() => ask(upstream, '/index.php')))
    await Promise.race(waiting.map(({ closed }) => closed))
    expect(waiting.filter(({ socket }) => socket.destroyed)).toHaveLength(1)
    await Promise.all(waiting.map(({ closed }) => closed))

    await using chatty = await playFpm(async ({ socket }) => {
      socket.write(answer(page))
      setTimeout(() => socket.write(output('more')), 20)
    })
    const trusting = upstreamOf(chatty, { keptConnectionsMax: 2, keptIdleMs: 60_000 })
    await ask(trusting, '/index.php')
    await chatty.connections[0]?.closed
    await trusting.close()
  })

  it('give their place up for a request that needs a new one', async () => {
    await using fpm = await playFpm(({ socket }, count) => {
      if (count === 1) {
        socket.write(answer(page))
      }
    })
    const upstream = upstreamOf(fpm, { keptConnectionsMax: 2, keptIdleMs: 60_000, connectionsMax: 1 })
    await ask(upstream, '/index.php')
    await ask(upstream, '/index.php', { method: 'DELETE' })
    await fpm.connections[0]?.closed
    await upstream.close()
  })

  it('say when they died while they were kept, so that the request may be sent once more', async () => {
    await using fpm = await playFpm(({ socket }, count) => {
      count === 1 ? socket.write(answer(page)) : socket.destroy()
    })
    const upstream = upstreamOf(fpm, { keptConnectionsMax: 2, keptIdleMs: 60_000 })
    await ask(upstream, '/index.php')
    expect(await ask(upstream, '/index.php')).toMatchObject({ reused: true, failure: 'first-byte-upstream' })
    expect(await ask(upstream, '/index.php')).toMatchObject({ reused: false, status: 200 })
    await upstream.close()
  })

  it('are closed when the client leaves, at whatever stage', async () => {
    await using silent = await playFpm(() => {})
    const call = upstreamOf(silent).start(outgoing('/index.php'), silentEvents())
    while (silent.connections.length === 0) {
      await new Promise(setImmediate)
    }
    call.abort()
    await silent.connections[0]?.closed

    await using answering = await playFpm(({ socket }) => void socket.write(output(page)))
    await new Promise<void>((resolve) => {
      const events = { ...silentEvents(), onHead: () => setImmediate(resolve) }
      const begun = upstreamOf(answering).start(outgoing('/index.php'), events)
      setTimeout(() => begun.abort(), 50)
    })
    await answering.connections[0]?.closed
  })

  it('end with the upstream: what runs is finished, or cut', async () => {
    let finish = (): void => {}
    await using fpm = await playFpm(({ socket }) => {
      finish = () => void socket.write(answer(page))
    })
    const upstream = upstreamOf(fpm)
    const asked = ask(upstream, '/index.php')
    await begunOn(fpm.connections)
    const closed = upstream.close()
    finish()
    expect(await asked).toMatchObject({ status: 200 })
    await closed

    const other = upstreamOf(fpm)
    const cut = ask(other, '/index.php')
    await begunOn(fpm.connections, 2)
    await other.close(AbortSignal.abort())
    expect(await cut).toMatchObject({ failure: 'stopping' })
    expect(await ask(other, '/index.php')).toMatchObject({ failure: 'stopping' })
  })
})

describe('what PHP says beside its answer', () => {
  it('is logged line by line, up to a bound', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `PHP message: number ${i} caf\u00e9`).join('\n')
    await using fpm = await playFpm(({ socket }) => {
      const text = Buffer.from(`${lines}\n${'x'.repeat(5_000)}`)
      for (let at = 0; at < text.length; at += 7) {
        socket.write(record(recordType.errorOutput, text.subarray(at, at + 7), 1))
      }
      socket.write(answer(page))
    })
    const { log, status } = await ask(upstreamOf(fpm), '/index.php')
    expect(status).toBe(200)
    expect(log).toHaveLength(21)
    expect(log[0]).toMatchObject({ level: 'warn', script: '/index.php', said: 'PHP message: number 0 caf\u00e9' })
    expect(log[20]).toMatchObject({ lines: 11 })
  })
})

// --- internal ---

function upstreamOf({ address }: Pick<FastcgiOptions, 'address'>, options: Partial<FastcgiOptions> = {}): Upstream {
  const timeouts = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000 }
  return createFastcgiUpstream({ address, documentRoot: root, site: {}, timeouts, connectionsMax: 8, ...options })
}

/** Of each request on a connection: 1 asks php-fpm to keep it. */
function flagsOf(connection: PlayedConnection | undefined): readonly number[] {
  const begun = connection?.records.filter(({ type }) => type === recordType.beginRequest) ?? []
  return begun.map(({ content }) => content.charCodeAt(2))
}

async function begunOn(connections: readonly PlayedConnection[], count = 1): Promise<void> {
  while (connections.length < count || connections[count - 1]?.records.length === 0) {
    await new Promise(setImmediate)
  }
}

function silentEvents(): Parameters<Upstream['start']>[1] {
  const nothing = (): void => {}
  return {
    onConnected: nothing,
    onDrain: nothing,
    onInformation: nothing,
    onHead: nothing,
    onData: nothing,
    onBatchEnd: nothing,
    onEnd: nothing,
    onFailure: nothing,
  }
}
