import { describe, expect, it } from 'vitest'
import { exchangeRaw, playPhp, rawClient, type StackOptions, startLegacy } from './testing/legacy-stack.ts'

const get = (path = '/', method = 'GET'): string => `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`

/** What the client gets when PHP sends these bytes, and then closes if told so. */
async function received(
  answer: string,
  { request = get(), end = false, ...options }: StackOptions & { request?: string; end?: boolean } = {},
): Promise<string> {
  await using php = await playPhp((socket) => {
    socket.write(Buffer.from(answer, 'latin1'))
    if (end) {
      socket.end()
    }
  })
  await using stack = await startLegacy({ url: php.url, ...options })
  return await exchangeRaw(stack.port, request)
}

describe("PHP's answer", () => {
  it('keeps status, reason, and the order, case, duplicates and bytes of its headers', async () => {
    const lines =
      'x-LOWER: 1\r\nSet-Cookie: a=1\r\nX-B: \xe9\xff\r\nset-cookie: b=2\r\nDate: x\r\nContent-Length: 2\r\n'
    const answer = await received(`HTTP/1.1 218 Tr\xc3\xa8s bien\r\n${lines}\r\nhi`)
    expect(answer).toBe(`HTTP/1.1 218 Tr\xc3\xa8s bien\r\n${lines}Connection: close\r\n\r\nhi`)
  })

  it('may come byte by byte', async () => {
    await using php = await playPhp((socket) => {
      const bytes = [...'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n']
      const next = (): void => {
        const byte = bytes.shift()
        if (byte !== undefined) {
          socket.write(byte, () => setImmediate(next))
        }
      }
      next()
    })
    await using stack = await startLegacy({ url: php.url })
    expect(await exchangeRaw(stack.port, get())).toMatch(/\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\nX-T: 1\r\n\r\n$/)
  })

  it('is chunked anew, with its trailers but those that must not be there', async () => {
    const answer = await received(
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nX-Sum: 5\r\nSet-Cookie: evil=1\r\nContent-Length: 1\r\n\r\n',
    )
    expect(answer).toContain('Trailer: X-Sum\r\n')
    expect(answer).toMatch(/\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 5\r\n\r\n$/)
  })

  it('announces no trailers where none can come', async () => {
    expect(await received('HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 1\r\n\r\na')).not.toContain('Trailer')
  })

  it('may end with the connection', async () => {
    const answer = await received('HTTP/1.0 200 OK\r\nX: 1\r\n\r\nabc', { end: true })
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nX: 1\r\n[\s\S]*3\r\nabc\r\n0\r\n\r\n$/)
  })

  it('loses what belongs to the hop, and what Connection names', async () => {
    const answer = await received(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop, Set-Cookie\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nUpgrade: h2\r\nProxy-Authenticate: x\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n',
    )
    expect(answer).toContain('Set-Cookie: a=1')
    expect(answer).not.toMatch(/x-hop|upgrade|proxy-auth|timeout=5/i)
  })

  it('passes 102 and 103 on, swallows 100, and goes on to the answer', async () => {
    const answer = await received(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
    )
    expect(answer).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 102 [^\r]*\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*hi$/,
    )
  })

  it('has no body where none may be: HEAD, 204, 304', async () => {
    const head = await received('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', { request: get('/', 'HEAD') })
    expect(head).toMatch(/\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\n$/)
    const none = await received('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nHELLO')
    expect(none).not.toMatch(/Content-Length|HELLO/)
    const same = await received('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nHELLO')
    expect(same).toMatch(/\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\n$/)
  })

  it('reaches the client piece by piece, as PHP sends it', async () => {
    let goOn = (): void => {}
    await using php = await playPhp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
      goOn = () => socket.write('3\r\none\r\n')
    })
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write(get())
    await client.receives('event-stream')
    goOn()
    await client.receives('one')
  })
})

describe('rewriting, where it is configured', () => {
  const rewrite = { origins: ['http://internal:8081', 'http://old.internal'] }

  it.each([201, 301, 302, 303, 307, 308])('puts the public address into the Location of a %d', async (status) => {
    const answer = (url: string): string => `HTTP/1.1 ${status} X\r\nLocation: ${url}\r\nContent-Length: 0\r\n\r\n`
    expect(await received(answer('http://internal:8081/x?y#z'), { rewrite })).toContain('Location: http://a/x?y#z\r\n')
    expect(await received(answer('HTTP://Internal:8081'), { rewrite })).toContain('Location: http://a\r\n')
    expect(await received(answer('//internal:8081/x'), { rewrite })).toContain('Location: //a/x\r\n')
    expect(await received(answer('http://old.internal:80/x'), { rewrite })).toContain('Location: http://a/x\r\n')
    for (const other of ['/x', 'http://internal:8082/x', 'http://internal:8081.evil/x', 'http://else/']) {
      expect(await received(answer(other), { rewrite })).toContain(`Location: ${other}\r\n`)
    }
  })

  it('does so in Refresh and Content-Location, and leaves all alone where it is not configured', async () => {
    const answer =
      'HTTP/1.1 200 OK\r\nRefresh: 5; url="http://internal:8081/r"\r\nContent-Location: http://internal:8081/c\r\nLocation: http://internal:8081/l\r\nContent-Length: 0\r\n\r\n'
    const rewritten = await received(answer, { rewrite })
    expect(rewritten).toContain('Refresh: 5; url="http://a/r"\r\nContent-Location: http://a/c\r\n')
    expect(rewritten).toContain('Location: http://internal:8081/l\r\n')
    expect((await received(answer)).match(/internal:8081/g)).toHaveLength(3)
  })

  it('changes domain and path of cookies and no other byte of them', async () => {
    const cookies =
      'Set-Cookie: a=1;Path=/app/x; Domain=.internal.example;  HttpOnly\r\nSet-Cookie: b=domain=internal.example; Expires=Thu, 19 Nov 1981 08:52:00 GMT; path=/apple\r\n'
    const answer = `HTTP/1.1 200 OK\r\n${cookies}Content-Length: 0\r\n\r\n`
    expect(await received(answer)).toContain(cookies)
    const rewritten = await received(answer, {
      rewrite: {
        origins: [],
        cookieDomain: { from: 'internal.example', to: 'www.example.com' },
        cookiePath: { from: '/app', to: '/' },
      },
    })
    expect(rewritten).toContain('Set-Cookie: a=1;Path=/x; Domain=www.example.com;  HttpOnly\r\n')
    expect(rewritten).toContain(
      'Set-Cookie: b=domain=internal.example; Expires=Thu, 19 Nov 1981 08:52:00 GMT; path=/apple\r\n',
    )
    const without = await received(answer, {
      rewrite: { origins: [], cookieDomain: { from: 'internal.example', to: '' } },
    })
    expect(without).toContain('Set-Cookie: a=1;Path=/app/x;  HttpOnly\r\n')
  })
})
