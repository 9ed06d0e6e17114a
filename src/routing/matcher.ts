import { type BodyKind, bodyKind } from './body-fields.ts'
import type { JsonFields } from './json-fields.ts'
import { buildPathTrie, segmentsOf, type TakenApart } from './path-trie.ts'
import { capturedNames, type Pattern, type Predicate, type PredicateSource, type ValueTest } from './pattern.ts'
import { mediaType, type PhpValues, readCookies, readQuery } from './php-values.ts'
import { methodsTaken } from './precedence.ts'
import type { MatchInput, MatchResult, Route } from './route-table.ts'

export interface RoutedPattern {
  readonly pattern: Pattern
  readonly route: Route
}

/** `ranked` in order of precedence, the first one first. */
export function createMatcher(ranked: readonly RoutedPattern[]): (input: MatchInput) => MatchResult {
  const trie = buildPathTrie(ranked.map(toCandidate), indexByValue)
  return (input) => {
    const { path } = input.target
    if (path === '') return noMatch
    const request: RequestFacts = {
      input,
      segments: undefined,
      query: undefined,
      cookies: undefined,
      bodyKind: 'not-asked',
    }
    const groups = trie.find(path, request)
    if (groups.length === 0) return noMatch
    const first = firstOf(groups, request)
    if (first === undefined) return noMatch
    if (first.outcome === 'needs-body') return bodyWanted
    return { route: first.candidate.route, params: paramsOf(first.candidate, request), needsBody: false }
  }
}

// --- internal ---

interface Candidate extends Pattern {
  readonly rank: number
  readonly route: Route
  readonly taken: ReadonlySet<string> | undefined
  readonly captures: boolean
  /** The kind of body that it looks into. */
  readonly wantsBody: BodyKind | undefined
  readonly bodyPredicates: readonly Predicate[]
  readonly otherPredicates: readonly Predicate[]
}

/** What several candidates may ask for is read once, and only if one asks. */
interface RequestFacts extends TakenApart {
  readonly input: MatchInput
  query: { readonly values: PhpValues | undefined } | undefined
  cookies: PhpValues | undefined
  bodyKind: BodyKind | undefined | 'not-asked'
}

type Outcome = 'no' | 'yes' | 'needs-body'

interface Found {
  readonly candidate: Candidate
  readonly outcome: Exclude<Outcome, 'no'>
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})
const noMatch: MatchResult = Object.freeze({ route: undefined, params: noParams, needsBody: false })
const bodyWanted: MatchResult = Object.freeze({ ...noMatch, needsBody: true })

function toCandidate({ pattern, route }: RoutedPattern, rank: number): Candidate {
  const bodyPredicates = pattern.predicates.filter(({ source }) => isBodyKind(source))
  const otherPredicates = pattern.predicates.filter(({ source }) => !isBodyKind(source))
  const wantsBody = bodyPredicates.map(({ source }) => source).find(isBodyKind)
  const captures = capturedNames(pattern.segments, pattern.predicates).length > 0
  return { ...pattern, rank, route, taken: methodsTaken(pattern), captures, wantsBody, bodyPredicates, otherPredicates }
}

function isBodyKind(source: PredicateSource): source is BodyKind {
  return source === 'form' || source === 'json'
}

/**
 * Old sites multiplex hundreds of pages through one path (`/index.php?page=…`, `/ajax.php` with `action=…`). So the candidates of
 * one path are kept by the text that they demand of a value, and only those that demand the text at hand are looked at.
 */
interface CandidateGroup {
  readonly byValue: readonly ValueIndex[]
  /** Those that demand no exact text. */
  readonly others: readonly Candidate[]
}

interface ValueIndex {
  readonly source: PredicateSource
  readonly name: string
  readonly byText: ReadonlyMap<string, readonly Candidate[]>
  readonly all: readonly Candidate[]
}

function indexByValue(candidates: readonly Candidate[]): CandidateGroup {
  const demands = candidates.map(({ predicates }) => predicates.filter(({ test: { kind } }) => kind === 'equals'))
  const uses = Map.groupBy(demands.flat(), keyOf)
  const indexed = Map.groupBy(candidates, (_candidate, index) => {
    // The value that most candidates ask about tells the most of them apart.
    const [best] = demands[index]!.toSorted((a, b) => uses.get(keyOf(b))!.length - uses.get(keyOf(a))!.length)
    return best === undefined ? '' : keyOf(best)
  })
  const byValue = [...indexed].flatMap(([key, all]) => {
    const sample = uses.get(key)?.[0]
    if (sample === undefined) return []
    const byText = Map.groupBy(all, ({ predicates }) => {
      const demanded = predicates.find((predicate) => predicate.test.kind === 'equals' && keyOf(predicate) === key)!
      return demanded.test.kind === 'equals' ? demanded.test.text : ''
    })
    return [{ source: sample.source, name: sample.name, byText, all }]
  })
  return { byValue, others: indexed.get('') ?? [] }
}

