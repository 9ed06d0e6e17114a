import type { MatchPattern, MatchSpec, RouteTableDefinition, ValuePredicate } from '../route-definition.ts'

// What the matcher has to agree with: each rule written down once more, straight from the definition and without any of its
// code, index or order of evaluation. It looks at every pattern of the table and sorts those that fit.

export type Values = Readonly<Record<string, string>>

/** A request taken apart, before anything is encoded. */
export interface PlainRequest {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly query: Values
  readonly headers: Values
  readonly cookies: Values
  readonly contentType: string
  readonly form: Values
  readonly json: Readonly<Record<string, string | number | boolean | null>>
}

export interface NaiveMatch {
  readonly routeId: string
  readonly params: Values
  /** How many patterns fit. */
  readonly fitting: number
}

export function naiveMatch(table: RouteTableDefinition, request: PlainRequest): NaiveMatch | undefined {
  const all = table.routes.flatMap(({ id, match }) => patternsOf(match).map((pattern) => ({ id, pattern })))
  const fitting = all.filter(({ pattern }) => naiveFits(pattern, request))
  const [first] = fitting.toSorted((a, b) => compareKeys(precedenceKey(a.pattern), precedenceKey(b.pattern)))
  return first && { routeId: first.id, params: paramsOf(first.pattern, request), fitting: fitting.length }
}

export function naiveFits(pattern: MatchPattern, request: PlainRequest): boolean {
  return (
    pathExpression(pattern.path).test(request.path) &&
    methodFits(pattern, request.method) &&
    hostFits(pattern.host, request.host) &&
    typeFits(pattern, request.contentType) &&
    allHold(pattern.query, request.query, true) &&
    allHold(pattern.header, request.headers, false) &&
    allHold(pattern.cookie, request.cookies, false) &&
    (pattern.form === undefined || (isFormType(request.contentType) && allHold(pattern.form, request.form, false))) &&
    (pattern.json === undefined || (isJsonType(request.contentType) && allJsonHold(pattern.json, request.json)))
  )
}

// --- internal ---

function patternsOf(match: MatchSpec): readonly MatchPattern[] {
  const list = (Array.isArray(match) ? match : [match]) as readonly (string | MatchPattern)[]
  return list.map((given) => {
    if (typeof given !== 'string') return given
    const [method, path] = given.split(' ')
    return path === undefined ? { path: given } : { method: method!.split('|'), path }
  })
}

const capture = /(:\w+(?:\([^)]*\))?)/

function pathExpression(path: string): RegExp {
  const segments = path.slice(1).split('/')
  const expressions = segments.map((segment) => {
    if (segment === '*') return '(?<rest>.*)'
    return segment
      .split(capture)
      .map((piece, index) => (index % 2 === 0 ? literal(piece) : captureExpression(piece)))
      .join('')
  })
  return new RegExp(`^/${expressions.join('/')}$`, 'u')
}

function literal(text: string): string {
  return text.replace(/[.*+?^$(){}|[\]\\/]/g, '\\$&')
}

function captureExpression(piece: string): string {
  const [, name, constraint = '[^/]+?'] = /^:(\w+)(?:\((.*)\))?$/.exec(piece)!
  return `(?<${name}>${constraint})`
}

function methodsOf({ method, form, json }: MatchPattern): readonly string[] {
  if (method === undefined) return [form === undefined && json === undefined ? 'GET' : 'POST']
  return typeof method === 'string' ? [method] : method
}

function methodFits(pattern: MatchPattern, method: string): boolean {
  const methods = methodsOf(pattern)
  return methods.includes('*') || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
}

function hostFits(wanted: string | undefined, host: string): boolean {
  if (wanted === undefined) return true
  return wanted.startsWith('*') ? host.endsWith(wanted.slice(1)) : host === wanted
}

function typesOf({ contentType }: MatchPattern): readonly string[] {
  if (contentType === undefined) return []
  return typeof contentType === 'string' ? [contentType] : contentType
}

function typeFits(pattern: MatchPattern, type: string): boolean {
  const types = typesOf(pattern)
  return types.length === 0 || types.includes(type)
}

function isFormType(type: string): boolean {
  return type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data'
}

function isJsonType(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}

/** Pointers of one step, names as they are. */
function allJsonHold(wanted: NonNullable<MatchPattern['json']>, values: PlainRequest['json']): boolean {
  return Object.entries(wanted).every(([pointer, predicate]) => {
    const value = values[pointer.slice(1)]
    return value !== null && holds(predicate, value === undefined ? undefined : `${value}`, false)
  })
}

function allHold(wanted: MatchPattern['query'], values: Values, mayCapture: boolean): boolean {
  return Object.entries(wanted ?? {}).every(([name, predicate]) => holds(predicate, values[name], mayCapture))
}

function holds(wanted: ValuePredicate, value: string | undefined, mayCapture: boolean): boolean {
  if (wanted === null) return value === undefined
  if (value === undefined) return false
  if (wanted instanceof RegExp) return wanted.test(value)
  if (!mayCapture || !wanted.startsWith(':')) return value === wanted
  const constraint = /\((.*)\)/.exec(wanted)?.[1]
  return value !== '' && (constraint === undefined || new RegExp(`^(?:${constraint})$`).test(value))
}

/** Smaller comes first; the order in the table is left to the stable sort. */
function precedenceKey(pattern: MatchPattern): readonly (number | string)[] {
  const methods = methodsOf(pattern)
  const taken = methods.includes('*') ? 1_000 : new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods).size
  const types = typesOf(pattern).length
  const strengths = predicatesOf(pattern)
  return [
    pathKey(pattern.path),
    pattern.host === undefined ? 2 : pattern.host.startsWith('*') ? 1 : 0,
    pattern.host?.startsWith('*') ? -pattern.host.length : 0,
    -(strengths.length + Math.min(types, 1)),
    -(strengths.filter((strength) => strength === 'exact').length + Math.min(types, 1)),
    -strengths.filter((strength) => strength === 'expression').length,
    types,
    taken,
  ]
}

/** Compared as text: a digit per segment, and the shorter of two equal beginnings first. */
function pathKey(path: string): string {
  return path
    .slice(1)
    .split('/')
    .map((segment) => (segment === '*' ? 3 : /^:\w+$/.test(segment) ? 2 : segment.includes(':') ? 1 : 0))
    .join('')
}

function predicatesOf({
  query,
  header,
  cookie,
  form,
  json,
}: MatchPattern): readonly ('exact' | 'expression' | 'any')[] {
  const captures = Object.values(query ?? {}).filter((value) => typeof value === 'string' && value.startsWith(':'))
  const all = [query, header, cookie, form, json].flatMap((wanted) => Object.values(wanted ?? {}))
  return all.map((value) => {
    if (captures.includes(value)) return String(value).includes('(') ? 'expression' : 'any'
    return value instanceof RegExp ? 'expression' : 'exact'
  })
}

function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  if (at === -1) return 0
  return a[at]! < b[at]! ? -1 : 1
}

function paramsOf(pattern: MatchPattern, request: PlainRequest): Values {
  const { rest, ...named } = pathExpression(pattern.path).exec(request.path)?.groups ?? {}
  const params: Record<string, string> = rest === undefined ? { ...named } : { ...named, '*': rest }
  for (const [name, wanted] of Object.entries(pattern.query ?? {}))
    if (typeof wanted === 'string' && wanted.startsWith(':')) params[/^:(\w+)/.exec(wanted)![1]!] = request.query[name]!
  return params
}
