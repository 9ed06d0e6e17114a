import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, it } from 'vitest'
import { compileRoutes, type RouteDefinition, type RouteHandler } from '../routing/index.ts'
import type { EdgeDeps, ModernCall } from './index.ts'
import { type EdgeOptions, exchangeRaw, rawClient, recordingUpstream, startEdge } from './testing/edge-stack.ts'

type FigContext = Context<{ Bindings: { fig: ModernCall } }>

/** What a handler is given here: the call itself, as app.ts would build services from it. */
const host: NonNullable<EdgeDeps['modern']> = { services: (call) => call }

function flags(state: 'on' | 'off', partial = false): EdgeDeps['flags'] {
  return () => ({ source: 'static', receivedAt: undefined, evaluate: () => ({ state, partial }) })
}

function route(match: RouteDefinition['match'], handler: (c: FigContext) => Response | Promise<Response>, more = {}) {
  return { id: 'r', match, flag: 'f', modern: handler as unknown as RouteHandler, ...more }
}

function modern(routes: readonly RouteDefinition[], more: Partial<EdgeOptions> = {}): Partial<EdgeOptions> {
  return { routes: compileRoutes({ routes }), flags: flags('on'), modern: host, ...more }
}

const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}Connection: close\r\n\r\n`

function post(path: string, body: string, type = 'application/x-www-form-urlencoded'): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}`
  return `${head}\r\nConnection: close\r\n\r\n${body}`
}

describe('a request that the modern side answers', () => {
  it('reaches its Hono handler with parameters, and PHP is not asked', async () => {
    await using upstream = await recordingUpstream()
    const page = route('/mods/:id', (c) =>
      c.html(`<p>${c.env.fig.params.id} ${c.req.query('x')}</p>`, 200, { 'X-A': '1' }),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([page]) })
    const answer = await exchangeRaw(edge.port, get('/mods/7?x=y'))
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*<p>7 y<\/p>/)
    expect(upstream.requests).toHaveLength(0)
    const line = await edge.logged(({ msg }) => msg === 'request')
    expect(line).toMatchObject({ target: 'modern', route: 'r', reason: 'flag-on', status: 200, path: '/mods/7' })
  })

  it('goes to PHP while the flag is off', async () => {
    await using upstream = await recordingUpstream()
    const page = route('/mods/:id', (c) => c.text('modern'))
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([page], { flags: flags('off') }) })
    expect(await exchangeRaw(edge.port, get('/mods/7'))).toMatch(/ok$/)
    expect((await edge.logged(({ msg }) => msg === 'request')).reason).toBe('flag-off')
  })

  it('streams the answer, and tells the handler when the client leaves', async () => {
    await using upstream = await recordingUpstream()
    let left = false
    const stream = route('/s', (c) => {
      c.env.fig.signal.addEventListener('abort', () => {
        left = true
      })
      return c.body(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('first')) }))
    })
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([stream]) })
    const client = rawClient(edge.port)
    client.write(get('/s'))
    await client.receives('first')
    client.socket.destroy()
    await edge.logged(({ msg }) => msg === 'request')
    expect(left).toBe(true)
  })

  it('is told apart by a form field, urlencoded or multipart, and the side that is chosen gets the body byte for byte', async () => {
    await using upstream = await recordingUpstream()
    const endorse = route({ path: '/ajax.php', form: { action: 'endorse' } }, async (c) =>
      c.text(`modern ${(await c.req.text()).length} ${c.env.fig.exchange.body?.length}`),
    )
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([endorse]) })
    const multipart = (action: string): string =>
      `--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\naction\r\n--B\r\nContent-Disposition: form-data; name="action"\r\n\r\n${action}\r\n--B--\r\n`
    const file = 'multipart/form-data; boundary=B'
    expect(await exchangeRaw(edge.port, post('/ajax.php', multipart('endorse'), file))).toMatch(/modern \d+ \d+$/)
    const form = 'action=endorse&mod_id=7'
    expect(await exchangeRaw(edge.port, post('/ajax.php', form))).toMatch(/modern 23 23$/)
    for (const [body, type] of [
      ['action=comment&x=%E9+\xc3\xa9', undefined],
      [multipart('comment'), file],
      ['{"action":"endorse"}', 'application/json'],
    ] as const) {
      expect(await exchangeRaw(edge.port, Buffer.from(post('/ajax.php', body, type)))).toMatch(/ok$/)
      expect(upstream.requests.at(-1)?.body.toString()).toBe(body)
    }
  })

  it('lets a body stream to PHP whole that turned out too large to look into', async () => {
    await using upstream = await recordingUpstream()
    const endorse = route({ path: '/ajax.php', form: { action: 'endorse' } }, (c) => c.text('modern'))
    const settings = { formBytesMax: 100 }
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([endorse]), settings })
    const large = `action=endorse&pad=${'x'.repeat(200_000)}`
    expect(await exchangeRaw(edge.port, post('/ajax.php', large))).toMatch(/ok$/)
    const client = rawClient(edge.port)
    client.write(
      'POST /ajax.php HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
    )
    client.write(`${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`)
    await client.closed()
    expect(client.text()).toMatch(/ok$/)
    expect(upstream.requests.map(({ body }) => body.toString() === large)).toEqual([true, true])
  })
})