function keyOf({ source, name }: Predicate): string {
  return `${source} ${name}`
}

function firstOf(groups: readonly CandidateGroup[], request: RequestFacts): Found | undefined {
  let first: Found | undefined
  for (const { byValue, others } of groups) {
    for (const index of byValue) first = earlier(candidatesOf(index, request), request, first)
    first = earlier(others, request, first)
  }
  return first
}

const nobody: readonly Candidate[] = []

function candidatesOf(index: ValueIndex, request: RequestFacts): readonly Candidate[] {
  if (isBodyKind(index.source) && request.input.body === 'not-read')
    return kindOfBody(request) === index.source ? index.all : nobody
  const text = textOf(index.source, index.name, request)
  return text === undefined ? nobody : (index.byText.get(text) ?? nobody)
}

/** The first of `candidates` (in order of rank) that fits, if it comes before what was found so far. */
function earlier(candidates: readonly Candidate[], request: RequestFacts, found: Found | undefined): Found | undefined {
  for (const candidate of candidates) {
    if (found !== undefined && candidate.rank > found.candidate.rank) return found
    const outcome = test(candidate, request)
    if (outcome !== 'no') return { candidate, outcome }
  }
  return found
}

function test(candidate: Candidate, request: RequestFacts): Outcome {
  const { method, host, body } = request.input
  if (candidate.taken !== undefined && !candidate.taken.has(method)) return 'no'
  if (candidate.host !== undefined && !hostFits(candidate.host, host)) return 'no'
  if (
    candidate.contentTypes.length > 0 &&
    !candidate.contentTypes.includes(mediaType(request.input.header('content-type')) ?? '')
  )
    return 'no'
  for (const predicate of candidate.otherPredicates) if (!holds(predicate, request)) return 'no'
  if (candidate.wantsBody === undefined) return 'yes'
  if (body === 'not-available' || kindOfBody(request) !== candidate.wantsBody) return 'no'
  if (body === 'not-read') return 'needs-body'
  return candidate.bodyPredicates.every((predicate) => holds(predicate, request)) ? 'yes' : 'no'
}

function kindOfBody(request: RequestFacts): BodyKind | undefined {
  if (request.bodyKind === 'not-asked') request.bodyKind = bodyKind(request.input.header('content-type'))
  return request.bodyKind
}

function hostFits(wanted: string, host: string | undefined): boolean {
  if (host === undefined) return false
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length >= wanted.length : name === wanted
}

function holds({ source, name, test: valueTest }: Predicate, request: RequestFacts): boolean {
  const text = textOf(source, name, request)
  if (text !== undefined) return textHolds(valueTest, text)
  return valueTest.kind === 'absent' && isAbsent(source, name, request)
}

/** undefined where it is not there, or is no text that can be compared. */
function textOf(source: PredicateSource, name: string, request: RequestFacts): string | undefined {
  if (source !== 'header') return valuesOf(source, request)?.get(name)
  return request.input.header(name)
}

function isAbsent(source: PredicateSource, name: string, request: RequestFacts): boolean {
  if (source === 'header') return request.input.header(name) === undefined
  const values = valuesOf(source, request)
  return values !== undefined && !values.has(name)
}

function valuesOf(
  source: Exclude<PredicateSource, 'header'>,
  request: RequestFacts,
): PhpValues | JsonFields | undefined {
  switch (source) {
    case 'query':
      request.query ??= { values: readQuery(request.input.target.query) }
      return request.query.values
    case 'cookie':
      request.cookies ??= readCookies(request.input.header('cookie'))
      return request.cookies
    case 'form':
    case 'json': {
      const { body } = request.input
      return typeof body === 'object' && body.kind === source ? body.fields : undefined
    }
  }
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

function paramsOf(candidate: Candidate, request: RequestFacts): Readonly<Record<string, string>> {
  if (!candidate.captures) return noParams
  const params: Record<string, string> = {}
  const wanted = candidate.segments
  const segments = request.segments ?? segmentsOf(request.input.target.path)
  for (let at = 0; at < wanted.length; at += 1) {
    const segment = wanted[at]!
    if (segment.kind === 'parameter') params[segment.name] = segments[at]!
    else if (segment.kind === 'constrained' && segment.isWhole) params[segment.names[0]!] = segments[at]!
    else if (segment.kind === 'rest') params['*'] = segments.slice(at).join('/')
    else if (segment.kind === 'constrained') {
      const groups = segment.regex.exec(segments[at]!)!
      segment.names.forEach((name, index) => {
        params[name] = groups[index + 1]!
      })
    }
  }
  for (const { name, test: valueTest } of candidate.otherPredicates)
    if (valueTest.kind === 'captured') params[valueTest.name] = textOf('query', name, request) ?? ''
  return params
}
