import { AppError } from '../platform/index.ts'
import { findAmbiguities, type PlacedPattern } from './ambiguity.ts'
import { createMatcher } from './matcher.ts'
import type { PatternProblem } from './path-pattern.ts'
import { parsePattern } from './pattern.ts'
import { comparePatterns, shapeOf } from './precedence.ts'
import { readRetirement, redirectProblems, retirementProblems } from './retirement.ts'
import type { MatchPattern, MatchSpec, RouteDefinition, RouteTableDefinition } from './route-definition.ts'
import type { Route, RouteTable } from './route-table.ts'
import { impliedDefault, splitGroups, stageProblems } from './stage.ts'

/** What else is known when a table is compiled; undefined where it is not known, and then not checked. */
export interface KnownNames {
  /** Tables of sync.config.ts. */
  readonly tables?: readonly string[] | undefined
  readonly flags?: readonly string[] | undefined
}

export interface RouteProblem extends PatternProblem {
  readonly routeId: string
}

/** @throws AppError 'routing.invalid-table' that lists every problem with the route it is in and the remedy */
export function compileRoutes(definition: RouteTableDefinition, known: KnownNames = {}): RouteTable {
  const { placed, ranked, problems } = readTable(definition, known)
  if (problems.length > 0) throw invalid(problems)
  const match = createMatcher(ranked)
  return Object.freeze({ routes: Object.freeze([...new Set(placed.map(({ route }) => route))]), match })
}

/** Everything that is wrong with a table; empty if it compiles. */
export function checkRoutes(definition: RouteTableDefinition, known: KnownNames = {}): readonly RouteProblem[] {
  return readTable(definition, known).problems
}

/**
 * What compiles, but may not be meant: requests that only the order of the table gives to one of two routes. Empty for a table
 * that does not compile.
 */
export function lintRoutes(definition: RouteTableDefinition): readonly RouteProblem[] {
  const { ranked, problems } = readTable(definition, {})
  return problems.length > 0 ? [] : findAmbiguities(ranked)
}

// --- internal ---

interface ReadTable {
  /** In the order of the table. */
  readonly placed: readonly PlacedPattern[]
  /** In order of precedence. */
  readonly ranked: readonly PlacedPattern[]
  readonly problems: readonly RouteProblem[]
}

/** The definition comes from a file that may not have been type-checked: shapes are looked at as well. */
function readTable(definition: RouteTableDefinition, known: KnownNames): ReadTable {
  const routes: unknown = (definition as Partial<RouteTableDefinition> | undefined)?.routes
  if (!Array.isArray(routes)) {
    const fix = "export default defineRoutes({ routes: [ … ] }) from the route file's module"
    return { placed: [], ranked: [], problems: [{ routeId: '(table)', problem: 'there is no list of routes', fix }] }
  }
  const definitions = routes as readonly RouteDefinition[]
  const problems: RouteProblem[] = []
  const placed: PlacedPattern[] = []
  for (const [index, given] of definitions.entries()) {
    const routeId = typeof given?.id === 'string' && given.id !== '' ? given.id : `(route ${index + 1})`
    const found = [...shapeProblems(given)]
    if (found.length === 0) {
      const route = toRoute(given)
      found.push(...nameProblems(given, known))
      for (const spec of patternsOf(given.match)) {
        const parsed = parsePattern(spec)
        if (parsed.problems === undefined) {
          placed.push({ pattern: parsed.pattern, route })
          found.push(...redirectProblems(given.retired, parsed.pattern))
        } else found.push(...parsed.problems.map((each) => inPattern(spec, each)))
      }
    }
    problems.push(...found.map((each) => ({ routeId, ...each })))
  }
  problems.push(...duplicateIds(definitions), ...splitGroups(definitions))
  // Sorting is stable: what the comparison leaves equal stays in the order of the table.
  const ranked = placed.toSorted((a, b) => comparePatterns(a.pattern, b.pattern))
  problems.push(...shadowed(ranked))
  return { placed, ranked, problems }
}

function toRoute(given: RouteDefinition): Route {
  const { stage = 'canary' } = given
  return Object.freeze({
    id: given.id,
    flag: given.flag,
    modern: given.modern,
    reads: Object.freeze([...(given.reads ?? [])]),
    writes: Object.freeze([...(given.writes ?? [])]),
    startsFlow: given.startsFlow === true,
    stage,
    retired: readRetirement(given.retired),
    default: given.default ?? impliedDefault(stage),
  })
}

function patternsOf(match: MatchSpec): readonly (string | MatchPattern)[] {
  return Array.isArray(match) ? match : [match as string | MatchPattern]
}

function inPattern(spec: string | MatchPattern, { problem, fix }: PatternProblem): PatternProblem {
  return { problem: `in ${typeof spec === 'string' ? `'${spec}'` : `path '${spec.path}'`}: ${problem}`, fix }
}

const routeId = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
/** What Unleash accepts as a feature's name. */
const flagName = /^[A-Za-z0-9_.~-]{1,100}$/

