import { isJson, pointerProblem } from './json-fields.ts'
import { type PatternProblem, parseCapture, parsePathPattern, type Segment } from './path-pattern.ts'
import { mediaType, phpNameOf } from './php-values.ts'
import type { MatchPattern, ValuePredicate } from './route-definition.ts'

export type ValueTest =
  | { readonly kind: 'equals'; readonly text: string }
  | { readonly kind: 'matches'; readonly regex: RegExp }
  | { readonly kind: 'absent' }
  | { readonly kind: 'captured'; readonly name: string; readonly regex: RegExp | undefined }

export type PredicateSource = 'query' | 'header' | 'cookie' | 'form' | 'json'

export interface Predicate {
  readonly source: PredicateSource
  readonly name: string
  readonly test: ValueTest
}

/** A pattern, checked and taken apart. */
export interface Pattern {
  /** For messages. */
  readonly text: string
  /** Empty for any method. */
  readonly methods: ReadonlySet<string>
  readonly segments: readonly Segment[]
  readonly host: string | undefined
  /** Empty for any. */
  readonly contentTypes: readonly string[]
  readonly predicates: readonly Predicate[]
}

export type ParsedPattern =
  | { readonly pattern: Pattern; readonly problems?: never }
  | { readonly problems: readonly PatternProblem[] }

/** Every problem of a pattern is reported, not only the first. */
export function parsePattern(given: string | MatchPattern): ParsedPattern {
  const source = typeof given === 'string' ? fromText(given) : given
  const path = parsePathPattern(source.path)
  const methods = methodsOf(source)
  const contentTypes = asList(source.contentType).map((type) => mediaType(type) ?? '')
  const { predicates, problems } = readPredicates(source)
  const segments = path.problems === undefined ? path.segments : []
  problems.push(
    ...(path.problems ?? []),
    ...methodProblems(methods),
    ...hostProblems(source.host),
    ...contentTypeProblems(contentTypes),
    ...formProblems(source, methods, contentTypes),
    ...jsonProblems(source, methods, contentTypes),
    ...nameProblems(segments, predicates),
  )
  if (problems.length > 0) return { problems }
  const text = describe(source, methods)
  return { pattern: { text, methods, segments, host: source.host?.toLowerCase(), contentTypes, predicates } }
}

/** The names that a pattern captures. */
export function capturedNames(segments: readonly Segment[], predicates: readonly Predicate[]): readonly string[] {
  const inPath = segments.flatMap((segment) => {
    if (segment.kind === 'parameter') return [segment.name]
    if (segment.kind === 'constrained') return segment.names
    return segment.kind === 'rest' ? ['*'] : []
  })
  return [...inPath, ...predicates.flatMap(({ test }) => (test.kind === 'captured' ? [test.name] : []))]
}

// --- internal ---

const anyMethod = '*'
const predicateSources = ['query', 'header', 'cookie', 'form', 'json'] as const satisfies readonly PredicateSource[]

/** 'GET /mods/:id' or '/mods/:id'. */
function fromText(text: string): MatchPattern {
  const [, method, path] = /^([^/\s]+)\s+(.*)$/.exec(text) ?? []
  return method === undefined || path === undefined ? { path: text } : { method: method.split('|'), path }
}

/** Safe by default: a pattern that names no method never takes a write by accident. */
function methodsOf(source: MatchPattern): ReadonlySet<string> {
  const fallback = source.form === undefined && source.json === undefined ? 'GET' : 'POST'
  const methods = source.method === undefined ? [fallback] : asList(source.method)
  return methods.includes(anyMethod) ? new Set() : new Set(methods)
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

function readPredicates(source: MatchPattern): { predicates: Predicate[]; problems: PatternProblem[] } {
  const predicates: Predicate[] = []
  const problems: PatternProblem[] = []
  for (const from of predicateSources) {
    for (const [name, value] of Object.entries(source[from] ?? {})) {
      const test = readTest(from, value)
      const wrongName = predicateNameProblem(from, name)
      if (wrongName !== undefined) problems.push(wrongName)
      if ('problem' in test) problems.push({ ...test, problem: `${from} '${name}': ${test.problem}` })
      else predicates.push({ source: from, name: from === 'header' ? name.toLowerCase() : name, test })
    }
  }
  return { predicates, problems }
}

function readTest(source: PredicateSource, value: ValuePredicate): ValueTest | PatternProblem {
  if (value === null) return { kind: 'absent' }
  if (value instanceof RegExp) {
    return /[gy]/.test(value.flags)
      ? { problem: `${value} remembers where it stopped`, fix: "leave out the flags 'g' and 'y'" }
      : { kind: 'matches', regex: value }
  }
  if (typeof value !== 'string')
    return { problem: 'the value is of a wrong type', fix: 'give a text, a RegExp or null' }
  if (source !== 'query' || !value.startsWith(':')) return { kind: 'equals', text: value }
  const capture = parseCapture(value)
  return 'problem' in capture ? capture : { kind: 'captured', ...capture }
}

function predicateNameProblem(source: PredicateSource, name: string): PatternProblem | undefined {
  if (source === 'header') {
    return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)
      ? undefined
      : { problem: `'${name}' is no header name`, fix: 'write the name as it stands in the request' }
  }
  if (source === 'json') return pointerProblem(name)
  const inPhp = phpNameOf(name)
  if (inPhp === name) return undefined
  return {
    problem: `${source} '${name}' can never be there: PHP has no such name`,
    fix: inPhp === undefined ? 'use a name without brackets' : `write '${inPhp}', as PHP calls it`,
  }
}

