import { describe, expect, it } from 'vitest'
import {
  acknowledged,
  endHeaders,
  endStream,
  frame,
  getFields,
  headerBlock,
  headers,
  preface,
  RawSession,
  reset,
  settings,
  until,
  windowUpdate,
} from './testing/raw-frames.ts'
import { answerWith, startHost } from './testing/session-stack.ts'

const protocolError = 1
const enhanceYourCalm = 11

/** Odd numbers: the streams that a client may open. */
function streamIds(count: number, from = 0): readonly number[] {
  return Array.from({ length: count }, (_none, i) => 2 * (from + i) + 1)
}

describe('a session of HTTP/2', () => {
  it('answers many requests at once, each on its own stream', async () => {
    await using host = await startHost((stream) => answerWith(stream.head.target)(stream))
    using client = RawSession.open(host.port)
    const ids = streamIds(90)
    client.send(...ids.map((id) => headers(id, getFields([':path', `/${id}`]))))
    for (const id of ids) {
      expect(await client.end(id)).toBe('ended')
      expect(client.body(id)).toBe(`/${id}`)
    }
  })

  it('that brings no request in time is closed', async () => {
    await using host = await startHost(answerWith('ok'), { headTimeoutMs: 300 })
    using silent = new RawSession(host.port)
    using polite = RawSession.open(host.port)
    const block = headerBlock(getFields(['x-a', 'a'.repeat(100)]))
    using dribbling = RawSession.open(host.port)
    dribbling.send(frame('headers', endStream, 1, block.subarray(0, 10)))
    const dribble = setInterval(() => dribbling.send(frame('continuation', 0, 1, 'a')), 100)
    expect(await polite.goaway()).toBe(0)
    await silent.goaway()
    await dribbling.goaway()
    clearInterval(dribble)
    await expect.poll(() => host.host.connections).toBe(0)
  })

  it('is closed when it has brought none for a while, also when it pings', async () => {
    await using host = await startHost(answerWith('ok'), { keepAliveTimeoutMs: 300 })
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields()))
    expect(await client.end(1)).toBe('ended')
    const pinging = setInterval(() => client.send(frame('ping', 0, 0, 'pingping')), 50)
    expect(await client.goaway()).toBe(0)
    clearInterval(pinging)
  })

  it('is closed although its client never closes its side', async () => {
    await using host = await startHost(answerWith('ok'), { keepAliveTimeoutMs: 100 })
    using client = RawSession.open(host.port)
    client.socket.allowHalfOpen = true
    client.send(headers(1, getFields()))
    await client.goaway()
    await until(() => host.sockets[0]?.destroyed || undefined, 'the end of the socket')
  })

  it('ends after as many requests as one connection may bring, answering all of them', async () => {
    await using host = await startHost(answerWith('ok'), { requestsMax: 3 })
    using client = RawSession.open(host.port)
    client.send(...streamIds(3).map((id) => headers(id, getFields())))
    for (const id of streamIds(3)) {
      expect(await client.end(id)).toBe('ended')
    }
    expect(await client.goaway()).toBe(0)
    expect(client.of('goaway').at(-1)?.payload.readUInt32BE(0)).toBe(5)
  })

  it('answers a head that is too large, and resets one that is much too large', async () => {
    await using host = await startHost(answerWith('ok'))
    using client = RawSession.open(host.port)
    const large = (id: number, bytes: number): Buffer[] => {
      const block = headerBlock(
        getFields(...['x-a', 'x-b', 'x-c', 'x-d'].map((name) => [name, 'a'.repeat(bytes / 4)] as const)),
      )
      const pieces = Array.from({ length: Math.ceil(block.length / 16_000) }, (_none, i) =>
        block.subarray(i * 16_000, (i + 1) * 16_000),
      )
      return pieces.map((piece, i) => {
        const flags = (i === 0 ? endStream : 0) | (i === pieces.length - 1 ? endHeaders : 0)
        return frame(i === 0 ? 'headers' : 'continuation', flags, id, piece)
      })
    }
    client.send(...large(1, 70_000))
    expect(await client.end(1)).toBe('ended')
    expect(host.refusals).toMatchObject([{ kind: 'head-too-large' }])
    // This limit holds once the client has agreed to it; before, the head is answered as the smaller one.
    client.send(frame('settings', acknowledged, 0), ...large(3, 140_000))
    expect(await client.end(3)).toBe(enhanceYourCalm)
    client.send(headers(5, getFields(...Array.from({ length: 2_100 }, () => ['x', ''] as const))))
    expect(await client.end(5)).toBe(enhanceYourCalm)
    expect(host.requests).toHaveLength(0)
  })

  it('refuses streams beyond those that it allows at once, and answers the others', async () => {
    const waiting: (() => void)[] = []
    await using host = await startHost((stream) => waiting.push(() => answerWith('ok')(stream)))
    using client = RawSession.open(host.port)
    client.send(...streamIds(110).map((id) => headers(id, getFields())))
    // Refused, not reset for a fault: the client may try again.
    expect(await client.end(219)).toBe(7)
    await until(() => (waiting.length === 100 ? true : undefined), 'the requests')
    for (const answer of waiting) {
      answer()
    }
    expect(await client.end(199)).toBe('ended')
    expect(host.requests).toHaveLength(100)
  })

  it('is ended when its client knows how many streams it may open, and opens more', async () => {
    await using host = await startHost(() => {})
    using client = RawSession.open(host.port)
    await until(() => client.of('settings')[0], 'the settings')
    client.send(frame('settings', acknowledged, 0), ...streamIds(110).map((id) => headers(id, getFields())))
    expect(await client.goaway()).toBe(protocolError)
  })
})

