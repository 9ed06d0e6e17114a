import fc from 'fast-check'
import { readBodyFields } from '../body-fields.ts'
import type { MatchPattern, MatchSpec, RouteTableDefinition } from '../route-definition.ts'
import type { MatchInput } from '../route-table.ts'
import { readTarget } from '../target.ts'
import type { PlainRequest, Values } from './naive-matcher.ts'

// Few names and values, so that patterns often compete for a request.

const urlencoded = 'application/x-www-form-urlencoded'
const fields = ['p', 'q'] as const
const jsonTypes = ['application/json', 'application/vnd.api+json'] as const

const anySegment = fc.constantFrom('a', 'a', ':x', ':x', ':y(\\d+)', ':z([ab]+)', 'é :w', ':v(a|1).html')
const anyPath = fc
  .tuple(fc.array(anySegment, { minLength: 1, maxLength: 2 }), fc.constantFrom([], [], [], ['*'], ['']))
  .map(([segments, end]) => `/${[...segments, ...end].map(withNumber).join('/')}`)
const anyTest = fc.constantFrom<string | RegExp | null>('1', 'é 2', /^[12]$/, null)
const anyTests = dictionaryOf(fields, anyTest, 1, 2)
const wholePattern = fc.record({
  path: anyPath,
  method: fc.constantFrom<string | string[]>('GET', 'HEAD', 'POST', '*', ['GET', 'POST']),
  host: fc.constantFrom('a.test', '*.test', '*.a.test'),
  query: dictionaryOf(fields, fc.oneof(anyTest, fc.constantFrom(':c', ':c(\\d)')), 1, 1),
  header: dictionaryOf(['x-p', 'x-q'], fc.constantFrom<string | RegExp | null>('1', '2', /^[12]$/, null), 1, 1),
  cookie: anyTests,
  contentType: fc.constantFrom<string | string[]>('text/plain', urlencoded, ['text/plain', urlencoded]),
  form: anyTests,
  json: dictionaryOf(['/p', '/q'], fc.oneof(anyTest, fc.constant('true')), 1, 2),
})
const extras = ['method', 'host', 'query', 'header', 'cookie', 'contentType', 'form', 'json'] as const
/** Half of the patterns look at nothing but the path. */
const anyExtras: fc.Arbitrary<readonly (typeof extras)[number][]> = fc
  .tuple(fc.boolean(), fc.subarray([...extras], { maxLength: 2 }))
  .map(([isPlain, some]) => (isPlain ? [] : some))

export const anyPattern: fc.Arbitrary<MatchPattern> = fc.tuple(wholePattern, anyExtras).map(([whole, chosen]) => {
  const picked = Object.fromEntries(chosen.map((key) => [key, whole[key]]))
  if (chosen.includes('json')) {
    const { form: _form, contentType: _type, ...rest } = picked
    return { path: whole.path, ...rest, method: ['POST', 'PUT'] }
  }
  const asForm = chosen.includes('form') ? { method: 'POST', contentType: urlencoded } : {}
  return { path: whole.path, ...picked, ...asForm }
})

/** Some of the patterns as text, some as one of several of a route. */
export const anyTable: fc.Arbitrary<RouteTableDefinition> = fc
  .array(fc.array(fc.tuple(anyPattern, fc.boolean()), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 6 })
  .map((routes) => ({
    routes: routes.map((patterns, index) => {
      const [first, ...rest] = patterns.map(([pattern, short]) => (short ? asText(pattern) : pattern))
      const match: MatchSpec = rest.length === 0 ? first! : [first!, ...rest]
      return { id: `r${index}`, match, flag: 'f', modern: () => new Response() }
    }),
  }))

const anyValue = fc.constantFrom('1', 'é 2', '3&=;%')
const anyValues = dictionaryOf(fields, anyValue, 0, 2)

export const anyRequest: fc.Arbitrary<PlainRequest> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT'),
  path: fc
    .tuple(
      fc.array(fc.constantFrom('a', 'a', '1', '1', 'é b', 'a.html'), { minLength: 1, maxLength: 2 }),
      fc.constantFrom([], [], [], ['']),
    )
    .map(([segments, end]) => `/${[...segments, ...end].join('/')}`),
  query: anyValues,
  form: anyValues,
  json: dictionaryOf(fields, fc.constantFrom<string | number | boolean | null>('1', 1, 'é 2', true, null), 0, 2),
  cookies: anyValues,
  headers: dictionaryOf(['x-p', 'x-q'], fc.constantFrom('1', '2', '3'), 0, 2),
  host: fc.constantFrom('a.test', 'b.a.test', 'c'),
  contentType: fc.constantFrom('text/plain', urlencoded, urlencoded, ...jsonTypes),
})

/** The request as it stands on the wire, its body read or not. */
export function toMatchInput(request: PlainRequest, isRead: boolean): MatchInput {
  const contentType = `${request.contentType.toUpperCase()}; charset=utf-8`
  const headers: Values = { ...request.headers, 'content-type': contentType, cookie: cookieHeader(request.cookies) }
  const path = request.path.split('/').map(encodeURIComponent).join('/')
  const isForm = request.contentType === urlencoded
  const body = Buffer.from(isForm ? String(new URLSearchParams(request.form)) : JSON.stringify(request.json))
  return {
    method: request.method,
    host: `${request.host}:8080`,
    target: readTarget(`${path}?${new URLSearchParams(request.query)}`),
    header: (name) => headers[name],
    body: isRead ? readBodyFields(contentType, body) : 'not-read',
  }
}

// --- internal ---

function dictionaryOf<T>(names: readonly string[], value: fc.Arbitrary<T>, minKeys: number, maxKeys: number) {
  return fc.dictionary(fc.constantFrom(...names), value, { minKeys, maxKeys, noNullPrototype: true })
}

/** Two captures of one pattern need different names. */
function withNumber(segment: string, index: number): string {
  return segment.replace(/:([a-z])/, `:$1${index}`)
}

function asText(pattern: MatchPattern): string | MatchPattern {
  const { path, method, ...rest } = pattern
  if (Object.keys(rest).length > 0 || path.includes(' ')) return pattern
  return method === undefined ? path : `${[method].flat().join('|')} ${path}`
}

function cookieHeader(cookies: Values): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('; ')
}
