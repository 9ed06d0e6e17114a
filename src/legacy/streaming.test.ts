import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { playPhp, rawClient, startLegacy, until } from './testing/legacy-stack.ts'

const body = randomBytes(5 * 1024 * 1024)
const digest = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex')
const piece = Buffer.alloc(256 * 1024, 'x')
/** What sockets and streams of both hops may hold. */
const heldMax = 24 * 1024 * 1024

/** Writes as long as the other side takes it. */
function pour(socket: Socket, onBytes: (bytes: number) => void, bytesMax = 256 * 1024 * 1024): void {
  let poured = 0
  const write = (): void => {
    let more = true
    while (more && poured < bytesMax && !socket.destroyed) {
      more = socket.write(piece)
      poured += piece.length
      onBytes(poured)
    }
  }
  socket.on('drain', write)
  write()
}

describe('5 MB', () => {
  it.each([
    ['with a length', `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`],
    ['until the end of the connection', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('come down byte for byte, %s', async (_how, head) => {
    await using php = await playPhp((socket) => {
      socket.write(head)
      socket.end(body)
    })
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write('GET / HTTP/1.0\r\n\r\n')
    await client.closed()
    const text = client.text()
    expect(digest(Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1'))).toBe(digest(body))
  })

  it('go up byte for byte, with a length and in chunks', async () => {
    const received: Buffer[] = []
    await using php = await playPhp(
      () => {},
      (chunk, socket) => {
        received.push(chunk)
        const bytes = received.reduce((sum, { length }) => sum + length, 0)
        if (bytes > body.length && Buffer.concat(received.slice(-3)).toString('latin1').endsWith(tail)) {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
        }
      },
    )
    let tail = body.toString('latin1', body.length - 8)
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`)
    client.write(body)
    await client.receives('200 OK')
    const plain = Buffer.concat(received)
    expect(digest(plain.subarray(plain.indexOf('\r\n\r\n') + 4))).toBe(digest(body))
    received.length = 0
    tail = '\r\n0\r\n\r\n'
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    client.write(`${body.length.toString(16)}\r\n`)
    client.write(body)
    client.write('\r\n0\r\n\r\n')
    await client.receives(/200 OK[\s\S]*200 OK/)
    expect(digest(dechunk(Buffer.concat(received)))).toBe(digest(body))
    client.socket.destroy()
  })
})

describe('a side that does not take what it is sent', () => {
  it('stops PHP when the client does not read, and is cut in the end', async () => {
    let poured = 0
    await using php = await playPhp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000\r\n')
      pour(socket, (bytes) => {
        poured = bytes
      })
    })
    await using stack = await startLegacy({
      url: php.url,
      timeouts: { idleMs: 200 },
      connection: { answerIdleTimeoutMs: 800 },
    })
    const client = rawClient(stack.port)
    client.socket.pause()
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => stack.outcomes[0], 'the end')
    expect(stack.outcomes).toMatchObject([{ kind: 'cut', cause: 'answer-body-client-stalled' }])
    expect(poured).toBeGreaterThan(piece.length)
    expect(poured).toBeLessThan(heldMax)
    await until(() => php.open() === 0 || undefined, 'the end at PHP')
    client.socket.destroy()
  })

  it('goes on where it stopped once the client reads', async () => {
    await using php = await playPhp((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length * 4}\r\n\r\n`)
      for (let i = 0; i < 4; i += 1) {
        socket.write(body)
      }
    })
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.socket.pause()
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await until(() => php.heads[0], 'the request')
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.socket.resume()
    await client.closed()
    const text = client.text()
    expect(digest(Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1'))).toBe(
      digest(Buffer.concat([body, body, body, body])),
    )
    expect(stack.outcomes).toMatchObject([{ kind: 'answered' }])
  })

  it('stops the client when PHP does not read, and PHP is given up in the end', async () => {
    let poured = 0
    await using php = await playPhp((socket) => socket.pause())
    await using stack = await startLegacy({ url: php.url, timeouts: { firstByteMs: 500 } })
    const client = rawClient(stack.port)
    client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${256 * 1024 * 1024}\r\n\r\n`)
    await until(() => php.heads[0], 'the head')
    pour(client.socket, (bytes) => {
      poured = bytes
    })
    await until(() => stack.outcomes[0], 'the end')
    expect(stack.outcomes).toMatchObject([{ kind: 'failed', cause: 'first-byte-timeout' }])
    expect(poured).toBeGreaterThan(piece.length)
    expect(poured).toBeLessThan(heldMax)
    client.socket.destroy()
  })

  it('does not hurry a slow client: PHP is not late while the body is still to come', async () => {
    await using php = await playPhp(
      () => {},
      (chunk, socket) =>
        chunk.toString('latin1').endsWith('END') && socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    )
    await using stack = await startLegacy({ url: php.url, timeouts: { firstByteMs: 100 } })
    const client = rawClient(stack.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc')
    await new Promise((resolve) => setTimeout(resolve, 300))
    client.write('END')
    await client.receives('200 OK')
    client.socket.destroy()
  })
})

describe('both directions at once', () => {
  it('flow: PHP answers while it still reads', async () => {
    await using php = await playPhp(
      (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      (chunk, socket) => {
        const text = chunk.toString('latin1')
        if (/^[a-z]+$/.test(text)) {
          socket.write(`${text.length.toString(16)}\r\n${text}\r\n${text.endsWith('last') ? '0\r\n\r\n' : ''}`)
        }
      },
    )
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n')
    await client.receives('chunked')
    client.write('one')
    await client.receives('one')
    client.write('twola')
    await client.receives('twola')
    client.write('last')
    await client.receives(/last\r\n0\r\n\r\n$/)
    expect(stack.outcomes).toMatchObject([{ kind: 'answered' }])
  })
})

function dechunk(request: Buffer): Buffer {
  const pieces: Buffer[] = []
  let at = request.indexOf('\r\n\r\n') + 4
  for (;;) {
    const line = request.indexOf('\r\n', at)
    const size = Number.parseInt(request.toString('latin1', at, line), 16)
    if (size === 0) {
      return Buffer.concat(pieces)
    }
    pieces.push(request.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
