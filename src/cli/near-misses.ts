import { createStaticFlags } from '../flags/index.ts'
import {
  compileRoutes,
  expectRoute,
  type MatchPattern,
  type MatchResult,
  type MatchSpec,
  type RouteDefinition,
  type RouteTable,
  type RouteTableDefinition,
  type ValuePredicate,
} from '../routing/index.ts'
import type { DescribedRequest } from './request.ts'

/** A route that takes another request which is much like this one. */
export interface NearMiss {
  readonly routeId: string
  readonly pattern: string
  /** What would have to be otherwise. */
  readonly because: readonly string[]
}

export function matchRequest(table: RouteTable, request: DescribedRequest): MatchResult {
  const { method, target, headers, form, json } = request
  const body = { ...(form !== undefined && { form }), ...(json !== undefined && { json }) }
  return expectRoute(table, `${method} ${target}`, { flags: noFlags, headers, ...body }).match
}

/** Routes that would take the request if those before them were not there, the next one first. */
export function routesBehind(definition: RouteTableDefinition, request: DescribedRequest): readonly string[] {
  const behind: string[] = []
  let rest = definition.routes
  while (behind.length <= listedMax) {
    const { route } = matchRequest(compileRoutes({ routes: rest }), request)
    if (route === undefined) break
    behind.push(route.id)
    rest = rest.filter(({ id }) => id !== route.id)
  }
  return behind.slice(1)
}

/** Patterns whose path fits, or nearly, with everything that keeps them from matching; those that lack least come first. */
export function nearMisses(definition: RouteTableDefinition, request: DescribedRequest): readonly NearMiss[] {
  const found = definition.routes.flatMap((route) =>
    patternsOf(route.match).flatMap((pattern) => {
      const because = differences(route, pattern, request)
      return because === undefined || because.length === 0
        ? []
        : [{ routeId: route.id, pattern: patternText(pattern), because }]
    }),
  )
  return found.toSorted((a, b) => a.because.length - b.because.length).slice(0, listedMax)
}

export function patternsOf(match: MatchSpec): readonly MatchPattern[] {
  const list = (Array.isArray(match) ? match : [match]) as readonly (string | MatchPattern)[]
  return list.map((pattern) => (typeof pattern === 'string' ? fromText(pattern) : pattern))
}

/** `POST /ajax.php form.action=add`, as the messages of the route table have it. */
export function patternText(pattern: MatchPattern): string {
  const { host = '', path, contentType } = pattern
  const values = valueKinds.flatMap((kind) =>
    Object.entries(pattern[kind] ?? {}).map(([name, value]) => `${kind}.${name}=${valueText(value)}`),
  )
  const type = contentType === undefined ? [] : [`type=${[contentType].flat().join('|')}`]
  return [`${methodsOf(pattern).join('|')} ${host}${path}`, ...values, ...type].join(' ')
}

// --- internal ---

const listedMax = 8
const noFlags = createStaticFlags().snapshot()
const valueKinds = ['query', 'header', 'cookie', 'form', 'json'] as const
const handler = () => new Response()

/** Undefined where another path is meant; empty where it matches. */
function differences(
  { id, flag }: RouteDefinition,
  pattern: MatchPattern,
  request: DescribedRequest,
): readonly string[] | undefined {
  const takes = (part: MatchPattern, other: Partial<DescribedRequest> = {}) => {
    const table = compileRoutes({ routes: [{ id, flag, match: part, modern: handler }] })
    return matchRequest(table, { ...request, ...other }).route !== undefined
  }
  const { path } = pattern
  const anyMethod = { method: '*', path }
  const because: string[] = []
  if (!takes(anyMethod)) {
    const like = likeTargets(request.target).find(([target]) => takes(anyMethod, { target }))
    if (like === undefined) return undefined
    because.push(like[1])
    return [...because, ...rest(like[0])]
  }
  return rest(request.target)

  function rest(target: string): readonly string[] {
    const fits = (part: MatchPattern, method = request.method) => takes(part, { target, method })
    const wanted = methodsOf(pattern)
    const found: string[] = []
    if (!fits({ method: wanted, path })) found.push(`the method is ${request.method}, not ${wanted.join(' or ')}`)
    if (pattern.host !== undefined && !fits({ ...anyMethod, host: pattern.host }))
      found.push(`the host is ${request.headers.host ?? 'not given (--header)'}, not ${pattern.host}`)
    if (pattern.contentType !== undefined && !fits({ ...anyMethod, contentType: pattern.contentType }))
      found.push(`the content type is not ${[pattern.contentType].flat().join(' or ')} (--header)`)
    for (const kind of valueKinds)
      for (const [name, value] of Object.entries(pattern[kind] ?? {})) {
        const inBody = kind === 'form' || kind === 'json'
        const part = { method: inBody ? 'POST' : '*', path, [kind]: { [name]: value } }
        if (!fits(part, inBody ? 'POST' : undefined)) found.push(`${kind} ${name} is not ${valueText(value)}`)
      }
    return found
  }
}

function likeTargets(target: string): readonly (readonly [target: string, because: string])[] {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark)
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  return [
    [`${other}${query}`, path.endsWith('/') ? 'the path ends with a slash' : 'the path does not end with a slash'],
    [`${path.toLowerCase()}${query}`, 'the path has capitals'],
  ]
}

/** As the table reads it: 'GET /mods/:id' or '/mods/:id'. */
function fromText(text: string): MatchPattern {
  const [, method, path] = /^([^/\s]+)\s+(.*)$/.exec(text) ?? []
  return method === undefined || path === undefined ? { path: text } : { method: method.split('|'), path }
}

function methodsOf({ method, form, json }: MatchPattern): readonly string[] {
  if (method !== undefined) return typeof method === 'string' ? [method] : method
  return [form === undefined && json === undefined ? 'GET' : 'POST']
}

function valueText(value: ValuePredicate): string {
  return value === null ? '(absent)' : String(value)
}
