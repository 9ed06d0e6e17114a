import { buildPathTrie, segmentsOf } from './path-trie.ts'
import type { Pattern, Predicate, ValueTest } from './pattern.ts'
import { isUrlencodedForm, mediaType, type PhpValues, readCookies, readQuery } from './php-values.ts'
import { methodsTaken } from './precedence.ts'
import type { MatchInput, MatchResult, Route } from './route-table.ts'

export interface RoutedPattern {
  readonly pattern: Pattern
  readonly route: Route
}

/** `ranked` in order of precedence, the first one first. */
export function createMatcher(ranked: readonly RoutedPattern[]): (input: MatchInput) => MatchResult {
  const trie = buildPathTrie(ranked.map(toCandidate))
  return (input) => {
    const segments = segmentsOf(input.target.path)
    const groups = input.target.path === '' ? [] : trie.find(input.target.path, segments)
    if (groups.length === 0) return noMatch
    const request: RequestFacts = { input, query: undefined, cookies: undefined }
    const first = firstOf(groups, request)
    if (first === undefined) return noMatch
    if (first.outcome === 'needs-body') return bodyWanted
    return { route: first.candidate.route, params: paramsOf(first.candidate, segments, request), needsBody: false }
  }
}

// --- internal ---

interface Candidate extends Pattern {
  readonly rank: number
  readonly route: Route
  readonly taken: ReadonlySet<string> | undefined
  readonly formPredicates: readonly Predicate[]
  readonly otherPredicates: readonly Predicate[]
}

/** What several candidates may ask for is read once, and only if one asks. */
interface RequestFacts {
  readonly input: MatchInput
  query: { readonly values: PhpValues | undefined } | undefined
  cookies: PhpValues | undefined
}

type Outcome = 'no' | 'yes' | 'needs-body'

interface Found {
  readonly candidate: Candidate
  readonly outcome: Exclude<Outcome, 'no'>
}

const noMatch: MatchResult = Object.freeze({ route: undefined, params: Object.freeze({}), needsBody: false })
const bodyWanted: MatchResult = Object.freeze({ ...noMatch, needsBody: true })

function toCandidate({ pattern, route }: RoutedPattern, rank: number): Candidate {
  const formPredicates = pattern.predicates.filter(({ source }) => source === 'form')
  const otherPredicates = pattern.predicates.filter(({ source }) => source !== 'form')
  return { ...pattern, rank, route, taken: methodsTaken(pattern), formPredicates, otherPredicates }
}

function firstOf(groups: readonly (readonly Candidate[])[], request: RequestFacts): Found | undefined {
  let first: Found | undefined
  for (const group of groups) {
    for (const candidate of group) {
      if (first !== undefined && candidate.rank > first.candidate.rank) break
      const outcome = test(candidate, request)
      if (outcome === 'no') continue
      first = { candidate, outcome }
      break
    }
  }
  return first
}

function test(candidate: Candidate, request: RequestFacts): Outcome {
  const { method, host, headers, form } = request.input
  if (candidate.taken !== undefined && !candidate.taken.has(method)) return 'no'
  if (candidate.host !== undefined && !hostFits(candidate.host, host)) return 'no'
  if (candidate.contentTypes.length > 0 && !candidate.contentTypes.includes(mediaType(headers['content-type']) ?? ''))
    return 'no'
  for (const predicate of candidate.otherPredicates) if (!holds(predicate, request)) return 'no'
  if (candidate.formPredicates.length === 0) return 'yes'
  if (form === 'not-available' || !isUrlencodedForm(headers['content-type'])) return 'no'
  if (form === 'not-read') return 'needs-body'
  return candidate.formPredicates.every(({ name, test: valueTest }) => valueHolds(valueTest, form, name)) ? 'yes' : 'no'
}

function hostFits(wanted: string, host: string | undefined): boolean {
  if (host === undefined) return false
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length >= wanted.length : name === wanted
}

function holds({ source, name, test: valueTest }: Predicate, request: RequestFacts): boolean {
  switch (source) {
    case 'query': {
      const values = queryOf(request)
      return values !== undefined && valueHolds(valueTest, values, name)
    }
    case 'cookie':
      request.cookies ??= readCookies(request.input.headers.cookie)
      return valueHolds(valueTest, request.cookies, name)
    case 'header':
      return headerHolds(valueTest, request.input.headers[name])
    case 'form':
      return false // Never asked here: fields are looked at last, when all else holds.
  }
}

function queryOf(request: RequestFacts): PhpValues | undefined {
  request.query ??= { values: readQuery(request.input.target.query) }
  return request.query.values
}

function headerHolds(valueTest: ValueTest, value: string | string[] | undefined): boolean {
  const text = Array.isArray(value) ? value.join(', ') : value
  return text === undefined ? valueTest.kind === 'absent' : textHolds(valueTest, text)
}

function valueHolds(valueTest: ValueTest, values: PhpValues, name: string): boolean {
  const value = values.get(name)
  if (value === undefined) return valueTest.kind === 'absent' && !values.has(name)
  return textHolds(valueTest, value)
}

function textHolds(valueTest: ValueTest, text: string): boolean {
  switch (valueTest.kind) {
    case 'equals':
      return text === valueTest.text
    case 'matches':
      return valueTest.regex.test(text)
    case 'absent':
      return false
    case 'captured':
      return text !== '' && (valueTest.regex === undefined || valueTest.regex.test(text))
  }
}

function paramsOf(
  candidate: Candidate,
  segments: readonly string[],
  request: RequestFacts,
): Readonly<Record<string, string>> {
  const params: Record<string, string> = {}
  for (const [at, segment] of candidate.segments.entries()) {
    if (segment.kind === 'parameter') params[segment.name] = segments[at]!
    else if (segment.kind === 'rest') params['*'] = segments.slice(at).join('/')
    else if (segment.kind === 'constrained') {
      const groups = segment.regex.exec(segments[at]!)!
      for (const [index, name] of segment.names.entries()) params[name] = groups[index + 1]!
    }
  }
  for (const { name, test: valueTest } of candidate.otherPredicates)
    if (valueTest.kind === 'captured') params[valueTest.name] = queryOf(request)?.get(name) ?? ''
  return params
}
