import { describe, expect, it } from 'vitest'
import { readBodyFields } from './body-fields.ts'
import { compileRoutes } from './compile.ts'
import type { MatchSpec } from './route-definition.ts'
import type { MatchInput, MatchResult } from './route-table.ts'
import { readTarget } from './target.ts'

const urlencoded = 'application/x-www-form-urlencoded'

describe('matching', () => {
  it('tells the pages of a script apart by its query, and captures from it', () => {
    const at = matcher({
      mod: { path: '/index.php', query: { page: 'mod', id: ':id(\\d+)' } },
      profile: { path: '/index.php', query: { page: 'profile' } },
      home: { path: '/index.php', query: { page: null } },
    })
    expect(at('GET /index.php?page=mod&id=12&cp=2')).toEqual(['mod', { id: '12' }])
    expect(at('GET /index.php?page=mod&id=12x')).toEqual([undefined, {}])
    expect(at('GET /index.php?page=mod&page=profile')).toEqual(['profile', {}])
    expect(at('GET /index.php?page[]=mod&id=12')).toEqual([undefined, {}])
    expect(at('GET /index.php?Page=mod&id=12')).toEqual(['home', {}])
    expect(at('GET /index.php?pa%67e=mo%64&id=1')).toEqual(['mod', { id: '1' }])
  })

  it('takes rewritten paths, mixed segments and what is left of a path', () => {
    const at = matcher({
      mod: '/:game/mods/:id(\\d+)',
      page: '/page-:id(\\d+).html',
      range: '/:from-:to',
      docs: '/docs/*',
      index: '/docs/',
    })
    expect(at('GET /skyrim/mods/12')).toEqual(['mod', { game: 'skyrim', id: '12' }])
    expect(at('GET /skyrim/mods/12/')).toEqual([undefined, {}])
    expect(at('GET //mods/12')).toEqual([undefined, {}])
    expect(at('GET /caf%C3%A9/mods/1')).toEqual(['mod', { game: 'café', id: '1' }])
    expect(at('GET /page-7.html')).toEqual(['page', { id: '7' }])
    expect(at('GET /a-b-c')).toEqual(['range', { from: 'a', to: 'b-c' }])
    expect(at('GET /docs/a/b')).toEqual(['docs', { '*': 'a/b' }])
    expect(at('GET /docs/')).toEqual(['index', {}])
    expect(at('GET /docs')).toEqual([undefined, {}])
  })

  it('gives HEAD to a pattern for GET unless one is for HEAD, and no write to a pattern that names no method', () => {
    const at = matcher({ get: '/a', head: 'HEAD /b', getB: 'GET /b', any: '* /c' })
    expect(at('HEAD /a')[0]).toBe('get')
    expect(at('POST /a')[0]).toBeUndefined()
    expect(at('HEAD /b')[0]).toBe('head')
    expect(at('GET /b')[0]).toBe('getB')
    expect(at('PROPFIND /c')[0]).toBe('any')
  })

  it('looks at host, headers, cookies and content type', () => {
    const at = matcher({
      host: { path: '/', host: 'www.Site.test' },
      under: { path: '/', host: '*.site.test' },
      header: { path: '/h', header: { 'X-Client': /^Vortex\// } },
      cookie: { path: '/c', cookie: { beta: '1' } },
      json: { method: 'POST', path: '/j', contentType: ['application/json', 'text/json'] },
    })
    expect(at('GET /', { host: 'WWW.site.test:8080' })[0]).toBe('host')
    expect(at('GET /', { host: 'de.site.test' })[0]).toBe('under')
    expect(at('GET /', { host: 'site.test' })[0]).toBeUndefined()
    expect(at('GET /h', { 'x-client': 'Vortex/1.2' })[0]).toBe('header')
    expect(at('GET /h')[0]).toBeUndefined()
    expect(at('GET /c', { cookie: 'a=2; beta=1; beta=2' })[0]).toBe('cookie')
    expect(at('GET /c', { cookie: 'beta=2; beta=1' })[0]).toBeUndefined()
    expect(at('POST /j', { 'content-type': 'Application/JSON; charset=utf-8' })[0]).toBe('json')
  })

  it('asks for the body only where a form field can decide', () => {
    const patterns: Record<string, MatchSpec> = {
      endorse: { path: '/ajax.php', form: { action: 'endorse' } },
      abstain: { path: '/ajax.php', form: { action: 'abstain' } },
      rest: 'POST /ajax.php',
    }
    const match = matcherOf(patterns)
    const ask = (body: MatchInput['body'], type: string | undefined = urlencoded): MatchResult =>
      match({ ...inputOf('POST /ajax.php', type === undefined ? {} : { 'content-type': type }), body })
    expect(ask('not-read')).toMatchObject({ needsBody: true, route: undefined })
    expect(ask('not-read', 'application/json')).toMatchObject({ needsBody: false, route: { id: 'rest' } })
    expect(ask('not-available')).toMatchObject({ needsBody: false, route: { id: 'rest' } })
    expect(ask(readBodyFields(urlencoded, Buffer.from('action=abstain')))).toMatchObject({ route: { id: 'abstain' } })
    expect(ask(readBodyFields(urlencoded, Buffer.from('action=other')))).toMatchObject({ route: { id: 'rest' } })
    expect(match({ ...inputOf('GET /ajax.php'), body: 'not-read' }).needsBody).toBe(false)
  })

  it('asks for a JSON body where a value in it can decide, and for no other body', () => {
    const match = matcherOf({
      vote: { path: '/rpc', json: { '/method': 'vote', '/params/0': /^\d+$/ } },
      form: { path: '/rpc', form: { method: 'vote' } },
      patch: { method: ['PUT', 'PATCH'], path: '/rpc', json: { '/draft': 'true', '/by': null } },
      rest: '* /rpc',
    })
    const ask = (request: string, type: string, body: MatchInput['body']) => {
      const { route, needsBody } = match({ ...inputOf(request, { 'content-type': type }), body })
      return needsBody ? 'needs-body' : route?.id
    }
    const json = (text: string) => readBodyFields('application/json', Buffer.from(text))
    expect(ask('POST /rpc', 'application/json', 'not-read')).toBe('needs-body')
    expect(ask('POST /rpc', 'Application/VND.api+JSON; charset=utf-8', 'not-read')).toBe('needs-body')
    expect(ask('POST /rpc', 'text/json', 'not-read')).toBe('rest')
    expect(ask('DELETE /rpc', 'application/json', 'not-read')).toBe('rest')
    expect(ask('POST /rpc', 'application/json', 'not-available')).toBe('rest')
    expect(ask('POST /rpc', 'application/json', json('{"method":"vote","params":[7]}'))).toBe('vote')
    expect(ask('POST /rpc', 'application/json', json('{"method":"vote","params":["x"]}'))).toBe('rest')
    expect(ask('POST /rpc', 'application/json', json('{"method":'))).toBe('rest')
    expect(ask('POST /rpc', urlencoded, readBodyFields(urlencoded, Buffer.from('method=vote')))).toBe('form')
    expect(ask('PATCH /rpc', 'application/json', json('{"draft":true}'))).toBe('patch')
    expect(ask('PATCH /rpc', 'application/json', json('{"draft":true,"by":null}'))).toBe('rest')
  })

  it('does not read the body for a pattern that comes after one that fits', () => {
    const match = matcherOf({
      exact: { method: 'POST', path: '/ajax.php', query: { a: '1', b: '2' } },
      field: { path: '/ajax.php', form: { action: 'x' } },
    })
    const posted = (target: string) =>
      match({ ...inputOf(`POST ${target}`, { 'content-type': urlencoded }), body: 'not-read' })
    expect(posted('/ajax.php?a=1&b=2')).toMatchObject({ needsBody: false, route: { id: 'exact' } })
    expect(posted('/ajax.php?a=1').needsBody).toBe(true)
  })

  it('does not search through the table: 5,000 routes are far from 100 times as dear as 50', () => {
    const timeOf = (size: number): number => {
      const routes = Array.from({ length: size }, (_, n) => ({ id: `r${n}`, match: manySpecs(n), flag: 'f', modern }))
      const table = compileRoutes({ routes })
      const targets = ['/section8/items/12', '/page9.php', '/index.php?page=p10&id=3', '/nothing/at/all']
      const inputs = targets.map((target) => inputOf(`GET ${target}`))
      const round = () => {
        const startedAt = performance.now()
        for (let turn = 0; turn < 2_000; turn += 1) for (const input of inputs) table.match(input)
        return performance.now() - startedAt
      }
      round()
      return Math.min(...Array.from({ length: 5 }, round))
    }
    // A table that is searched through would take 100 times as long; a busy machine has been seen to make it 6.
    expect(timeOf(5_000)).toBeLessThan(timeOf(50) * 30)
  })
})

// --- internal ---

const modern = () => new Response()

function manySpecs(n: number): MatchSpec {
  if (n % 3 === 0) return { path: '/index.php', query: { page: `p${n - (n % 10)}`, x: `${n}` } }
  return n % 3 === 1 ? `/page${n}.php` : `/section${n}/items/:id(\\d+)`
}

function matcherOf(patterns: Record<string, MatchSpec>): (input: MatchInput) => MatchResult {
  const routes = Object.entries(patterns).map(([id, match]) => ({ id, match, flag: 'f', modern }))
  return compileRoutes({ routes }).match
}

function matcher(patterns: Record<string, MatchSpec>) {
  const match = matcherOf(patterns)
  return (request: string, headers: Record<string, string> = {}) => {
    const { route, params } = match(inputOf(request, headers))
    return [route?.id, params]
  }
}

function inputOf(request: string, headers: Record<string, string> = {}): MatchInput {
  const [method = '', target = ''] = request.split(' ')
  return {
    method,
    target: readTarget(target),
    host: headers.host,
    header: (name) => headers[name],
    body: 'not-available',
  }
}