describe('a client of HTTP/2 that means harm', () => {
  it('gets nowhere by resetting what it asks for (CVE-2023-44487)', async () => {
    await using host = await startHost(() => {})
    using client = RawSession.open(host.port)
    for (let i = 0; i < 2_000 && !client.closed; i += 100) {
      client.send(...streamIds(100, i).flatMap((id) => [headers(id, getFields()), reset(id, 8)]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.goaway()
    expect(host.requests.length).toBeLessThan(500)
    await expect.poll(() => host.requests.filter(({ departures }) => departures[0] !== 'left')).toEqual([])
    expect(host.host.connections).toBe(0)
  })

  it('gets nowhere by making us reset its streams (CVE-2025-8671)', async () => {
    await using host = await startHost(() => {})
    using client = RawSession.open(host.port)
    for (let i = 0; i < 2_000 && !client.closed; i += 50) {
      const fields = getFields([':method', 'POST'])
      client.send(...streamIds(50, i).flatMap((id) => [headers(id, fields, endHeaders), windowUpdate(id, 0)]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.goaway()
    expect(host.requests.length).toBeLessThan(350)
    await expect.poll(() => host.requests.filter(({ departures }) => departures[0] !== 'left')).toEqual([])
  })

  it.each<[what: string, frames: () => Buffer]>([
    ['pieces of a head without end (CVE-2024-27316)', () => frame('continuation', 0, 1, Buffer.alloc(9_000))],
    ['empty pieces of a body (CVE-2019-9518)', () => frame('data', 0, 3)],
    ['resets of one stream', () => reset(3, 8)],
    ['priorities', () => frame('priority', 0, 3, Buffer.from([0, 0, 0, 0, 1]))],
    ['malformed requests', () => headers(nextId(), getFields([':path', 'no path']))],
  ])('has its session ended for too many %s', async (what, make) => {
    await using host = await startHost(() => {})
    using client = RawSession.open(host.port)
    client.send(
      what.includes('a head')
        ? frame('headers', endStream, 1, headerBlock(getFields()))
        : headers(3, getFields([':method', 'POST']), endHeaders),
    )
    for (let i = 0; i < 400 && !client.closed; i += 1) {
      client.send(...Array.from({ length: 50 }, make))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.goaway()).not.toBe(0)
    expect(host.faults).toHaveLength(1)
    await expect.poll(() => host.host.connections).toBe(0)
  })

  it('has its session ended when it takes no answers to its pings (CVE-2019-9512)', async () => {
    await using host = await startHost(() => {})
    using client = RawSession.open(host.port)
    client.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame('ping', 0, 0, 'pingping')))
    for (let i = 0; i < 200 && host.faults.length === 0; i += 1) {
      client.send(pings)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await expect.poll(() => host.faults).toHaveLength(1)
    client.socket.destroy()
    await expect.poll(() => host.host.connections).toBe(0)
  })

  it('is cut for frames that make no sense', async () => {
    await using host = await startHost(answerWith('ok'))
    using nonsense = new RawSession(host.port)
    nonsense.send(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
    await nonsense.goaway()
    using large = RawSession.open(host.port)
    large.send(frame('data', 0, 1, Buffer.alloc(20_000)))
    await large.goaway()
    using even = RawSession.open(host.port)
    even.send(headers(2, getFields()))
    expect(await even.goaway()).toBe(protocolError)
    using bomb = new RawSession(host.port)
    bomb.send(preface, settings(), frame('headers', endStream | endHeaders, 1, Buffer.alloc(100, 0xff)))
    await bomb.goaway()
    await expect.poll(() => host.host.connections).toBe(0)
    expect(host.requests).toHaveLength(0)
  })
})

describe('a drain of HTTP/2', () => {
  it('finishes what runs, tells which requests were not taken up, and closes', async () => {
    const waiting: (() => void)[] = []
    await using host = await startHost((stream) => waiting.push(() => answerWith('ok')(stream)))
    using client = RawSession.open(host.port)
    using idle = RawSession.open(host.port)
    client.send(headers(1, getFields()))
    await until(() => waiting[0], 'the request')
    const drained = host.host.drain(undefined)
    expect(await idle.goaway()).toBe(0)
    const goaway = await until(() => client.of('goaway')[0], 'GOAWAY')
    expect(goaway.payload.readUInt32BE(0)).toBe(1)
    client.send(headers(3, getFields()))
    waiting[0]?.()
    expect(await client.end(1)).toBe('ended')
    expect(client.body(1)).toBe('ok')
    await drained
    expect(host.requests.map(({ departures }) => departures)).toEqual([['finished']])
  })

  it('answers a client that has come just before, then closes', async () => {
    const waiting: (() => void)[] = []
    await using host = await startHost((stream) => waiting.push(() => answerWith('ok')(stream)))
    using running = RawSession.open(host.port)
    running.send(headers(1, getFields()))
    await until(() => waiting[0], 'the request')
    const drained = host.host.drain(undefined)
    using late = RawSession.open(host.port)
    late.send(headers(1, getFields()))
    await until(() => waiting[1], 'the late request')
    for (const answer of waiting) {
      answer()
    }
    expect(await late.end(1)).toBe('ended')
    expect(await late.goaway()).toBe(0)
    await drained
  })

  it('cuts what is left when its signal aborts', async () => {
    await using host = await startHost(() => {})
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields()))
    await until(() => host.requests[0], 'the request')
    const deadline = new AbortController()
    const drained = host.host.drain(deadline.signal)
    deadline.abort()
    await drained
    await client.goaway()
    expect(host.requests[0]?.departures).toEqual(['left'])
  })
})

let lastId = 3

function nextId(): number {
  lastId += 2
  return lastId
}
