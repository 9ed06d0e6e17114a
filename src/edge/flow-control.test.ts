import http from 'node:http'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { httpUpstream, rawClient, startEdge, until } from './testing/edge-stack.ts'

const piece = Buffer.alloc(256 * 1024, 'x')
const pieces = 1_600
const total = piece.length * pieces
/** What sockets, streams and the garbage collector may hold of it at a time, on both hops and in this process. */
const heldMax = 192 * 1024 * 1024

function* body(): Generator<Buffer> {
  for (let i = 0; i < pieces; i += 1) {
    yield piece
  }
}

/** A sink that counts bytes and the most memory seen meanwhile. */
function counter(): { readonly sink: Writable; bytes(): number; memoryGrowth(): number } {
  const before = process.memoryUsage().rss
  let bytes = 0
  let most = before
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes % (8 * 1024 * 1024) < chunk.length) {
        most = Math.max(most, process.memoryUsage().rss)
      }
      done()
    },
  })
  return { sink, bytes: () => bytes, memoryGrowth: () => most - before }
}

describe('a body of 400 MB', () => {
  it('comes down in constant memory', { timeout: 60_000 }, async () => {
    await using upstream = await httpUpstream((_req, res) => {
      pipeline(Readable.from(body()), res).catch(() => res.destroy())
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const down = counter()
    const answer = await new Promise<http.IncomingMessage>((resolve) => http.get(edge.url, resolve))
    await pipeline(answer, down.sink)
    expect(down.bytes()).toBe(total)
    expect(down.memoryGrowth()).toBeLessThan(heldMax)
  })

  it('goes up in constant memory', { timeout: 60_000 }, async () => {
    const up = counter()
    await using upstream = await httpUpstream((req, res) => {
      pipeline(req, up.sink).then(
        () => res.end('taken'),
        () => res.destroy(),
      )
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const request = http.request(edge.url, { method: 'POST', headers: { 'Content-Length': total } })
    const answered = new Promise<http.IncomingMessage>((resolve) => request.on('response', resolve))
    await pipeline(Readable.from(body()), request)
    expect((await answered).statusCode).toBe(200)
    expect(up.bytes()).toBe(total)
    expect(up.memoryGrowth()).toBeLessThan(heldMax)
  })
})

describe('a side that does not take what it is sent', () => {
  it('stops the other side: PHP, when the client does not read', async () => {
    let sent = 0
    await using upstream = await httpUpstream((_req, res) => {
      const write = (): void => {
        let more = true
        while (more && sent < total) {
          more = res.write(piece)
          sent += piece.length
        }
      }
      res.on('drain', write)
      write()
    })
    await using edge = await startEdge({ legacyUrl: upstream.url, settings: { clientIdleTimeoutMs: 1_500 } })
    const client = rawClient(edge.port)
    client.socket.pause()
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    // Nobody waits for ever: a client that takes nothing is cut.
    expect(await edge.logged(({ cause }) => cause === 'answer-body-client-stalled')).toMatchObject({ level: 'info' })
    expect(sent).toBeGreaterThan(piece.length)
    expect(sent).toBeLessThan(32 * 1024 * 1024)
    client.socket.destroy()
  })

  it('stops the other side: the client, when PHP does not read', async () => {
    await using upstream = await httpUpstream((req) => req.pause())
    await using edge = await startEdge({ legacyUrl: upstream.url, legacy: { timeouts: { firstByteMs: 500 } } })
    const client = rawClient(edge.port)
    client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`)
    let handed = 0
    const write = (): void => {
      let more = true
      while (more && handed < total) {
        more = client.socket.write(piece)
        handed += piece.length
      }
    }
    client.socket.on('drain', write)
    write()
    await client.receives('504 Gateway Timeout')
    expect(handed).toBeGreaterThan(piece.length)
    expect(handed).toBeLessThan(32 * 1024 * 1024)
    await until(() => (client.socket.destroyed ? true : undefined), 'the end')
  })
})
