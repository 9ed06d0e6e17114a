import { type Segment, segmentShape } from './path-pattern.ts'
import type { Pattern, Predicate, ValueTest } from './pattern.ts'

/**
 * Precedence: of all patterns whose every predicate holds, the first in this order gets the request.
 *
 *  1. Path, segment by segment from the left: literal, then constrained (':id(\\d+)', 'mod-:id.html'), then ':name', then '*'.
 *  2. Host: a full name, then '*.name' (the longer one first), then any host.
 *  3. Predicates on query, header, cookie, form and content type: more of them first; of as many, the one with more exact
 *     values (a text, "must be absent"); of as many again, the one with more expressions (RegExp, ':name(…)').
 *  4. Fewer content types, then fewer methods. GET brings HEAD with it, so a pattern for HEAD alone comes before it.
 *  5. The order in which they stand in the table.
 *
 * Each rule puts the narrower of two patterns first if one contains the other. So a pattern can only be shadowed by patterns
 * that are the same in everything but their methods (shapeOf), and that is what compile.ts looks for.
 */
export function comparePatterns(a: Pattern, b: Pattern): number {
  return (
    comparePaths(a.segments, b.segments) ||
    compareHosts(a.host, b.host) ||
    compareLists(strengths(b), strengths(a)) ||
    a.contentTypes.length - b.contentTypes.length ||
    methodCount(a) - methodCount(b)
  )
}

/** Equal for patterns that are the same in all but methods and the names they capture under. */
export function shapeOf(pattern: Pattern): string {
  return JSON.stringify([
    pattern.segments.map(segmentShape),
    pattern.host ?? null,
    pattern.contentTypes.toSorted(),
    pattern.predicates.map(predicateShape).toSorted(),
  ])
}

/** The methods that a pattern takes, HEAD by way of GET included; undefined for any. */
export function methodsTaken(pattern: Pattern): ReadonlySet<string> | undefined {
  if (pattern.methods.size === 0) return undefined
  return pattern.methods.has('GET') ? new Set([...pattern.methods, 'HEAD']) : pattern.methods
}

// --- internal ---

const segmentRank = { literal: 0, constrained: 1, parameter: 2, rest: 3 } as const satisfies Record<
  Segment['kind'],
  number
>

/** Where one path is a prefix of the other they have no request in common, but for a final '*', which then comes later. */
function comparePaths(a: readonly Segment[], b: readonly Segment[]): number {
  return compareLists(
    a.map(({ kind }) => segmentRank[kind]),
    b.map(({ kind }) => segmentRank[kind]),
  )
}

function compareHosts(a: string | undefined, b: string | undefined): number {
  return compareLists(hostRank(a), hostRank(b))
}

function hostRank(host: string | undefined): readonly number[] {
  if (host === undefined) return [2, 0]
  return host.startsWith('*.') ? [1, -host.length] : [0, 0]
}

/** How many predicates, how many of them exact, how many expressions. */
function strengths(pattern: Pattern): readonly number[] {
  const kinds = pattern.predicates.map(({ test }) => strength(test))
  const typed = pattern.contentTypes.length > 0 ? 1 : 0
  const count = (kind: string) => kinds.filter((each) => each === kind).length
  return [kinds.length + typed, count('exact') + typed, count('expression')]
}

function strength(test: ValueTest): 'exact' | 'expression' | 'any' {
  switch (test.kind) {
    case 'equals':
    case 'absent':
      return 'exact'
    case 'matches':
      return 'expression'
    case 'captured':
      return test.regex === undefined ? 'any' : 'expression'
  }
}

function methodCount(pattern: Pattern): number {
  return methodsTaken(pattern)?.size ?? Number.MAX_SAFE_INTEGER
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = a[at]! - b[at]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function predicateShape({ source, name, test }: Predicate): string {
  const shape =
    test.kind === 'equals'
      ? test.text
      : test.kind === 'matches'
        ? String(test.regex)
        : test.kind === 'captured'
          ? (test.regex?.source ?? '')
          : ''
  return JSON.stringify([source, name, test.kind, shape])
}
