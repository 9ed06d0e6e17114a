import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { type ClientStream, HeaderList } from '../http1/index.ts'
import {
  endHeaders,
  endStream,
  frame,
  getFields,
  headers,
  RawSession,
  reset,
  settings,
  until,
  windowUpdate,
} from './testing/raw-frames.ts'
import { answerWith, readBody, startHost } from './testing/session-stack.ts'

interface Answered {
  readonly head: IncomingHttpHeaders & IncomingHttpStatusHeader
  readonly body: string
  readonly trailers: IncomingHttpHeaders | undefined
  readonly interim: readonly IncomingHttpHeaders[]
}

/** Everything of an answer; rejects when it breaks off. */
function answerOf(stream: ClientHttp2Stream): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const interim: IncomingHttpHeaders[] = []
    let head: Answered['head'] = {}
    let trailers: IncomingHttpHeaders | undefined
    stream.on('headers', (fields) => interim.push(fields))
    stream.on('continue', () => interim.push({ ':status': '100' }))
    stream.on('response', (fields) => {
      head = fields
    })
    stream.on('trailers', (fields) => {
      trailers = fields
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      stream.rstCode === 0 ? resolve({ head, body, trailers, interim }) : reject(new Error(`code ${stream.rstCode}`))
    })
  })
}

