import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRoutes } from './compile.ts'
import { createMatcher } from './matcher.ts'
import { type Pattern, parsePattern } from './pattern.ts'
import { readForm } from './php-values.ts'
import { comparePatterns, shapeOf } from './precedence.ts'
import type { MatchPattern, MatchSpec } from './route-definition.ts'
import type { MatchInput, MatchResult, Route } from './route-table.ts'
import { readTarget } from './target.ts'
import { routeWith } from './testing/routes.ts'

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
    const ask = (form: MatchInput['form'], type: string | undefined = urlencoded): MatchResult =>
      match({ ...inputOf('POST /ajax.php', type === undefined ? {} : { 'content-type': type }), form })
    expect(ask('not-read')).toMatchObject({ needsBody: true, route: undefined })
    expect(ask('not-read', 'application/json')).toMatchObject({ needsBody: false, route: { id: 'rest' } })
    expect(ask('not-available')).toMatchObject({ needsBody: false, route: { id: 'rest' } })
    expect(ask(readForm(urlencoded, Buffer.from('action=abstain')))).toMatchObject({ route: { id: 'abstain' } })
    expect(ask(readForm(urlencoded, Buffer.from('action=other')))).toMatchObject({ route: { id: 'rest' } })
    expect(match({ ...inputOf('GET /ajax.php'), form: 'not-read' }).needsBody).toBe(false)
  })

  it('does not read the body for a pattern that comes after one that fits', () => {
    const match = matcherOf({
      exact: { method: 'POST', path: '/ajax.php', query: { a: '1', b: '2' } },
      field: { path: '/ajax.php', form: { action: 'x' } },
    })
    const posted = (target: string) =>
      match({ ...inputOf(`POST ${target}`, { 'content-type': urlencoded }), form: 'not-read' })
    expect(posted('/ajax.php?a=1&b=2')).toMatchObject({ needsBody: false, route: { id: 'exact' } })
    expect(posted('/ajax.php?a=1').needsBody).toBe(true)
  })

  it('agrees with a naive matcher on random tables and requests', () => {
    fc.assert(
      fc.property(
        fc.array(anyPattern, { maxLength: 12 }),
        fc.array(anyRequest, { minLength: 8, maxLength: 8 }),
        (given, requests) => {
          const ranked = rank(given.map((spec, index) => ({ pattern: parsed(spec), route: routeOf(`r${index}`) })))
          const match = createMatcher(ranked)
          for (const request of requests) {
            const first = ranked.find(({ pattern }) => naiveFits(pattern, request))
            const found = match(request)
            expect(found.route?.id).toBe(first?.route.id)
            const unread = match({ ...request, form: 'not-read' })
            // Whatever the body says, asking for it may not change the answer where it wasn't asked for.
            if (!unread.needsBody) expect(unread.route?.id).toBe(found.route?.id)
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('puts the narrower of two patterns first, whichever stands first in the table', () => {
    let narrower = 0
    fc.assert(
      fc.property(
        anyPattern,
        fc.array(anyLoosening, { minLength: 1, maxLength: 2 }),
        anyRequest,
        (given, loosenings, request) => {
          const loosened = loosenings.reduce((pattern, loosen) => loosen(pattern), given)
          const [narrow, wide] = [parsed(given), parsed(loosened)]
          if (naiveFits(narrow, request)) expect(naiveFits(wide, request)).toBe(true)
          if (shapeOf(narrow) === shapeOf(wide) && narrow.methods.size === wide.methods.size) return
          narrower += 1
          expect(comparePatterns(narrow, wide)).toBeLessThan(0)
          expect(comparePatterns(wide, narrow)).toBeGreaterThan(0)
        },
      ),
      { numRuns: 3_000 },
    )
    expect(narrower).toBeGreaterThan(500)
  })

  it('costs about the same in a table of 5,000 routes as in one of 50', () => {
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
    expect(timeOf(5_000)).toBeLessThan(timeOf(50) * 5) // a table that is searched through would take 100 times as long
  })
})

// --- internal ---

const modern = () => new Response()

function routeOf(id: string): Route {
  return routeWith({ id })
}

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

type GeneratedInput = MatchInput & { readonly headers: Readonly<Record<string, string>> }

function inputOf(request: string, headers: Record<string, string> = {}): MatchInput {
  const [method = '', target = ''] = request.split(' ')
  return {
    method,
    target: readTarget(target),
    host: headers.host,
    header: (name) => headers[name],
    form: 'not-available',
  }
}

function parsed(spec: string | MatchPattern): Pattern {
  const { pattern, problems } = parsePattern(spec) as { pattern?: Pattern; problems?: readonly unknown[] }
  if (pattern === undefined) throw new Error(`the generator made a bad pattern: ${JSON.stringify(problems)}`)
  return pattern
}

function rank<T extends { readonly pattern: Pattern }>(placed: readonly T[]): readonly T[] {
  return placed.toSorted((a, b) => comparePatterns(a.pattern, b.pattern))
}

const anySegment = fc.constantFrom('a', 'b', ':x', ':y(\\d+)', ':z([ab]+)', 'a-:w', ':v(a|1)')
const anyPath = fc
  .tuple(fc.array(anySegment, { minLength: 1, maxLength: 2 }), fc.constantFrom([], [], ['*'], ['']))
  .map(([segments, end]) => `/${[...segments, ...end].map(withNumber).join('/')}`)
const anyTest = fc.constantFrom<string | RegExp | null>('1', '2', /^[12]$/, null)
const anyPredicates = fc.dictionary(fc.constantFrom('p', 'q'), anyTest, {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
})
const wholePattern = fc.record({
  path: anyPath,
  method: fc.constantFrom<string | string[]>('GET', 'HEAD', '*', ['GET', 'POST']),
  host: fc.constantFrom('a.test', '*.test', '*.a.test'),
  query: fc.dictionary(fc.constantFrom('p', 'q'), fc.oneof(anyTest, fc.constant(':c')), {
    minKeys: 1,
    maxKeys: 1,
    noNullPrototype: true,
  }),
  header: fc.dictionary(fc.constantFrom('x-p', 'x-q'), anyTest, { minKeys: 1, maxKeys: 1, noNullPrototype: true }),
  cookie: anyPredicates,
  contentType: fc.constantFrom('text/plain', urlencoded),
  form: anyPredicates,
})
const extras = ['method', 'host', 'query', 'header', 'cookie', 'contentType', 'form'] as const
/** Few predicates each, so that patterns often compete for a request. */
const anyPattern: fc.Arbitrary<MatchPattern> = fc
  .tuple(wholePattern, fc.subarray([...extras], { maxLength: 2 }))
  .map(([whole, chosen]) => {
    const picked = Object.fromEntries(chosen.map((key) => [key, whole[key]]))
    const asForm = chosen.includes('form') ? { method: 'POST', contentType: urlencoded } : {}
    return { path: whole.path, ...picked, ...asForm }
  })

type Loosening = (pattern: MatchPattern) => MatchPattern

/** Each takes all that the given pattern takes, or leaves it as it is. */
const anyLoosening: fc.Arbitrary<Loosening> = fc.constantFrom<Loosening>(
  ({ host: _host, ...rest }) => rest,
  ({ contentType, ...rest }) =>
    rest.form === undefined ? rest : { ...rest, ...(contentType === undefined ? {} : { contentType }) },
  ({ header: _header, ...rest }) => rest,
  (given) => (given.contentType === 'text/plain' ? { ...given, contentType: ['text/plain', 'text/html'] } : given),
  ({ cookie, ...rest }) => ({ ...rest, cookie: Object.fromEntries(Object.entries(cookie ?? {}).slice(1)) }),
  (given) => ({ ...given, query: mapValues(given.query, (value) => (value === null ? null : ':c')) }),
  (given) => ({ ...given, cookie: mapValues(given.cookie, (value) => (value === '1' ? /^[12]$/ : value)) }),
  (given) => (given.form === undefined ? { ...given, method: '*' } : given),
  (given) => ({ ...given, path: given.path.replace(/^\/(a|b)(?=\/|$)/, '/:loose') }),
  (given) => ({ ...given, path: given.path.replace(/^\/:(\w+)\([^)]*\)/, '/:$1') }),
  (given) => ({ ...given, path: given.path.replace(/\/[^/]+$/, '/*') }),
)

function mapValues<T>(given: Readonly<Record<string, T>> | undefined, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(given ?? {}).map(([key, value]) => [key, change(value)]))
}

const anyValue = fc.constantFrom('1', '2', '3')
const anyPairs = fc.dictionary(fc.constantFrom('p', 'q'), anyValue, { maxKeys: 2, noNullPrototype: true })
const anyRequest: fc.Arbitrary<GeneratedInput> = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
    path: fc
      .tuple(
        fc.array(fc.constantFrom('a', 'b', '1', 'a-b'), { minLength: 1, maxLength: 3 }),
        fc.constantFrom([], [], ['']),
      )
      .map(([segments, end]) => `/${[...segments, ...end].join('/')}`),
    query: anyPairs,
    form: anyPairs,
    cookie: anyPairs,
    header: fc.dictionary(fc.constantFrom('x-p', 'x-q'), anyValue, { maxKeys: 2, noNullPrototype: true }),
    host: fc.constantFrom('a.test', 'b.a.test:80', 'c'),
    type: fc.constantFrom('text/plain', urlencoded),
  })
  .map(({ method, path, query, form, cookie, header, host, type }) => {
    const headers: Record<string, string> = { ...header, host, 'content-type': type, cookie: cookieHeader(cookie) }
    return {
      method,
      host,
      target: readTarget(`${path}?${new URLSearchParams(query)}`),
      headers,
      header: (name: string) => headers[name],
      form: readForm(type, Buffer.from(String(new URLSearchParams(form)))),
    }
  })

