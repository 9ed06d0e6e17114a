import { refusalOfPath } from './target.ts'

/** One piece between two slashes. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  /** ':id(\\d+)', 'mod-:id.html': an expression over the whole segment; `names` are its groups, in order. */
  | ConstrainedSegment
  | { readonly kind: 'parameter'; readonly name: string }
  /** A final '*': what is left, slashes included. */
  | { readonly kind: 'rest' }

export interface ConstrainedSegment {
  readonly kind: 'constrained'
  readonly source: string
  readonly regex: RegExp
  readonly names: readonly string[]
  /** Literal text that it begins with; may be empty. */
  readonly prefix: string
  /** There is one name and nothing beside it: what it captures is the segment. */
  readonly isWhole: boolean
}

/** What is wrong and how to put it right. */
export interface PatternProblem {
  readonly problem: string
  readonly fix: string
}

export type ParsedPath =
  | { readonly segments: readonly Segment[]; readonly problems?: never }
  | { readonly problems: readonly PatternProblem[] }

/** '/:game/mods/:id(\\d+)' -> its segments. */
export function parsePathPattern(path: string): ParsedPath {
  if (!path.startsWith('/')) return bad(`path '${path}' does not begin with '/'`, `write '/${path}'`)
  const pieces = splitSegments(path)
  if (pieces === undefined) return bad(`path '${path}' has a '(' without its ')'`, 'close the constraint')
  const segments: Segment[] = []
  const problems: PatternProblem[] = []
  for (const [index, piece] of pieces.entries()) {
    const segment = parseSegment(piece, index === pieces.length - 1)
    if ('problem' in segment) problems.push(segment)
    else segments.push(segment)
  }
  problems.push(...unreachable(segments))
  return problems.length > 0 ? { problems } : { segments }
}

export type CaptureText = { readonly name: string; readonly regex: RegExp | undefined } | PatternProblem

/** ':id' or ':id(\\d+)', as a query predicate writes it. */
export function parseCapture(text: string): CaptureText {
  const pieces = readPieces(text)
  const piece = pieces?.[0]
  if (pieces === undefined || pieces.length !== 1 || piece === undefined || !('name' in piece))
    return { problem: `'${text}' is no capture`, fix: "write ':name' or ':name(expression)'" }
  const regex = compilePieces([piece])
  if ('problem' in regex) return regex
  return { name: piece.name, regex: piece.constraint === undefined ? undefined : regex }
}

/** Equal for segments that differ only in the names they capture under. */
export function segmentShape(segment: Segment): readonly string[] {
  switch (segment.kind) {
    case 'literal':
      return ['literal', segment.text]
    case 'constrained':
      return ['constrained', segment.source]
    case 'parameter':
    case 'rest':
      return [segment.kind]
  }
}

// --- internal ---

type Piece = { readonly literal: string } | { readonly name: string; readonly constraint: string | undefined }

function bad(problem: string, fix: string): ParsedPath {
  return { problems: [{ problem, fix }] }
}

/** Splits at slashes, but not inside a constraint. */
function splitSegments(path: string): readonly string[] | undefined {
  const segments: string[] = []
  let start = 1
  for (let at = 1; at < path.length; at += 1) {
    if (path[at] === '(') {
      const end = closingBracket(path, at)
      if (end === -1) return undefined
      at = end
    } else if (path[at] === '/') {
      segments.push(path.slice(start, at))
      start = at + 1
    }
  }
  return [...segments, path.slice(start)]
}

