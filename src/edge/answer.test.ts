import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, httpUpstream, rawClient, rawUpstream, startEdge } from './testing/edge-stack.ts'

const get = (path = '/', method = 'GET'): string => `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`

describe("PHP's answer on its way to the client", () => {
  it('keeps status, reason, and the order, case, duplicates and bytes of headers; Set-Cookie is never folded', async () => {
    await using upstream = await rawUpstream((socket) =>
      socket.write(
        Buffer.from(
          [
            'HTTP/1.1 218 Tr\xc3\xa8s bien',
            'x-LOWER: 1',
            'Set-Cookie: a=1; Expires=Thu, 19 Nov 1981 08:52:00 GMT',
            'X-Bytes: \xe9\xff',
            'set-cookie: b=2',
            'X-Dup: 1',
            'x-dup: 2',
            'ETag: W/"x"',
            'Date: Thu, 01 Jan 2015 00:00:00 GMT',
            'Content-Length: 2',
            'Server: Apache/2.2',
            '',
            'hi',
          ].join('\r\n'),
          'latin1',
        ),
      ),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, get())
    expect(answer).toBe(
      [
        'HTTP/1.1 218 Tr\xc3\xa8s bien',
        'x-LOWER: 1',
        'Set-Cookie: a=1; Expires=Thu, 19 Nov 1981 08:52:00 GMT',
        'X-Bytes: \xe9\xff',
        'set-cookie: b=2',
        'X-Dup: 1',
        'x-dup: 2',
        'ETag: W/"x"',
        'Date: Thu, 01 Jan 2015 00:00:00 GMT',
        'Content-Length: 2',
        'Server: Apache/2.2',
        'Connection: close',
        '',
        'hi',
      ].join('\r\n'),
    )
  })

  it.each([
    ['Windows-1252', 'Dragon\x92s \x93Lair\x94 \x80.zip'],
    ['UTF-8', 'caf\xc3\xa9.zip'],
    ['ASCII', 'plain.zip'],
  ])('keeps the bytes of a file name in %s, before the length and behind it', async (_, name) => {
    const disposition = `Content-Disposition: attachment; filename="${name}"`
    for (const lines of [
      ['Content-Length: 2', disposition],
      [disposition, 'Content-Length: 2'],
      ['Content-Length: 0', disposition],
    ]) {
      const head = ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')
      const body = lines.includes('Content-Length: 2') ? 'hi' : ''
      await using upstream = await rawUpstream((socket) => socket.write(Buffer.from(`${head}${body}`, 'latin1')))
      await using edge = await startEdge({ legacyUrl: upstream.url })
      expect(await exchangeRaw(edge.port, get())).toContain(`\r\n${disposition}\r\n`)
    }
  })

  it('loses the headers of the hop and those that Connection names', async () => {
    await using upstream = await rawUpstream((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop, Set-Cookie\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n' +
          'Upgrade: h2,h2c\r\nProxy-Authenticate: Basic\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n',
      ),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, get())
    expect(answer).toContain('Set-Cookie: a=1')
    expect(answer).not.toMatch(/x-hop|upgrade|proxy-auth|timeout=5/i)
  })

  it('passes redirects on untouched: 301, 302, 303, 307, 308', async () => {
    await using upstream = await rawUpstream((socket, head) => {
      const status = head.slice(5, 8)
      socket.write(`HTTP/1.1 ${status} Moved\r\nLocation: http://a/next?x=1\r\nContent-Length: 4\r\n\r\nbody`)
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await exchangeRaw(edge.port, get(`/${status}`))
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} Moved\r\nLocation: http://a/next\\?x=1\r\n`))
      expect(answer).toMatch(/\r\n\r\nbody$/)
    }
  })

  it('answers HEAD, 204 and 304 without a body, and the connection stays in step', async () => {
    await using upstream = await rawUpstream((socket, head) => {
      if (head.startsWith('HEAD')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n')
      } else if (head.includes('/204')) {
        socket.write('HTTP/1.1 204 No Content\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nHELLO')
      } else if (head.includes('/304')) {
        socket.write('HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n\r\nHELLO')
      } else {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend')
      }
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    for (const request of ['HEAD /', 'GET /204', 'GET /304']) {
      client.write(`${request} HTTP/1.1\r\nHost: a\r\n\r\n`)
    }
    client.write(get('/last'))
    await client.closed()
    const [head, none, unchanged, last] = client.text().split(/(?=HTTP\/1.1 )/)
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Length: 1234\r\n[\s\S]*\r\n\r\n$/)
    expect(none).toMatch(/^HTTP\/1.1 204 No Content\r\nX-A: 1\r\n(?![\s\S]*Content-Length)[\s\S]*\r\n\r\n$/)
    expect(unchanged).toMatch(/^HTTP\/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\n$/)
    expect(last).toMatch(/\r\n\r\nend$/)
  })

  it('leaves compressed bytes, ranges and validators untouched', async () => {
    const page = gzipSync('x'.repeat(10_000))
    await using upstream = await httpUpstream((req, res) => {
      if (req.headers.range !== undefined) {
        res.writeHead(206, { 'Content-Range': 'bytes 2-5/10', 'Content-Length': 4 }).end('2345')
        return
      }
      res.writeHead(200, { 'Content-Encoding': 'gzip', ETag: '"v1"', 'Content-Length': page.length }).end(page)
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const whole = await exchangeRaw(edge.port, get())
    expect(Buffer.from(whole.slice(whole.indexOf('\r\n\r\n') + 4), 'latin1').equals(page)).toBe(true)
    expect(whole).toContain('ETag: "v1"')
    const part = await exchangeRaw(
      edge.port,
      'GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=2-5\r\nConnection: close\r\n\r\n',
    )
    expect(part).toMatch(/^HTTP\/1.1 206 Partial Content\r\n[\s\S]*Content-Range: bytes 2-5\/10[\s\S]*\r\n\r\n2345$/)
  })

  it('streams: a piece that PHP has sent reaches the client before PHP goes on', async () => {
    let goOn = (): void => {}
    await using upstream = await httpUpstream((_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.flushHeaders()
      goOn = () => {
        res.write('data: 1\n\n')
        goOn = () => res.end('data: 2\n\n')
      }
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write(get())
    await client.receives('text/event-stream')
    goOn()
    expect(await client.receives('data: 1')).not.toContain('data: 2')
    goOn()
    await client.receives('data: 2')
    await client.closed()
    expect(client.text()).toMatch(/0\r\n\r\n$/)
  })

  it('passes trailers on', async () => {
    await using upstream = await rawUpstream((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n',
      ),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, get())
    expect(answer).toContain('Trailer: X-Sum')
    expect(answer).toMatch(/3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n$/)
  })

  it('passes 103 Early Hints on, but never to HTTP/1.0', async () => {
    await using upstream = await rawUpstream((socket) =>
      socket.write(
        'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
      ),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, get())
    expect(answer).toMatch(
      /^HTTP\/1.1 103 Early Hints\r\nLink: <\/a.css>; rel=preload\r\n\r\nHTTP\/1.1 200 OK\r\n[\s\S]*hi$/,
    )
    const old = await exchangeRaw(edge.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')
    expect(old).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  })

  it('gives an HTTP/1.0 client a body without chunks that ends with the connection', async () => {
    await using upstream = await httpUpstream((_req, res) => {
      res.write('abc')
      res.end('def')
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const answer = await exchangeRaw(edge.port, 'GET / HTTP/1.0\r\n\r\n')
    expect(answer).toMatch(/\r\n\r\nabcdef$/)
    expect(answer).not.toContain('chunked')
  })

  it('answers at once when PHP refuses a large upload early, and the client still reads that answer', async () => {
    await using upstream = await rawUpstream((socket) =>
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig'),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n')
    client.write(Buffer.alloc(200_000))
    await client.receives(/413 Too Large[\s\S]*Connection: close[\s\S]*\r\n\r\nbig/)
    // What it sends meanwhile is read and dropped: closing at once would reset the connection, answer and all.
    expect(await client.closed()).toBe('end')
  })
})
