import { describe, expect, it } from 'vitest'
import { isAppError } from '../platform/index.ts'
import { checkRoutes, compileRoutes, type KnownNames } from './compile.ts'
import type { MatchSpec, RouteDefinition, RouteTableDefinition } from './route-definition.ts'

const modern = () => new Response()

function table(...routes: readonly (Partial<RouteDefinition> & { readonly match: MatchSpec })[]): RouteTableDefinition {
  return { routes: routes.map((given, index) => ({ id: `r${index + 1}`, flag: 'f', modern, ...given })) }
}

function problemsOf(definition: RouteTableDefinition, known?: KnownNames): readonly string[] {
  return checkRoutes(definition, known).map(({ routeId, problem }) => `${routeId}: ${problem}`)
}

describe('a route table', () => {
  it('compiles, with what was left out filled in', () => {
    const compiled = compileRoutes(
      table({ match: 'GET /mods/:id', reads: ['mods'] }, { match: '/b', default: 'legacy' }),
    )
    expect(compiled.routes.map(({ id }) => id)).toEqual(['r1', 'r2'])
    expect(compiled.routes.find(({ id }) => id === 'r1')).toMatchObject({
      reads: ['mods'],
      writes: [],
      default: 'legacy',
    })
  })

  it('is refused with every problem at once, each with its route and the fix', () => {
    const broken = table(
      { id: 'page', match: 'GET /mods/:id(\\d+' },
      { id: 'page', match: 'GET /x', reads: ['modz'], writes: ['users'] },
      { id: 'list', match: ['get /y', '/a//b'] },
      { id: 'again', match: 'GET /x', flag: 'g' },
    )
    let message = ''
    try {
      compileRoutes(broken, { tables: ['mods', 'users'], flags: ['f'] })
    } catch (error) {
      expect(isAppError(error, 'routing.invalid-table')).toBe(true)
      message = (error as Error).message
    }
    expect(message.split('\n  ')).toEqual([
      'the route table has 7 problem(s):',
      "route 'page': in 'GET /mods/:id(\\d+': path '/mods/:id(\\d+' has a '(' without its ')'; close the constraint",
      "route 'page': table 'modz' is not in the sync configuration; add it, or use one of the known tables: mods, users",
      "route 'list': in 'get /y': 'get' is no method; write 'GET', 'POST', … in capitals, or '*' for any",
      "route 'list': in '/a//b': no request can reach it: targets with this (empty-segment) are never matched; " +
        'write the path as a browser would send it, with one slash between segments',
      "route 'again': flag 'g' is not known; add it, or use one of the known flags: f",
      "route 'page': 2 routes have this id; give each route an id of its own",
      "route 'again': 'GET /x' is also in 'page', in another group (flags 'g' and 'f'); " +
        'keep it in one of them, or add a predicate that tells them apart',
    ])
  })

  it.each<[string, MatchSpec, RegExp]>([
    ['a path without a slash', 'mods/:id', /does not begin with '\/'/],
    ['an empty list', [], /match is missing/],
    ['a star in the middle', '/a/*/b', /'\*' stands before the end/],
    ['an expression that does not compile', '/:id(+)', /is no regular expression/],
    ['an expression that captures', '/:id((\\d)+)', /captures on its own/],
    ['an anchor', '/:id(^\\d+$)', /has an anchor/],
    ['an expression that takes anything', '/:id(.*)', /takes anything/],
    ['brackets without a name', '/a(b)', /does not follow a ':name'/],
    ['a name captured twice', '/:id/:id', /captures ':id' twice/],
    ['a name captured twice, in path and query', { path: '/:id', query: { x: ':id' } }, /captures ':id' twice/],
    ['a dangerous name', '/:__proto__', /captures ':__proto__'/],
    ['a dot segment', '/a/../b', /dot-segment/],
    ['a semicolon', '/a;b', /semicolon/],
    ['a query in the path', '/index.php?page=mod', /has a '\?' or '#'/],
    ['a percent-encoded path', '/caf%C3%A9', /percent-encoded/],
    ['a name that PHP changes', { path: '/a', query: { 'mod.id': '1' } }, /PHP has no such name/],
    ['a name with brackets', { path: '/a', query: { 'id[]': '1' } }, /PHP has no such name/],
    ['a capture that is none', { path: '/a', query: { id: ':1' } }, /is no capture/],
    ['a stateful expression', { path: '/a', query: { id: /x/g } }, /remembers where it stopped/],
    ['a bad header name', { path: '/a', header: { 'x y': '1' } }, /is no header name/],
    ['a bad host', { path: '/a', host: 'http://a' }, /is no host name/],
    ['a bad content type', { path: '/a', contentType: 'json' }, /is no content type/],
    ['a form field of a GET', { method: 'GET', path: '/a', form: { x: '1' } }, /only a POST has form fields/],
    ['a JSON pointer that is none', { path: '/a', json: { 'a.b': '1' } }, /'a.b' is no JSON pointer/],
    ['a JSON pointer with a stray tilde', { path: '/a', json: { '/a~b': '1' } }, /is no JSON pointer/],
    ['a JSON value of a GET', { method: ['GET', 'POST'], path: '/a', json: { '/x': '1' } }, /has no JSON body/],
    ['a JSON value in a form', { path: '/a', json: { '/x': '1' }, contentType: 'multipart/form-data' }, /is no JSON$/],
    ['fields of a form and of JSON', { path: '/a', json: { '/x': '1' }, form: { x: '1' } }, /has none for 'json'/],
    ['a form field in JSON', { path: '/a', form: { x: '1' }, contentType: 'application/json' }, /has no form fields/],
  ])('is refused for %s', (_what, match, problem) => {
    const problems = checkRoutes(table({ match }))
    expect(problems.map((each) => each.problem).join('\n')).toMatch(problem)
    expect(problems.every(({ fix }) => fix !== '')).toBe(true)
  })

  it('is refused where a pattern can never be reached because others take all of its requests', () => {
    expect(problemsOf(table({ match: 'GET /a/:id' }, { match: 'GET /a/:name' }))).toEqual([
      "r2: 'GET /a/:name' is shadowed by 'r1': it can never be reached",
    ])
    expect(problemsOf(table({ match: 'GET /a' }, { match: 'POST /a' }, { match: 'GET|POST /a' }))).toEqual([
      "r3: 'GET|POST /a' is shadowed by 'r1' and 'r2': it can never be reached",
    ])
    expect(problemsOf(table({ match: ['/a', 'GET /a'] }))).toEqual(["r1: it lists 'GET /a' twice"])
    const query = { path: '/i.php', query: { page: 'mod', id: ':id' } }
    const same = { path: '/i.php', query: { id: ':number', page: 'mod' } }
    expect(problemsOf(table({ match: query }, { match: same }))).toHaveLength(1)
  })

  it('may narrow a pattern of another route, by method, predicate or path', () => {
    const narrower: MatchSpec[] = [
      'GET /a',
      '* /a',
      'GET|POST /a',
      'HEAD /a',
      '/:x',
      '/:x(\\d+)',
      '/*',
      { path: '/a', query: { x: '1' } },
      { path: '/a', query: { x: ':x' } },
      { path: '/a', query: { x: null } },
      { path: '/a', host: 'www.site' },
      { path: '/a', host: '*.site' },
      { path: '/a', contentType: 'text/plain' },
    ]
    expect(problemsOf(table(...narrower.map((match) => ({ match }))))).toEqual([])
  })

  it('is refused where routes of one group would part when the flags cannot be read', () => {
    expect(problemsOf(table({ match: '/a' }, { match: '/b', default: 'modern' }))).toEqual([
      "r2: its default differs from that of 'r1', which shares flag 'f'",
    ])
  })

  it('is refused where it says neither that a route starts a flow nor that it does not', () => {
    expect(problemsOf(table({ match: '/a', startsFlow: true }))).toEqual([])
    expect(problemsOf(table({ match: '/a', startsFlow: 'yes' as unknown as boolean }))).toEqual([
      'r1: startsFlow is neither true nor false',
    ])
  })

  it('that was never type-checked is refused rather than trusted', () => {
    const nonsense = [undefined, {}, { routes: 'x' }, { routes: [null, { id: 1 }, { id: 'a', match: {}, flag: '..' }] }]
    for (const given of nonsense) {
      const problems = checkRoutes(given as unknown as RouteTableDefinition)
      expect(problems.length).toBeGreaterThan(0)
    }
  })
})