describe('an answer over HTTP/2', () => {
  it('has its headers in lower case, in order, with duplicates, and none of a connection', async () => {
    await using host = await startHost((stream) => {
      stream.begin(
        200,
        'Fine',
        HeaderList.of(
          'Set-Cookie',
          'a=1',
          'X-B',
          '\xe9',
          'Set-Cookie',
          'b=2',
          'Keep-Alive',
          'x',
          'Content-Length',
          '2',
        ),
      )
      stream.write(Buffer.from('ok'))
      stream.end()
    })
    const { head, body } = await answerOf(host.client().request())
    expect(head).toMatchObject({ ':status': 200, 'set-cookie': ['a=1', 'b=2'], 'x-b': '\xe9', 'content-length': '2' })
    expect(head.date).toMatch(/GMT$/)
    expect(head['keep-alive']).toBeUndefined()
    expect(body).toBe('ok')
    await expect.poll(() => host.requests[0]?.departures).toEqual(['finished'])
  })

  it("keeps PHP's own Date, and headers that should stand once but don't", async () => {
    await using host = await startHost((stream) => {
      stream.begin(200, '', HeaderList.of('Date', 'then', 'Content-Type', 'a/b', 'Content-Type', 'c/d'))
      stream.end()
    })
    const { head } = await answerOf(host.client().request())
    expect(head.date).toBe('then')
    expect(head['content-type']).toContain('a/b')
  })

  it('without a body ends with its head, for HEAD with the length that GET would have', async () => {
    await using host = await startHost((stream) => {
      stream.begin(stream.head.target === '/204' ? 204 : 200, '', HeaderList.of('Content-Length', '5', 'ETag', '"a"'))
      stream.write(Buffer.from('hello'))
      stream.end()
    })
    const client = host.client()
    const head = await answerOf(client.request({ ':method': 'HEAD' }))
    expect(head).toMatchObject({ head: { 'content-length': '5' }, body: '' })
    const noContent = await answerOf(client.request({ ':path': '/204' }))
    expect(noContent).toMatchObject({ head: { ':status': 204, etag: '"a"' }, body: '' })
    expect(noContent.head['content-length']).toBeUndefined()
    await expect.poll(() => host.requests.map(({ departures }) => departures)).toEqual([['finished'], ['finished']])
  })

  it('carries trailers behind a body of unknown length, and early hints before', async () => {
    await using host = await startHost((stream) => {
      stream.inform(103, HeaderList.of('Link', '</a.css>', 'Link', '</b.css>'))
      stream.begin(200, '', HeaderList.of('Trailer', 'x-sum'))
      stream.write(Buffer.from('ok'))
      stream.flush()
      stream.end(HeaderList.of('X-Sum', '1', 'X-Sum', '2', 'Connection', 'close'))
    })
    const { interim, body, trailers } = await answerOf(host.client().request())
    expect(interim).toMatchObject([{ ':status': 103, link: '</a.css>, </b.css>' }])
    expect(body).toBe('ok')
    expect(trailers).toMatchObject({ 'x-sum': '1, 2' })
    await expect.poll(() => host.requests[0]?.departures).toEqual(['finished'])
  })

  it('of unknown length without trailers is whole all the same, also when it is empty', async () => {
    await using host = await startHost((stream) => {
      stream.begin(200, '', new HeaderList())
      if (stream.head.target === '/a') {
        stream.write(Buffer.from('a'))
      }
      stream.end()
    })
    const client = host.client()
    expect(await answerOf(client.request({ ':path': '/a' }))).toMatchObject({ body: 'a' })
    expect(await answerOf(client.request({ ':path': '/' }))).toMatchObject({ body: '' })
  })

  it('that is cut shows as a break, before its head and in the middle', async () => {
    await using host = await startHost((stream) => {
      if (stream.head.target === '/middle') {
        stream.begin(200, '', HeaderList.of())
        stream.write(Buffer.from('half'))
        stream.flush()
      }
      stream.cut()
    })
    const client = host.client()
    await expect(answerOf(client.request({ ':path': '/before' }))).rejects.toThrow(/INTERNAL_ERROR/)
    await expect(answerOf(client.request({ ':path': '/middle' }))).rejects.toThrow(/INTERNAL_ERROR/)
    expect(host.requests.map(({ departures }) => departures)).toEqual([['cut'], ['cut']])
  })

  it('with more or fewer bytes than its length is cut', async () => {
    await using host = await startHost((stream) => {
      stream.begin(200, '', HeaderList.of('Content-Length', '4'))
      stream.write(Buffer.from(stream.head.target === '/more' ? 'hello' : 'hel'))
      stream.end()
    })
    const client = host.client()
    await expect(answerOf(client.request({ ':path': '/more' }))).rejects.toThrow(/INTERNAL_ERROR/)
    await expect(answerOf(client.request({ ':path': '/fewer' }))).rejects.toThrow(/INTERNAL_ERROR/)
  })

  it('waits for a reader that takes its time, holding little, and arrives whole', async () => {
    const size = 8 * 1024 * 1024
    let held = 0
    await using host = await startHost((stream) => {
      stream.begin(200, '', HeaderList.of('Content-Length', String(size)))
      let sent = 0
      const send = (): void => {
        while (sent < size) {
          sent += 64 * 1024
          held = Math.max(held, sent)
          if (!stream.write(Buffer.alloc(64 * 1024, 97))) {
            return
          }
        }
        stream.end()
      }
      stream.onDrain = send
      send()
    })
    const request = host.client().request()
    let received = 0
    request.on('response', () => {})
    request.pause()
    await until(() => (held > 0 ? true : undefined), 'the first piece')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const beforeReading = held
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    request.resume()
    await new Promise((resolve) => request.on('end', resolve))
    expect(received).toBe(size)
    expect(beforeReading).toBeLessThan(512 * 1024)
  })

  it('to a client that opens no window waits, and the client is cut when its time is up', async () => {
    await using host = await startHost(answerWith('hello'), { answerIdleTimeoutMs: 300 })
    const noWindow = settings([4, 0])
    using client = RawSession.open(host.port, noWindow)
    client.send(headers(1, getFields()))
    await until(() => client.of('headers', 1)[0], 'the head')
    expect(client.body(1)).toBe('')
    expect(await client.end(1)).toBe(8)
    expect(host.requests[0]?.departures).toEqual(['stalled'])
    using patient = RawSession.open(host.port, noWindow)
    patient.send(headers(1, getFields()))
    await until(() => patient.of('headers', 1)[0], 'the head')
    patient.send(windowUpdate(1, 100))
    expect(await patient.end(1)).toBe('ended')
    expect(patient.body(1)).toBe('hello')
  })

  it('that a client stops taking in the middle is cut when its time is up', async () => {
    await using host = await startHost(
      (stream) => {
        stream.begin(200, '', new HeaderList())
        while (stream.write(Buffer.alloc(16 * 1024))) {
          // Until the client's window is used up.
        }
      },
      { answerIdleTimeoutMs: 300 },
    )
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields()))
    expect(await client.end(1)).toBe(8)
    expect(client.body(1).length).toBe(65_535)
    expect(host.requests[0]?.departures).toEqual(['stalled'])
  })

  it('tells when the client takes its request back', async () => {
    await using host = await startHost((stream) => {
      stream.begin(200, '', new HeaderList())
      stream.write(Buffer.from('begun'))
      stream.flush()
    })
    const request = host.client().request()
    await new Promise((resolve) => request.once('data', resolve))
    request.close(8)
    await expect.poll(() => host.requests[0]?.departures).toEqual(['left'])
    expect(host.requests[0]?.stream.closed).toBe(true)
  })

  it('tells when the whole connection breaks', async () => {
    await using host = await startHost((stream) => stream.read({ onData() {}, onEnd() {}, onBroken() {} }))
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields()), headers(3, getFields([':method', 'POST']), endHeaders))
    await until(() => (host.requests.length === 2 ? true : undefined), 'both requests')
    client.socket.destroy()
    await expect.poll(() => host.requests.map(({ departures }) => departures)).toEqual([['left'], ['left']])
    expect(host.host.connections).toBe(0)
  })

  it('counts its bytes', async () => {
    await using host = await startHost(answerWith('hello'))
    await answerOf(host.client().request())
    expect(host.requests[0]?.stream.bytesSent).toBeGreaterThan(5)
  })
})

