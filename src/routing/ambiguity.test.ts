import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRoutes, lintRoutes } from './compile.ts'
import type { MatchSpec } from './route-definition.ts'
import { naiveMatch } from './testing/naive-matcher.ts'
import { anyPattern, anyRequest } from './testing/random-tables.ts'

function lint(...specs: readonly MatchSpec[]): readonly string[] {
  return lintRoutes(tableOf(specs)).map(({ routeId, problem }) => `${routeId}: ${problem}`)
}

describe('routes that only their order in the table tells apart', () => {
  it('are named, with a request that both take', () => {
    expect(lint({ path: '/i.php', query: { page: 'mod' } }, { path: '/i.php', query: { tab: 'files' } })).toEqual([
      "r1: 'GET /i.php query.tab=files' and 'GET /i.php query.page=mod' of 'r0' both take 'GET /i.php' with query 'page' " +
        "'mod' with query 'tab' 'files', and only their order in the table gives it to 'r0', in different groups ('f0', 'f1')",
    ])
    expect(lint('/mod-:id(\\d+).html', '/mod-:year(\\d{4}).html')[0]).toContain("both take 'GET /mod-2024.html'")
  })

  it.each<[string, MatchSpec, MatchSpec]>([
    ['two expressions of a value', { path: '/a', query: { p: /^\d+$/ } }, { path: '/a', query: { p: /^1/ } }],
    ['a header and a cookie', { path: '/a', header: { x: '1' } }, { path: '/a', cookie: { y: '1' } }],
    [
      'methods that overlap',
      { path: '/a', method: ['GET', 'POST'], query: { p: '1' } },
      { path: '/a', method: ['GET', 'PUT'], query: { q: '1' } },
    ],
    ['methods that overlap in the same pattern', 'GET|POST /a', 'GET|PUT /a'],
    ['an absent value', { path: '/a', query: { p: null } }, { path: '/a', query: { q: '1' } }],
    ['values of one form', { path: '/a', form: { p: '1' } }, { path: '/a', form: { q: '1' } }],
    [
      'content types that overlap',
      { path: '/a', contentType: ['a/b', 'c/d'] },
      { path: '/a', contentType: ['c/d', 'e/f'] },
    ],
    ['expressions in the path', '/:x([a-z]+)/:y', '/:x(\\w+)/:z'],
  ])('are named for %s', (_what, a, b) => {
    expect(lint(a, b)).toHaveLength(1)
  })

  it.each<[string, MatchSpec, MatchSpec]>([
    ['one is narrower', '/a/:id', '/a/:id(\\d+)'],
    ['a value differs', { path: '/a', query: { p: '1' } }, { path: '/a', query: { p: '2' } }],
    ['a value must and must not be there', { path: '/a', query: { p: null } }, { path: '/a', query: { p: '2' } }],
    ['expressions exclude each other', '/:x(\\d+)', '/:x([a-z]+)'],
    ['literal text in a segment differs', '/a-:x', '/b-:x'],
    [
      'methods differ',
      { method: 'GET', path: '/a', query: { p: '1' } },
      { method: 'POST', path: '/a', query: { q: '1' } },
    ],
    ['hosts differ', { path: '/a', host: 'a.test' }, { path: '/a', host: 'b.test' }],
    ['content types differ', { path: '/a', contentType: 'a/b' }, { path: '/a', contentType: 'c/d' }],
    ['one is a form, one is JSON', { path: '/a', form: { p: '1' } }, { path: '/a', json: { '/p': '1' } }],
  ])('are not those of which %s', (_what, a, b) => {
    expect(lint(a, b)).toEqual([])
  })

  it('are not two patterns of one route', () => {
    expect(
      lint([
        { path: '/i.php', query: { page: 'mod' } },
        { path: '/i.php', query: { tab: 'files' } },
      ]),
    ).toEqual([])
  })

  it('are all named: whatever request goes elsewhere when a table is turned round', () => {
    const seen = { turned: 0, silent: 0 }
    // On few paths, so that many patterns compete.
    const onFewPaths = fc.tuple(anyPattern, fc.constantFrom('/a', '/:y(\\d+)', '/:z(1|a)', '/:x'))
    const few = fc.array(onFewPaths, { minLength: 2, maxLength: 4 })
    const asked = fc.array(fc.tuple(anyRequest, fc.constantFrom('/a', '/1')), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(few, asked, (patterns, requests) => {
        const definition = tableOf(patterns.map(([pattern, path]) => ({ ...pattern, path })))
        if (checkRoutes(definition).length > 0) return
        const warned = lintRoutes(definition).length > 0
        seen.silent += warned ? 0 : 1
        const reversed = { routes: definition.routes.toReversed() }
        for (const [request, path] of requests) {
          const given = { ...request, path }
          if (naiveMatch(definition, given)?.routeId === naiveMatch(reversed, given)?.routeId) continue
          seen.turned += 1
          expect(warned).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
    expect(seen.turned).toBeGreaterThan(50)
    expect(seen.silent).toBeGreaterThan(100)
  })
})

function tableOf(specs: readonly MatchSpec[]) {
  return { routes: specs.map((match, n) => ({ id: `r${n}`, match, flag: `f${n}`, modern: () => new Response() })) }
}