describe('PHP answers instead', () => {
  it('when the handler says so, and the reason is logged', async () => {
    await using upstream = await recordingUpstream()
    const declining = route({ method: 'POST', path: '/m' }, (c) => c.env.fig.legacy('old form'))
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([declining]) })
    expect(await exchangeRaw(edge.port, post('/m', 'a=1'))).toMatch(/ok$/)
    expect(upstream.requests[0]?.body.toString()).toBe('a=1')
    const line = await edge.logged(({ msg }) => msg === 'request')
    expect(line).toMatchObject({ target: 'legacy', reason: 'handler-declined:old form', route: 'r' })
  })

  it('when the handler says so to a HEAD request', async () => {
    await using upstream = await recordingUpstream()
    const declining = route('/m', (c) => c.env.fig.legacy('not this one'))
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([declining]) })
    expect(await exchangeRaw(edge.port, get('/m').replace('GET', 'HEAD'))).toMatch(/^HTTP\/1.1 200 OK/)
    expect(upstream.requests.map(({ method }) => method)).toEqual(['HEAD'])
  })

  it('when the handler throws or takes too long before its first byte', async () => {
    await using upstream = await recordingUpstream()
    const throwing = { ...route('/throws', () => Promise.reject(new TypeError('a defect'))), id: 'throws' }
    const slow = { ...route('/slow', () => new Promise<Response>(() => {})), id: 'slow' }
    const settings = { modernTimeoutMs: 50 }
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([throwing, slow]), settings })
    for (const path of ['/throws', '/slow']) {
      expect(await exchangeRaw(edge.port, get(path))).toMatch(/ok$/)
      const line = await edge.logged((entry) => entry.msg === 'request' && entry.path === path)
      expect(line).toMatchObject({ target: 'legacy', reason: 'modern-failed', status: 200 })
    }
    expect(await edge.logged(({ err }) => JSON.stringify(err ?? '').includes('a defect'))).toMatchObject({
      level: 'error',
    })
  })

  it('but not when the handler has written, nor when it used the body up: then the visitor gets an error', async () => {
    await using upstream = await recordingUpstream()
    const wrote = route({ method: 'POST', path: '/wrote' }, (c) => {
      c.env.fig.writes.begin()
      throw new Error('after the commit')
    })
    const undone = route({ method: 'POST', path: '/undone' }, (c) => {
      c.env.fig.writes.begin()
      c.env.fig.writes.rolledBack()
      throw new Error('nothing was kept')
    })
    const used = route({ method: 'POST', path: '/used' }, async (c) => {
      await c.req.text()
      throw new Error('the body is gone')
    })
    const routes = [wrote, undone, used].map((one, i) => ({ ...one, id: `r${i}` }))
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern(routes) })
    expect(await exchangeRaw(edge.port, post('/wrote', 'a=1'))).toMatch(/^HTTP\/1.1 500 /)
    expect(await exchangeRaw(edge.port, post('/used', 'a=1'))).toMatch(/^HTTP\/1.1 500 /)
    expect(upstream.requests).toHaveLength(0)
    expect(await exchangeRaw(edge.port, post('/undone', 'a=1'))).toMatch(/ok$/)
  })

  it('and a write that the handler begins after its time is refused', async () => {
    await using upstream = await recordingUpstream()
    let late: unknown
    const slow = route({ method: 'POST', path: '/slow' }, async (c) => {
      await new Promise((resolve) => c.env.fig.signal.addEventListener('abort', resolve))
      await new Promise(setImmediate)
      try {
        c.env.fig.writes.begin()
      } catch (error) {
        late = error
      }
      return c.text('too late')
    })
    await using edge = await startEdge({
      legacyUrl: upstream.url,
      ...modern([slow]),
      settings: { modernTimeoutMs: 30 },
    })
    expect(await exchangeRaw(edge.port, post('/slow', 'a=1'))).toMatch(/ok$/)
    expect(late).toMatchObject({ code: 'edge.modern-failed' })
  })

  it('when Postgres has not caught up with what the route reads', async () => {
    await using upstream = await recordingUpstream()
    const reading = route('/mods/:id', (c) => c.text('modern'), { reads: ['mods'] })
    const asked: (readonly string[])[] = []
    const freshness: EdgeOptions['freshness'] = {
      caughtUp: async (tables) => {
        asked.push(tables)
        return 'stale'
      },
    }
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([reading]), freshness })
    expect(await exchangeRaw(edge.port, get('/mods/7'))).toMatch(/ok$/)
    expect(asked).toEqual([['mods']])
    expect((await edge.logged(({ msg }) => msg === 'request')).reason).toBe('follower-stale')
  })

  it('when it could not be told whether Postgres has caught up', async () => {
    await using upstream = await recordingUpstream()
    const reading = route('/mods/:id', (c) => c.text('modern'), { reads: ['mods'] })
    const freshness: EdgeOptions['freshness'] = { caughtUp: () => Promise.reject(new Error('no database')) }
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([reading]), freshness })
    expect(await exchangeRaw(edge.port, get('/mods/7'))).toMatch(/ok$/)
    expect((await edge.logged(({ msg }) => msg === 'request')).reason).toBe('follower-stale')
  })

  it('but not for an HTTPException: that is an answer', async () => {
    await using upstream = await recordingUpstream()
    const denying = route('/m', () => {
      throw new HTTPException(403, { message: 'not yours' })
    })
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([denying]) })
    expect(await exchangeRaw(edge.port, get('/m'))).toMatch(/^HTTP\/1.1 403 Forbidden[\s\S]*not yours$/)
  })
})