describe('a body over HTTP/2', () => {
  it('comes whole, with its trailers', async () => {
    await using host = await startHost((stream) => {
      void readBody(stream).then(({ body, trailers }) =>
        answerWith(`${body.length} ${trailers?.toRaw().join(' ')}`)(stream),
      )
    })
    using client = RawSession.open(host.port)
    client.send(
      headers(1, getFields([':method', 'POST']), endHeaders),
      frame('data', 0, 1, 'abc'),
      frame('data', 0, 1, 'def'),
      headers(1, [
        ['x-sum', '1'],
        ['x-sum', '2'],
      ]),
    )
    expect(await client.end(1)).toBe('ended')
    expect(client.body(1)).toBe('6 x-sum 1 x-sum 2')
  })

  it('is not read before somebody asks, and then not faster than it is taken', async () => {
    let stream: ClientStream | undefined
    await using host = await startHost((request) => {
      stream = request
    })
    const size = 4 * 1024 * 1024
    const upload = host.client().request({ ':method': 'POST' })
    upload.on('error', () => {})
    let sent = 0
    const chunk = Buffer.alloc(64 * 1024)
    const send = (): void => {
      while (sent < size) {
        sent += chunk.length
        if (!upload.write(chunk)) {
          upload.once('drain', send)
          return
        }
      }
      upload.end()
    }
    send()
    await until(() => stream, 'the request')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(sent).toBeLessThan(1024 * 1024)
    let received = 0
    let ended = false
    stream?.read({
      onData: (piece) => {
        received += piece.length
        stream?.pause()
        setImmediate(() => stream?.resume())
      },
      onEnd: () => {
        ended = true
      },
      onBroken: () => {},
    })
    await until(() => ended || undefined, 'the end of the body', 10_000)
    expect(received).toBe(size)
    expect(stream?.complete).toBe(true)
    stream?.begin(204, '', new HeaderList())
    stream?.end()
  })

  it('can be given back in part, and is then read again from there', async () => {
    const taken: string[] = []
    await using host = await startHost((stream) => {
      stream.read({
        onData: (chunk) => {
          taken.push(`first ${chunk}`)
          stream.pause()
          stream.unread(chunk.subarray(2))
          setImmediate(() =>
            stream.read({
              onData: (rest) => taken.push(`then ${rest}`),
              onEnd: () => answerWith('ok')(stream),
              onBroken: () => {},
            }),
          )
        },
        onEnd: () => {},
        onBroken: () => {},
      })
    })
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST']), endHeaders), frame('data', endStream, 1, 'abcdef'))
    expect(await client.end(1)).toBe('ended')
    expect(taken).toEqual(['first abcdef', 'then cdef'])
  })

  it('that waits for 100 Continue gets it when somebody reads, not when the answer comes first', async () => {
    await using host = await startHost((stream) => {
      if (stream.head.target === '/refused') {
        stream.discard()
        answerWith('no')(stream)
      } else {
        void readBody(stream).then(() => answerWith('ok')(stream))
      }
    })
    const expecting = getFields([':method', 'POST'], ['expect', '100-continue'])
    using client = RawSession.open(host.port)
    client.send(headers(1, expecting, endHeaders))
    await until(() => client.of('headers', 1)[0], '100 Continue')
    client.send(frame('data', endStream, 1, 'abc'))
    expect(await client.end(1)).toBe('ended')
    expect(client.of('headers', 1)).toHaveLength(2)
    client.send(
      headers(3, getFields([':method', 'POST'], [':path', '/refused'], ['expect', '100-continue']), endHeaders),
    )
    expect(await client.end(3)).toBe('ended')
    expect(client.of('headers', 3)).toHaveLength(1)
  })

  it('that nobody wants is refused behind the answer, which stays valid (RFC 9113 8.1)', async () => {
    await using host = await startHost((stream) => {
      stream.read({ onData: () => answerWith('early')(stream), onEnd: () => {}, onBroken: () => {} })
    })
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST']), endHeaders), frame('data', 0, 1, 'ab'))
    const reset = await until(() => client.of('reset', 1)[0], 'RST_STREAM')
    expect(reset.payload.readUInt32BE(0)).toBe(0)
    expect(client.frames.findIndex(({ type }) => type === 'reset')).toBe(client.frames.length - 1)
    expect(client.body(1)).toBe('early')
    await expect.poll(() => host.requests[0]?.departures).toEqual(['finished'])
  })

  it('of no bytes whose end never comes does not hold its stream', async () => {
    await using host = await startHost(answerWith('ok'))
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST'], ['content-length', '0']), endHeaders))
    await expect.poll(() => host.requests[0]?.departures).toEqual(['finished'])
    expect(client.of('reset', 1)).toHaveLength(1)
  })

  it('that is larger than the limit breaks', async () => {
    const broken: string[] = []
    await using host = await startHost(
      (stream) => {
        readBody(stream).catch((error: Error) => {
          broken.push(error.message)
          stream.begin(413, '', HeaderList.of('Content-Length', '0'))
          stream.end()
        })
      },
      { bodyBytesMax: 10 },
    )
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST']), endHeaders), frame('data', 0, 1, 'a'.repeat(11)))
    expect(await client.end(1)).toBe('ended')
    expect(broken).toEqual(['too-large: the body is larger than the limit'])
  })

  it.each([
    ['stops coming', (_client: RawSession) => {}],
    ['comes a byte at a time', (client: RawSession) => client.send(frame('data', 0, 1, 'a'))],
  ])('that %s breaks when its time is up, and the client is told', async (_how, drip) => {
    await using host = await startHost(
      (stream) => {
        readBody(stream).catch(() => {
          stream.begin(408, '', HeaderList.of('Content-Length', '0'))
          stream.end()
        })
      },
      { bodyIdleTimeoutMs: 300 },
    )
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST']), endHeaders), frame('data', 0, 1, 'a'))
    const dripping = setInterval(() => drip(client), 50)
    expect(await client.end(1)).toBe('ended')
    clearInterval(dripping)
  })

  it('is not late while another one, which nobody reads, may take up the window of both', async () => {
    const broken: string[] = []
    await using host = await startHost(
      (stream) => {
        stream.read({
          onData: () => stream.head.target === '/held' && stream.pause(),
          onEnd: () => {},
          onBroken: (why) => broken.push(`${stream.head.target} ${why}`),
        })
      },
      { bodyIdleTimeoutMs: 300 },
    )
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST'], [':path', '/held']), endHeaders), frame('data', 0, 1, 'abc'))
    client.send(headers(3, getFields([':method', 'POST'], [':path', '/waiting']), endHeaders))
    await until(() => (host.requests.length === 2 ? true : undefined), 'both requests')
    await new Promise((resolve) => setTimeout(resolve, 900))
    expect(broken).toEqual([])
    client.send(reset(1, 8))
    await expect.poll(() => broken).toEqual(['/held left', '/waiting timeout'])
  })

  it('that breaks off tells its reader', async () => {
    const broken: string[] = []
    await using host = await startHost((stream) => {
      readBody(stream).catch((error: Error) => broken.push(error.message))
    })
    using client = RawSession.open(host.port)
    client.send(headers(1, getFields([':method', 'POST']), endHeaders), frame('data', 0, 1, 'abc'))
    await until(() => (host.requests[0]?.stream.begun === true ? true : undefined), 'the body')
    client.send(reset(1, 8))
    await expect.poll(() => broken).toEqual([expect.stringContaining('left')])
    expect(host.requests[0]?.departures).toEqual(['left'])
  })
})