function shapeProblems(given: RouteDefinition): readonly PatternProblem[] {
  if (typeof given !== 'object' || given === null)
    return [{ problem: 'it is no object', fix: 'write { id, match, … }' }]
  const problems: PatternProblem[] = []
  if (typeof given.id !== 'string' || !routeId.test(given.id))
    problems.push({ problem: 'the id is missing or malformed', fix: "give an id such as 'mod-page'" })
  if (typeof given.flag !== 'string' || !flagName.test(given.flag) || /^\.\.?$/.test(given.flag))
    problems.push({
      problem: 'the flag is missing or malformed',
      fix: "give the route group's flag, such as 'mod-page'",
    })
  if (typeof given.modern !== 'function' && !(given.modern === undefined && needsNoHandler(given)))
    problems.push({ problem: 'modern is no function', fix: 'give the handler itself: (c) => Response' })
  if (!isMatchSpec(given.match))
    problems.push({ problem: 'match is missing or malformed', fix: "give 'GET /path', { path: '/path', … } or a list" })
  if (!isNameList(given.reads) || !isNameList(given.writes))
    problems.push({ problem: 'reads or writes is no list of names', fix: "write them as ['mods', 'users']" })
  if (given.startsFlow !== undefined && typeof given.startsFlow !== 'boolean')
    problems.push({ problem: 'startsFlow is neither true nor false', fix: 'write startsFlow: true, or leave it out' })
  problems.push(...stageProblems(given), ...retirementProblems(given))
  return problems
}

function needsNoHandler({ stage, retired }: RouteDefinition): boolean {
  return stage === 'retired' && retired !== 'modern'
}

function isMatchSpec(match: unknown): boolean {
  const one = (value: unknown): boolean =>
    typeof value === 'string' ||
    (typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string')
  return Array.isArray(match) ? match.length > 0 && match.every(one) : one(match)
}

function isNameList(list: unknown): boolean {
  return list === undefined || (Array.isArray(list) && list.every((name) => typeof name === 'string'))
}

function nameProblems(given: RouteDefinition, known: KnownNames): readonly PatternProblem[] {
  const problems: PatternProblem[] = []
  const { tables, flags } = known
  const named = new Set([...(given.reads ?? []), ...(given.writes ?? [])])
  for (const table of named)
    if (tables !== undefined && !tables.includes(table))
      problems.push({ problem: `table '${table}' is not in the sync configuration`, fix: knownOnes('tables', tables) })
  if (flags !== undefined && !flags.includes(given.flag))
    problems.push({ problem: `flag '${given.flag}' is not known`, fix: knownOnes('flags', flags) })
  return problems
}

const listedMax = 20

function knownOnes(what: string, names: readonly string[]): string {
  const listed = names.toSorted().slice(0, listedMax).join(', ')
  return `add it, or use one of the known ${what}: ${listed === '' ? '(none)' : listed}${names.length > listedMax ? ', …' : ''}`
}

function duplicateIds(definitions: readonly RouteDefinition[]): readonly RouteProblem[] {
  return [...Map.groupBy(definitions, (given) => given?.id)].flatMap(([id, same]) =>
    same.length > 1 && typeof id === 'string'
      ? [{ routeId: id, problem: `${same.length} routes have this id`, fix: 'give each route an id of its own' }]
      : [],
  )
}

/** A pattern whose every method is taken by earlier ones of the same shape gets no request; see precedence.ts. */
function shadowed(ranked: readonly PlacedPattern[]): readonly RouteProblem[] {
  return [...Map.groupBy(ranked, ({ pattern }) => shapeOf(pattern)).values()].flatMap((sameShape) =>
    sameShape.flatMap((placed, index) => {
      const before = sameShape.slice(0, index)
      const covering = before.filter(({ pattern }) => overlaps(pattern.methods, placed.pattern.methods))
      return isCovered(placed.pattern.methods, covering) ? [shadowProblem(placed, covering)] : []
    }),
  )
}

function overlaps(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === 0 || b.size === 0 || [...a].some((method) => b.has(method))
}

function isCovered(methods: ReadonlySet<string>, by: readonly PlacedPattern[]): boolean {
  if (by.some(({ pattern }) => pattern.methods.size === 0)) return true
  return methods.size > 0 && [...methods].every((method) => by.some(({ pattern }) => pattern.methods.has(method)))
}

function shadowProblem(placed: PlacedPattern, covering: readonly PlacedPattern[]): RouteProblem {
  const { route, pattern } = placed
  const others = [...new Set(covering.map((each) => each.route))]
  const names = others
    .map(({ id }) => `'${id}'`)
    .toSorted()
    .join(' and ')
  const stranger = others.find(({ flag }) => flag !== route.flag)
  if (others.length === 1 && others[0] === route)
    return { routeId: route.id, problem: `it lists '${pattern.text}' twice`, fix: 'leave one of them out' }
  if (stranger !== undefined)
    return {
      routeId: route.id,
      problem: `'${pattern.text}' is also in ${names}, in another group (flags '${route.flag}' and '${stranger.flag}')`,
      fix: 'keep it in one of them, or add a predicate that tells them apart',
    }
  return {
    routeId: route.id,
    problem: `'${pattern.text}' is shadowed by ${names}: it can never be reached`,
    fix: 'leave it out, or add a predicate that tells them apart',
  }
}

function invalid(problems: readonly RouteProblem[]): AppError {
  const lines = problems.map(({ routeId: id, problem, fix }) => `route '${id}': ${problem}; ${fix}`)
  return new AppError(
    'routing.invalid-table',
    `the route table has ${problems.length} problem(s):\n  ${lines.join('\n  ')}`,
    { facts: { problems: problems.length } },
  )
}