function closingBracket(text: string, open: number): number {
  let depth = 0
  let inClass = false
  for (let at = open; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (inClass) inClass = character !== ']'
    else if (character === '[') inClass = true
    else if (character === '(') depth += 1
    else if (character === ')') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return -1
}

function parseSegment(text: string, isLast: boolean): Segment | PatternProblem {
  if (text === '*') {
    return isLast
      ? { kind: 'rest' }
      : { problem: "'*' stands before the end of the path", fix: "put '*' last, or use ':name' for one segment" }
  }
  const pieces = readPieces(text)
  if (pieces === undefined)
    return { problem: `'${text}' has a constraint that does not follow a ':name'`, fix: "write ':name(expression)'" }
  const [only] = pieces
  if (only === undefined) return { kind: 'literal', text: '' }
  if (pieces.length === 1 && 'literal' in only) return { kind: 'literal', text: only.literal }
  if (pieces.length === 1 && 'name' in only && only.constraint === undefined)
    return { kind: 'parameter', name: only.name }
  const regex = compilePieces(pieces)
  if ('problem' in regex) return regex
  const names = pieces.flatMap((piece) => ('name' in piece ? [piece.name] : []))
  const prefix = 'literal' in only ? only.literal : ''
  return { kind: 'constrained', source: regex.source, regex, names, prefix, isWhole: pieces.length === 1 }
}

const nameStart = /^:([A-Za-z_][A-Za-z0-9_]*)/

/** 'mod-:id(\\d+).html' -> literal, name with constraint, literal; undefined where brackets stand on their own. */
function readPieces(text: string): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  let rest = text
  while (rest !== '') {
    const name = nameStart.exec(rest)?.[1]
    if (name !== undefined) {
      rest = rest.slice(name.length + 1)
      const end = rest.startsWith('(') ? closingBracket(rest, 0) : 0
      if (end === -1) return undefined
      pieces.push({ name, constraint: end === 0 ? undefined : rest.slice(1, end) })
      rest = end === 0 ? rest : rest.slice(end + 1)
    } else {
      const literal = /^:?[^:(]*/.exec(rest)?.[0] ?? ''
      if (literal === '') return undefined
      pieces.push({ literal })
      rest = rest.slice(literal.length)
    }
  }
  return pieces
}

function compilePieces(pieces: readonly Piece[]): RegExp | PatternProblem {
  const parts: string[] = []
  for (const piece of pieces) {
    if ('literal' in piece) parts.push(escapeForRegex(piece.literal))
    else if (piece.constraint === undefined) parts.push('([^/]+?)')
    else {
      const problem = constraintProblem(piece.name, piece.constraint, pieces.length === 1)
      if (problem !== undefined) return problem
      parts.push(`(${piece.constraint})`)
    }
  }
  return new RegExp(`^${parts.join('')}$`)
}

function escapeForRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** As wide as the plain parameter, yet ranked before it. */
const takesAnything = new Set(['.*', '.+', '[^/]+', '[^/]*'])

function constraintProblem(name: string, constraint: string, alone: boolean): PatternProblem | undefined {
  const where = `constraint '(${constraint})' of ':${name}'`
  if (alone && takesAnything.has(constraint))
    return { problem: `${where} takes anything`, fix: `write ':${name}' without it` }
  let groups: number
  try {
    groups = (new RegExp(`${constraint}|`).exec('')?.length ?? 1) - 1
  } catch (error) {
    return { problem: `${where} is no regular expression: ${(error as Error).message}`, fix: 'correct the expression' }
  }
  if (groups > 0) return { problem: `${where} captures on its own`, fix: "write '(?:…)' for a group inside it" }
  return /[\^$]/.test(constraint.replace(/\\.|\[\^/g, ''))
    ? { problem: `${where} has an anchor`, fix: "leave '^' and '$' out: it always has to match the whole" }
    : undefined
}

/** Text that no request can have, because a target with it is never matched. */
function unreachable(segments: readonly Segment[]): readonly PatternProblem[] {
  const shape = `/${segments.map((segment) => (segment.kind === 'literal' ? segment.text : 'x')).join('/')}`
  const problems: PatternProblem[] = []
  const refusal = refusalOfPath(shape)
  if (refusal !== undefined)
    problems.push({
      problem: `no request can reach it: targets with this (${refusal}) are never matched`,
      fix: 'write the path as a browser would send it, with one slash between segments',
    })
  if (/[?#]/.test(shape))
    problems.push({ problem: "the path has a '?' or '#'", fix: "put parameters into 'query'; leave fragments out" })
  if (/%[0-9A-Fa-f]{2}/.test(shape))
    problems.push({
      problem: 'the path is percent-encoded',
      fix: 'write it decoded: it is compared with decoded paths',
    })
  return problems
}
