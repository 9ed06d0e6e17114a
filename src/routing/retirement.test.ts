import { describe, expect, it } from 'vitest'
import { checkRoutes, compileRoutes } from './compile.ts'
import { redirectLocation } from './retirement.ts'
import type { MatchSpec, Retirement, RouteDefinition } from './route-definition.ts'

function retired(match: MatchSpec, how: unknown): { readonly routes: readonly RouteDefinition[] } {
  return { routes: [{ id: 'r', match, flag: 'f', stage: 'retired', retired: how as Retirement }] }
}

function problemsOf(match: MatchSpec, how: unknown): readonly string[] {
  return checkRoutes(retired(match, how)).map(({ problem, fix }) => `${problem}; ${fix}`)
}

describe('a retired route', () => {
  it('says what answers, and needs a handler only where that is the handler', () => {
    const compiled = (how: Retirement) => compileRoutes(retired('/a/:id', how)).routes[0]?.retired
    expect(compiled('gone')).toEqual({ kind: 'gone' })
    expect(compiled({ redirect: '/b/:id' })).toEqual({ kind: 'redirect', to: '/b/:id', status: 301 })
    expect(compiled({ redirect: 'https://new.test/b?id=:id', status: 308 })).toEqual({
      kind: 'redirect',
      to: 'https://new.test/b?id=:id',
      status: 308,
    })
    expect(problemsOf('/a', 'modern')).toEqual(['modern is no function; give the handler itself: (c) => Response'])
    const route = { id: 'r', match: '/a', flag: 'f', modern: () => new Response(), retired: 'modern' } as const
    expect(checkRoutes({ routes: [{ ...route, stage: 'retired' }] })).toEqual([])
  })

  it('is refused where it does not say so, or says so in another stage', () => {
    const base = { id: 'r', match: '/a', flag: 'f', modern: () => new Response() }
    const how = "retired: 'gone', { redirect: '/path/:name' } or 'modern'"
    expect(checkRoutes({ routes: [{ ...base, stage: 'retired' }] })).toEqual([
      { routeId: 'r', problem: "stage 'retired' does not say what answers", fix: `write ${how}` },
    ])
    expect(checkRoutes({ routes: [{ ...base, retired: 'gone' }] })).toEqual([
      {
        routeId: 'r',
        problem: "'retired' is there, but the stage is another one",
        fix: "write stage: 'retired', or leave it out",
      },
    ])
    for (const nonsense of ['away', 7, {}, { redirect: 1 }, null])
      expect(problemsOf('/a', nonsense)).toEqual([`'retired' is malformed; write ${how}`])
  })

  it('is refused where its redirect goes nowhere, or has a status that is none', () => {
    for (const target of [
      'b',
      '//evil.test/',
      'ftp://a/',
      'https://:host/',
      '/a b',
      '/a\\b',
      '/é',
      'https://a.test:x/',
      '',
    ])
      expect(problemsOf('/a/:host/:x', { redirect: target })[0]).toContain('is no target for a redirect')
    expect(problemsOf('/a', { redirect: '/b', status: 303 })).toEqual([
      "status 303 is none of a redirect's; write 301, 302, 307, 308, or leave it out for 301",
    ])
  })

  it('is refused where its redirect needs what a pattern does not capture', () => {
    expect(problemsOf(['/a/:id', '/b/:name'], { redirect: '/c/:id' })).toEqual([
      "the redirect needs ':id', which 'GET /b/:name' does not capture; use one of ':name', or capture it in the pattern",
    ])
    expect(problemsOf('/a', { redirect: '/b/*' })).toEqual([
      "the redirect needs '*', which 'GET /a' does not capture; redirect to a fixed target, or capture it in the pattern",
    ])
    expect(problemsOf({ path: '/a/*', query: { id: ':id' } }, { redirect: 'http://a.test:80/:id/*?id=:id' })).toEqual(
      [],
    )
  })
})

describe('the location of a redirect', () => {
  it('holds what was captured, encoded so that it stays one segment or value', () => {
    expect(redirectLocation('/mods/:id', { id: '7' })).toBe('/mods/7')
    expect(redirectLocation('/m/:id-:id?q=:q#:q', { id: 'a/b', q: 'é&x=1\r\nA: b' })).toBe(
      '/m/a%2Fb-a%2Fb?q=%C3%A9%26x%3D1%0D%0AA%3A%20b#%C3%A9%26x%3D1%0D%0AA%3A%20b',
    )
    expect(redirectLocation('https://a.test:8080/:id', { id: '$&' })).toBe('https://a.test:8080/%24%26')
    expect(redirectLocation('/new/*', { '*': 'a b/c?/' })).toBe('/new/a%20b/c%3F/')
    expect(redirectLocation('/new/*?from=old', { '*': '' })).toBe('/new/?from=old')
  })

  it('never leads to another host by an empty value, nor fails for half a character', () => {
    expect(redirectLocation('/:a/:b', { a: '', b: 'evil.test' })).toBe('/evil.test')
    expect(redirectLocation('/:a', { a: '\ud800' })).toBe('/%EF%BF%BD')
  })
})
