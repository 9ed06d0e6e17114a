import type { PatternProblem, Segment } from './path-pattern.ts'
import type { Pattern, Predicate, ValueTest } from './pattern.ts'
import { comparePatterns, methodsTaken } from './precedence.ts'
import type { Route } from './route-table.ts'

export interface PlacedPattern {
  readonly pattern: Pattern
  readonly route: Route
}

export interface Ambiguity extends PatternProblem {
  readonly routeId: string
}

/**
 * Pairs of patterns of different routes that both take some request, with nothing but their order in the table to say which one
 * gets it. Only what an example proves is reported: expressions that nothing tried here fits are taken to exclude each other.
 * `ranked` in order of precedence.
 */
export function findAmbiguities(ranked: readonly PlacedPattern[]): readonly Ambiguity[] {
  const found: Ambiguity[] = []
  for (const sharing of Map.groupBy(ranked, ({ pattern }) => precedenceGroup(pattern)).values()) {
    for (const [at, first] of sharing.entries()) {
      for (const second of sharing.slice(at + 1)) {
        const example = first.route === second.route ? undefined : exampleOfBoth(first.pattern, second.pattern)
        if (example !== undefined) found.push(describe(first, second, example))
      }
    }
  }
  return found
}

// --- internal ---

/** Patterns of different groups have no request in common, or one of them comes first whatever their order in the table. */
function precedenceGroup({ segments, host }: Pattern): string {
  return JSON.stringify([
    segments.map((segment) => (segment.kind === 'literal' ? segment.text : [segment.kind])),
    host ?? null,
  ])
}

function describe(first: PlacedPattern, second: PlacedPattern, example: string): Ambiguity {
  const groups =
    first.route.flag === second.route.flag
      ? ''
      : `, in different groups ('${first.route.flag}', '${second.route.flag}')`
  return {
    routeId: second.route.id,
    problem:
      `'${second.pattern.text}' and '${first.pattern.text}' of '${first.route.id}' both take ${example}, and only their order ` +
      `in the table gives it to '${first.route.id}'${groups}`,
    fix: 'add a predicate that tells them apart, or narrow one of them',
  }
}

/** A request that both take, in words; undefined where none was found, or where precedence tells them apart. */
function exampleOfBoth(a: Pattern, b: Pattern): string | undefined {
  if (demandDifferentTexts(a, b) || comparePatterns(a, b) !== 0) return undefined
  const method = commonMethod(a, b)
  if (method === undefined || !mayShareBody(a, b)) return undefined
  const path = commonPath(a.segments, b.segments)
  const values = commonValues(a.predicates, b.predicates)
  return path === undefined || values === undefined ? undefined : [`'${method} ${path}'`, ...values].join(' with ')
}

/** The usual case, told first because it costs least: thousands of patterns of one script differ in the text of one value. */
function demandDifferentTexts(a: Pattern, b: Pattern): boolean {
  return a.predicates.some(({ source, name, test }) =>
    b.predicates.some(
      (other) =>
        test.kind === 'equals' &&
        other.test.kind === 'equals' &&
        test.text !== other.test.text &&
        name === other.name &&
        source === other.source,
    ),
  )
}

function commonMethod(a: Pattern, b: Pattern): string | undefined {
  const [ofA, ofB] = [methodsTaken(a), methodsTaken(b)]
  if (ofA === undefined) return ofB === undefined ? 'GET' : [...ofB][0]
  return [...ofA].find((method) => ofB === undefined || ofB.has(method))
}

/** Is there a content type that suits both? */
function mayShareBody(a: Pattern, b: Pattern): boolean {
  const looks = (pattern: Pattern, kind: string) => pattern.predicates.some(({ source }) => source === kind)
  if ((looks(a, 'form') && looks(b, 'json')) || (looks(a, 'json') && looks(b, 'form'))) return false
  const common = a.contentTypes.filter((type) => b.contentTypes.includes(type))
  return a.contentTypes.length === 0 || common.length > 0
}

/** Of as many segments of the same kinds, the literal ones equal. */
function commonPath(a: readonly Segment[], b: readonly Segment[]): string | undefined {
  const pieces: string[] = []
  for (const [at, segment] of a.entries()) {
    const text = commonSegment(segment, b[at]!)
    if (text === undefined) return undefined
    pieces.push(text)
  }
  return `/${pieces.join('/')}`
}

function commonSegment(a: Segment, b: Segment): string | undefined {
  if (a.kind === 'literal') return a.text
  if (a.kind !== 'constrained' || b.kind !== 'constrained') return 'x'
  const tried = samples.flatMap((sample) => [filledIn(a.source, sample), filledIn(b.source, sample)])
  return tried.find((text) => text !== '' && !text.includes('/') && a.regex.test(text) && b.regex.test(text))
}

/** Texts that the usual expressions are about. */
const samples = [
  '1',
  '12',
  '123',
  '2024',
  '123456',
  'a',
  'x',
  'ab',
  'abc',
  'en',
  'A',
  'a1',
  'a-b',
  'a_b',
  '1-a',
  '2024-01-31',
]

/** The literal text of a segment's expression with `sample` for each of its groups: '^mod\-(\d+)\.html$' -> 'mod-12.html' */
function filledIn(source: string, sample: string): string {
  let text = ''
  let depth = 0
  for (let at = 1; at < source.length - 1; at += 1) {
    const character = source[at]!
    if (character === '\\') {
      at += 1
      if (depth === 0) text += source[at]!
    } else if (character === '(') {
      if (depth === 0) text += sample
      depth += 1
    } else if (character === ')') depth -= 1
    else if (depth === 0) text += character
  }
  return text
}

/** What a request has to have besides the path, one text per value; undefined where two demands exclude each other. */
function commonValues(a: readonly Predicate[], b: readonly Predicate[]): readonly string[] | undefined {
  const values: string[] = []
  const byKey = Map.groupBy([...a, ...b], ({ source, name }) => `${source} '${name}'`)
  for (const [key, predicates] of byKey) {
    const tests = predicates.map(({ test }) => test)
    const text = commonText(tests)
    if (text === undefined) return undefined
    values.push(text === null ? `no ${key}` : `${key} '${text}'`)
  }
  return values
}

/** null: must be absent. */
function commonText(tests: readonly ValueTest[]): string | null | undefined {
  const absent = tests.filter(({ kind }) => kind === 'absent').length
  if (absent > 0) return absent === tests.length ? null : undefined
  const demanded = tests.flatMap((test) => (test.kind === 'equals' ? [test.text] : []))
  const tried = demanded.length > 0 ? demanded : samples
  return tried.find((text) => tests.every((test) => fits(test, text)))
}

function fits(test: ValueTest, text: string): boolean {
  switch (test.kind) {
    case 'equals':
      return text === test.text
    case 'matches':
      return test.regex.test(text)
    case 'captured':
      return text !== '' && (test.regex === undefined || test.regex.test(text))
    case 'absent':
      return false
  }
}