describe('the visitor cookie', () => {
  const page = route('/m', (c) => c.text('modern', 200, { 'Set-Cookie': 'own=1' }))

  it('is set by either side when only some visitors get the route, and taken over when it comes back', async () => {
    await using upstream = await recordingUpstream()
    const seen: string[] = []
    const share: EdgeDeps['flags'] = () => ({
      source: 'static',
      receivedAt: undefined,
      evaluate: (_flag, { id }) => {
        seen.push(id)
        return { state: seen.length === 1 ? 'on' : 'off', partial: true }
      },
    })
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([page], { flags: share }) })
    const first = await exchangeRaw(edge.port, get('/m'))
    expect(first).toMatch(/modern$/)
    expect(first).toMatch(/set-cookie: own=1\r\n/i)
    const id = /set-cookie: fig_visitor=([\w-]{22}); Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax\r\n/i.exec(
      first,
    )?.[1]
    expect(id).toBe(seen[0])
    const second = await exchangeRaw(edge.port, get('/m'))
    expect(second).toMatch(/Set-Cookie: fig_visitor=[\w-]{22};[\s\S]*ok$/)
    const back = await exchangeRaw(edge.port, get('/m', `Cookie: a=1; fig_visitor=${id}\r\n`))
    expect(seen[2]).toBe(id)
    expect(back).not.toMatch(/fig_visitor/)
    await exchangeRaw(edge.port, get('/m', 'Cookie: fig_visitor=forged\r\n'))
    expect(seen[3]).toMatch(/^[\w-]{22}$/)
  })

  it('is not set where the flag says the same to everybody', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([page]) })
    expect(await exchangeRaw(edge.port, get('/m'))).not.toContain('fig_visitor')
  })
})

it("leaves the process's Request and Response as Node made them", async () => {
  const { Request: request, Response: response } = globalThis
  await using upstream = await recordingUpstream()
  const page = route('/m', (c) => c.text('modern'))
  await using edge = await startEdge({ legacyUrl: upstream.url, ...modern([page]) })
  await exchangeRaw(edge.port, get('/m'))
  expect([globalThis.Request, globalThis.Response]).toEqual([request, response])
})
