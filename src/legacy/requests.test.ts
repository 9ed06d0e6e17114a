import { describe, expect, it } from 'vitest'
import { exchangeRaw, playPhp, rawClient, type StackOptions, startLegacy, until } from './testing/legacy-stack.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** What PHP gets of a request. */
async function sent(request: string, options: StackOptions = {}): Promise<string> {
  let body = ''
  let answered = false
  await using php = await playPhp(
    () => {},
    (chunk, socket) => {
      body += chunk.toString('latin1')
      if (!answered && /(?:\r\n\r\n|[a-z]END)$/.test(body)) {
        answered = true
        socket.write(ok)
      }
    },
  )
  await using stack = await startLegacy({ url: php.url, ...options })
  expect(await exchangeRaw(stack.port, request)).toContain('200 OK')
  return body
}

const close = 'Connection: close\r\n\r\n'

describe('the head that PHP gets', () => {
  it('has the raw target, and the headers in their order and case, duplicates and bytes', async () => {
    const head = await sent(
      `GET /a//%2e/b?x=%20\xe9 HTTP/1.1\r\nHost: www.a\r\nX-ONE: 1\r\nx-two:  2 \r\nAccept: a\r\naccept: b\r\nX-B: \xff\r\n${close}`,
    )
    expect(head).toMatch(
      /^GET \/a\/\/%2e\/b\?x=%20\xe9 HTTP\/1\.1\r\nHost: www\.a\r\nX-ONE: 1\r\nx-two: 2\r\nAccept: a\r\naccept: b\r\nX-B: \xff\r\nX-Forwarded-For: /,
    )
    expect(head).toMatch(/\r\nConnection: keep-alive\r\n\r\n$/)
  })

  it('says who the client is, whatever the client says', async () => {
    const head = await sent(
      `GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Forwarded-Prefix: /x\r\nX_Forwarded_For: 6\r\nX-Request-Id: mine\r\n${close}`,
    )
    expect(head).not.toMatch(/6\.6|Prefix|mine|X_/)
    expect(head).toContain(
      'X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\nX-Forwarded-Port: 80\r\n' +
        'X-Real-IP: 192.0.2.7\r\nX-Request-Id: request-id\r\n',
    )
  })

  it('extends what a trusted proxy says', async () => {
    const head = await sent(
      `GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-Prefix: /x\r\n${close}`,
      { client: { trusted: true, peer: '::1' } },
    )
    expect(head).toContain('X-Forwarded-For: 1.1.1.1, ::1\r\n')
    expect(head).toContain('Forwarded: for=1.1.1.1, for="[::1]"\r\n')
    expect(head).toContain('X-Forwarded-Prefix: /x\r\n')
  })

  it('has nothing of one hop only, and nothing that Connection names, but keeps what must not be taken away', async () => {
    const head = await sent(
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Secret, Cookie, Host\r\nX-Secret: 1\r\nCookie: a=1\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\nProxy-Authorization: x\r\n\r\n`,
    )
    expect(head).not.toMatch(/secret|\r\nte:|timeout|proxy-|upgrade|http2/i)
    expect(head).toContain('\r\nCookie: a=1\r\n')
    expect(head).toContain('\r\nHost: a\r\n')
  })

  it('has none of the names that servers behind us believe', async () => {
    const head = await sent(
      `POST / HTTP/1.1\r\nHost: a\r\nProxy: x\r\nX-Original-URL: /x\r\nX-Rewrite-URL: /x\r\nX_HTTP_Method_Override: DELETE\r\nContent_Length: 5\r\nX_Own: kept\r\nContent-Length: 0\r\n${close}`,
    )
    expect(head).not.toMatch(/proxy|original|rewrite|DELETE|Content_/i)
    expect(head).toContain('X_Own: kept\r\n')
  })

  it('has another method for the site, unless it is told to leave it out', async () => {
    const request = `POST / HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: DELETE\r\nX-HTTP-Method: DELETE\r\n${close}`
    expect(await sent(request)).toContain('X-HTTP-Method-Override: DELETE\r\nX-HTTP-Method: DELETE\r\n')
    expect(await sent(request, { allowMethodOverride: false })).not.toContain('DELETE')
  })

  it("never has Expect or Fig's own cookie", async () => {
    const head = await sent(
      `GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nCookie: a=1;  b="2" ; fig_visitor=AAA; xfig_visitor=3\r\n${close}`,
    )
    expect(head).not.toContain('Expect')
    expect(head).toContain('\r\nCookie: a=1;  b="2" ; xfig_visitor=3\r\n')
    expect(await sent(`GET / HTTP/1.1\r\nHost: a\r\nCookie: fig_visitor=A\r\n${close}`)).not.toContain('Cookie')
  })

  it("has the public Host, the upstream's where HTTP/1.0 gave none, and another one where that is configured", async () => {
    expect(await sent(`GET / HTTP/1.1\r\nHost: www.Public:8080\r\n${close}`)).toContain('\r\nHost: www.Public:8080\r\n')
    expect(await sent('GET / HTTP/1.0\r\n\r\n')).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/)
    const head = await sent(`GET / HTTP/1.1\r\nHost: www.public\r\n${close}`, { hostHeader: 'internal.example' })
    expect(head).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: internal\.example\r\n/)
    expect(head).toContain('X-Forwarded-Host: www.public\r\n')
    const old = await sent('GET / HTTP/1.0\r\n\r\n', { hostHeader: 'internal.example' })
    expect(old.match(/\r\nHost: /g)).toHaveLength(1)
  })

  it('counts Max-Forwards down for OPTIONS and TRACE (RFC 9110 7.6.2), and leaves it alone otherwise', async () => {
    expect(await sent(`OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n${close}`)).toContain('Max-Forwards: 6\r\n')
    expect(await sent(`GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n${close}`)).toContain('Max-Forwards: 7\r\n')
  })
})

describe('the body that PHP gets', () => {
  it('keeps its length, at the place where the client said it', async () => {
    const request = await sent(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nX-After: 1\r\n${close}abcEND`)
    expect(request).toContain('Host: a\r\nContent-Length: 6\r\nX-After: 1\r\n')
    expect(request).toMatch(/\r\n\r\nabcEND$/)
    expect(request.match(/content-length/gi)).toHaveLength(1)
  })

  it('keeps a length of 0, whatever the method, and gives none to those that said none', async () => {
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'GET']) {
      const head = await sent(`${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n${close}`)
      expect(head).toContain('\r\nContent-Length: 0\r\n')
    }
    expect(await sent(`POST / HTTP/1.1\r\nHost: a\r\n${close}`)).not.toMatch(/content-length|transfer-encoding/i)
  })

  it('is chunked anew when it came in chunks, also on DELETE, with its trailers but those that must not be there', async () => {
    const request = await sent(
      `DELETE / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n${close}3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\nHost: evil\r\nContent-Length: 9\r\nX-Forwarded-For: 6.6.6.6\r\nAuthorization: x\r\nX_Real_Ip: 6\r\n\r\n`,
    )
    expect(request).toContain('\r\nTrailer: X-Sum\r\n')
    expect(request).toContain('\r\nTransfer-Encoding: chunked\r\n')
    expect(request).toMatch(/\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n$/)
    expect(request).not.toMatch(/evil|6\.6|authorization|X_|ext=1/i)
  })

  it('announces no trailers where none can be sent', async () => {
    expect(await sent(`GET / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\n${close}`)).not.toContain('Trailer')
    const read = await sent(
      `POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n${close}6\r\nabcEND\r\n0\r\n\r\n`,
      { readsBody: true },
    )
    expect(read).not.toContain('Trailer')
  })

  it('is replayed with a length when it was read before', async () => {
    const request = await sent(
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${close}3\r\nabc\r\n3\r\nEND\r\n0\r\n\r\n`,
      { readsBody: true },
    )
    expect(request).toMatch(/\r\nContent-Length: 6\r\nConnection: keep-alive\r\n\r\nabcEND$/)
    const same = await sent(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n${close}abcEND`, { readsBody: true })
    expect(same.match(/content-length: 6/gi)).toHaveLength(1)
  })

  it('is asked for only when there is a connection to PHP', async () => {
    await using php = await playPhp((socket) => socket.write(ok))
    await using stack = await startLegacy({ url: php.url })
    const client = rawClient(stack.port)
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
    await client.receives('HTTP/1.1 100 Continue\r\n\r\n')
    await until(() => php.heads[0], 'the head at PHP')
    client.write('abc')
    await client.receives('200 OK')
  })
})