function cookieHeader(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map((pair) => pair.join('='))
    .join('; ')
}

/** Two captures of one pattern need different names. */
function withNumber(segment: string, index: number): string {
  return segment.replace(/:([a-z])/, `:$1${index}`)
}

/** The same rules, spelled out one after the other, without any index. */
function naiveFits(pattern: Pattern, request: GeneratedInput): boolean {
  const { method, target, host = '', headers, form } = request
  if (target.path === '' || !naivePath(pattern).test(target.path)) return false
  const methods = [...pattern.methods]
  const asGet = method === 'HEAD' && methods.includes('GET')
  if (methods.length > 0 && !methods.includes(method) && !asGet) return false
  const name = host.replace(/:.*/, '')
  if (pattern.host?.startsWith('*') ? !name.endsWith(pattern.host.slice(1)) : (pattern.host ?? name) !== name)
    return false
  if (pattern.contentTypes.length > 0 && !pattern.contentTypes.includes(headers['content-type'] ?? '')) return false
  const cookies = new Map((headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string]))
  const values = {
    query: new Map(new URLSearchParams(target.query)),
    cookie: cookies,
    header: new Map(Object.entries(headers)),
    form: typeof form === 'string' ? undefined : form,
  }
  return pattern.predicates.every(({ source, name: wanted, test }) => {
    const from: ReadonlyMap<string, unknown> | undefined = values[source]
    if (from === undefined) return false
    const value = from.get(wanted) as string | undefined
    if (test.kind === 'absent') return value === undefined
    if (value === undefined) return false
    if (test.kind === 'equals') return value === test.text
    return test.regex === undefined || test.regex.test(value)
  })
}

function naivePath(pattern: Pattern): RegExp {
  const pieces = pattern.segments.map((segment) => {
    if (segment.kind === 'literal') return segment.text
    if (segment.kind === 'constrained') return `(?:${segment.source.slice(1, -1)})`
    return segment.kind === 'rest' ? '.*' : '[^/]+'
  })
  return new RegExp(`^/${pieces.join('/')}$`)
}