function methodProblems(methods: ReadonlySet<string>): readonly PatternProblem[] {
  return [...methods].flatMap((method) =>
    /^[A-Z][A-Z_-]*$/.test(method)
      ? []
      : [{ problem: `'${method}' is no method`, fix: "write 'GET', 'POST', … in capitals, or '*' for any" }],
  )
}

function hostProblems(host: string | undefined): readonly PatternProblem[] {
  return host === undefined || /^(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/.test(host)
    ? []
    : [{ problem: `'${host}' is no host name`, fix: "write 'www.example.com' or '*.example.com', without a port" }]
}

function contentTypeProblems(types: readonly string[]): readonly PatternProblem[] {
  return types.flatMap((type) =>
    /^[^/\s]+\/[^/\s]+$/.test(type)
      ? []
      : [{ problem: `'${type}' is no content type`, fix: "write one such as 'application/json'" }],
  )
}

/** PHP fills $_POST for POST only, and a body of another type has no fields. */
function formProblems(
  source: MatchPattern,
  methods: ReadonlySet<string>,
  contentTypes: readonly string[],
): readonly PatternProblem[] {
  if (source.form === undefined) return []
  const problems: PatternProblem[] = []
  if (!methods.has('POST') || methods.size > 1)
    problems.push({ problem: 'no request can reach it: only a POST has form fields', fix: "give method 'POST'" })
  if (contentTypes.length > 0 && !contentTypes.some((type) => formTypes.has(type)))
    problems.push({
      problem: 'no request can reach it: a body of this content type has no form fields',
      fix: "leave out 'contentType'",
    })
  return problems
}

/** A body is either a form or JSON, and a GET has none that a browser could send. */
function jsonProblems(
  source: MatchPattern,
  methods: ReadonlySet<string>,
  contentTypes: readonly string[],
): readonly PatternProblem[] {
  if (source.json === undefined) return []
  const problems: PatternProblem[] = []
  if (methods.has('GET') || methods.has('HEAD'))
    problems.push({ problem: 'a GET or HEAD has no JSON body', fix: "give method 'POST', 'PUT', 'PATCH' or 'DELETE'" })
  if (source.form !== undefined)
    problems.push({
      problem: "no request can reach it: a body that has fields for 'form' has none for 'json'",
      fix: 'write two patterns',
    })
  if (contentTypes.length > 0 && !contentTypes.some(isJson))
    problems.push({
      problem: 'no request can reach it: a body of this content type is no JSON',
      fix: "leave out 'contentType'",
    })
  return problems
}

const formTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data'])

function nameProblems(segments: readonly Segment[], predicates: readonly Predicate[]): readonly PatternProblem[] {
  const names = capturedNames(segments, predicates)
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  const problems = [...twice].map((name) => ({ problem: `it captures ':${name}' twice`, fix: 'rename one of them' }))
  if (names.includes('__proto__')) problems.push({ problem: "it captures ':__proto__'", fix: 'use another name' })
  return problems
}

function describe(source: MatchPattern, methods: ReadonlySet<string>): string {
  const parts = [methods.size === 0 ? anyMethod : [...methods].join('|'), `${source.host ?? ''}${source.path}`]
  for (const from of predicateSources) {
    for (const [name, value] of Object.entries(source[from] ?? {}))
      parts.push(`${from}.${name}=${value === null ? '(absent)' : String(value)}`)
  }
  if (source.contentType !== undefined) parts.push(`type=${asList(source.contentType).join('|')}`)
  return parts.join(' ')
}
