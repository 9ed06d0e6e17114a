import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRoutes, compileRoutes } from './compile.ts'
import { type Pattern, parsePattern } from './pattern.ts'
import { comparePatterns, shapeOf } from './precedence.ts'
import type { MatchPattern } from './route-definition.ts'
import type { MatchResult } from './route-table.ts'
import { type NaiveMatch, naiveFits, naiveMatch } from './testing/naive-matcher.ts'
import { anyPattern, anyRequest, anyTable, toMatchInput } from './testing/random-tables.ts'

describe('every route table', () => {
  it('compiles to a matcher that agrees with a naive one: 10,000 random tables, five requests each', () => {
    const seen = { compiled: 0, matched: 0, contested: 0, bodies: 0 }
    fc.assert(
      fc.property(anyTable, fc.array(anyRequest, { minLength: 5, maxLength: 5 }), (definition, requests) => {
        const problems = checkRoutes(definition)
        // The generator makes tables in which nothing is wrong, but for patterns that others shadow.
        if (problems.length > 0) return problems.every(({ problem }) => /shadowed|twice/.test(problem))
        seen.compiled += 1
        const table = compileRoutes(definition)
        for (const request of requests) {
          const expected = naiveMatch(definition, request)
          const found = table.match(toMatchInput(request, true))
          if (found.needsBody || !isSame(found, expected)) expect(found).toEqual(expected)
          const unread = table.match(toMatchInput(request, false))
          // Whatever the body says, reading it may not change the answer where it wasn't asked for.
          if (!unread.needsBody && !isSame(unread, expected)) expect(unread).toEqual(expected)
          seen.matched += expected === undefined ? 0 : 1
          seen.contested += (expected?.fitting ?? 0) > 1 ? 1 : 0
          seen.bodies += unread.needsBody ? 1 : 0
        }
        return true
      }),
      { numRuns: 12_000 },
    )
    expect(seen.compiled).toBeGreaterThanOrEqual(10_000)
    expect(seen.matched).toBeGreaterThan(5_000)
    expect(seen.contested).toBeGreaterThan(1_000)
    expect(seen.bodies).toBeGreaterThan(100)
  }, 60_000)

  it('puts the narrower of two patterns first, whichever stands first in the table', () => {
    let narrower = 0
    const loosenings = fc.array(anyLoosening, { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(anyPattern, loosenings, anyRequest, (given, chosen, request) => {
        const loosened = chosen.reduce((pattern, loosen) => loosen(pattern), given)
        if (naiveFits(given, request)) expect(naiveFits(loosened, request)).toBe(true)
        const [narrow, wide] = [parsed(given), parsed(loosened)]
        if (shapeOf(narrow) === shapeOf(wide) && narrow.methods.size === wide.methods.size) return
        narrower += 1
        expect(comparePatterns(narrow, wide)).toBeLessThan(0)
        expect(comparePatterns(wide, narrow)).toBeGreaterThan(0)
      }),
      { numRuns: 3_000 },
    )
    expect(narrower).toBeGreaterThan(500)
  })
})

// --- internal ---

/** Told apart without vitest's matchers, which would take most of the test's time. */
function isSame({ route, params }: MatchResult, expected: NaiveMatch | undefined): boolean {
  if (expected === undefined) return route === undefined && Object.keys(params).length === 0
  const names = Object.keys(expected.params)
  return (
    route?.id === expected.routeId &&
    names.length === Object.keys(params).length &&
    names.every((name) => params[name] === expected.params[name])
  )
}

function parsed(spec: string | MatchPattern): Pattern {
  const { pattern, problems } = parsePattern(spec) as { pattern?: Pattern; problems?: readonly unknown[] }
  if (pattern === undefined) throw new Error(`the generator made a bad pattern: ${JSON.stringify(problems)}`)
  return pattern
}

type Loosening = (pattern: MatchPattern) => MatchPattern

/** Each takes all that the given pattern takes, or leaves it as it is. */
const anyLoosening: fc.Arbitrary<Loosening> = fc.constantFrom<Loosening>(
  ({ host: _host, ...rest }) => rest,
  ({ contentType, ...rest }) =>
    rest.form === undefined && rest.json === undefined
      ? rest
      : { ...rest, ...(contentType === undefined ? {} : { contentType }) },
  ({ header: _header, ...rest }) => rest,
  (given) => (given.contentType === 'text/plain' ? { ...given, contentType: ['text/plain', 'text/html'] } : given),
  ({ cookie, ...rest }) => ({ ...rest, cookie: Object.fromEntries(Object.entries(cookie ?? {}).slice(1)) }),
  (given) => ({ ...given, query: mapValues(given.query, (value) => (value === null ? null : ':c')) }),
  (given) => ({ ...given, cookie: mapValues(given.cookie, (value) => (value === '1' ? /^[12]$/ : value)) }),
  (given) => (given.form === undefined && given.json === undefined ? { ...given, method: '*' } : given),
  (given) => ({ ...given, path: given.path.replace(/^\/(a|é b)(?=\/|$)/, '/:loose') }),
  (given) => ({ ...given, path: given.path.replace(/^\/:(\w+)\([^)]*\)(?=\/|$)/, '/:$1') }),
  (given) => ({ ...given, path: given.path.replace(/\/[^/]+$/, '/*') }),
)

function mapValues<T>(given: Readonly<Record<string, T>> | undefined, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(given ?? {}).map(([key, value]) => [key, change(value)]))
}
