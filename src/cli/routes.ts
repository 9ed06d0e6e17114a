import { resolve } from 'node:path'
import { AppError } from '../platform/index.ts'
import { checkRoutes, compileRoutes, type MatchResult, type Route, readTarget } from '../routing/index.ts'
import { type CommandCall, type CommandResult, UsageError } from './command.ts'
import { matchRequest, nearMisses, patternsOf, patternText, routesBehind } from './near-misses.ts'
import { type DescribedRequest, readRequest } from './request.ts'
import { readRouteFile, readTableNames } from './route-file.ts'
import { done } from './run-command.ts'
import { settingsOf } from './settings.ts'
import { facts, plain, type Row, table } from './table.ts'

/** `fig routes list | check | test <request>`, from the files alone. */
export async function routes(call: CommandCall): Promise<CommandResult> {
  const [word, ...rest] = call.words
  if (word !== 'test' && rest.length > 0) throw new UsageError(`"${plain(rest[0])}" is one word too many`)
  switch (word) {
    case 'list':
      return list(call)
    case 'check':
      return check(call)
    case 'test':
      return test(call, rest)
    case undefined:
      throw new UsageError("what to do is missing; give list, check or test 'GET /path'")
    default:
      throw new UsageError(`"${plain(word)}" can't be done with routes; give list, check or test 'GET /path'`)
  }
}

/** Of the route file. @throws AppError 'config.invalid' where there is none */
export function routesFileOf(call: CommandCall): string {
  const { routesFile } = settingsOf(call, ['FIG_ROUTES'])
  if (routesFile !== undefined) return routesFile
  throw new AppError('config.invalid', 'no route table is given; give --routes routes.config.ts, or set FIG_ROUTES')
}

/** What was matched, or what else would have been; for people and for programs. */
export async function describeMatch(file: string, request: DescribedRequest): Promise<DescribedMatch> {
  const definition = await readRouteFile(file)
  const compiled = compileRoutes(definition)
  const match = matchRequest(compiled, request)
  const { refusal } = readTarget(request.target)
  const found = {
    match,
    refusal,
    behind: match.route === undefined ? [] : routesBehind(definition, request),
    near: match.route === undefined && refusal === undefined ? nearMisses(definition, request) : [],
  }
  return { ...found, groups: [...new Set(compiled.routes.map(({ flag }) => flag))] }
}

export interface DescribedMatch {
  readonly match: MatchResult
  readonly refusal: string | undefined
  readonly behind: readonly string[]
  readonly near: ReturnType<typeof nearMisses>
  readonly groups: readonly string[]
}

export function matchText({ match: { route, params }, refusal, behind, near }: DescribedMatch): string {
  if (route !== undefined)
    return facts([
      ['route', route.id],
      ['group', route.flag],
      ['stage', route.stage],
      [
        'params',
        Object.entries(params)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
      ],
      ...(behind.length === 0 ? [] : [['behind it', behind.join(', ')] as const]),
    ])
  const head =
    refusal === undefined
      ? 'No route matches: PHP answers.'
      : `No route can match: the target has what servers read differently (${refusal}). PHP answers, with the same bytes.`
  if (near.length === 0) return head
  const rows: readonly Row[] = near.map(({ routeId, pattern, because }) => [routeId, pattern, because.join('; ')])
  return `${head}\n\nThese come near:\n${table(['ROUTE', 'PATTERN', 'BUT'], rows)}`
}

export function matchFacts({ match: { route, params }, refusal, behind, near }: DescribedMatch) {
  return {
    route: route?.id ?? null,
    group: route?.flag ?? null,
    stage: route?.stage ?? null,
    params,
    refusal: refusal ?? null,
    behind,
    near,
  }
}

// --- internal ---

async function list(call: CommandCall): Promise<CommandResult> {
  const definition = await readRouteFile(routesFileOf(call))
  const compiled = compileRoutes(definition)
  const patterns = new Map(definition.routes.map(({ id, match }) => [id, patternsOf(match).map(patternText)]))
  const rows = compiled.routes.flatMap((route) =>
    (patterns.get(route.id) ?? []).map((pattern, index) => (index === 0 ? rowOf(route, pattern) : continued(pattern))),
  )
  const text = `${table(['ID', 'GROUP', 'STAGE', 'PATTERN', 'READS', 'WRITES'], rows)}\n\nWhatever is not listed goes to PHP.`
  const listed = compiled.routes.map(({ id, flag, stage, reads, writes, default: side }) => ({
    id,
    group: flag,
    stage,
    default: side,
    patterns: patterns.get(id) ?? [],
    reads,
    writes,
  }))
  return done(compiled.routes.length === 0 ? 'The table has no routes: everything goes to PHP.' : text, {
    routes: listed,
  })
}

function rowOf({ id, flag, stage, reads, writes }: Route, pattern: string): Row {
  return [id, flag, stage, pattern, shortened(reads), shortened(writes)]
}

/** A second pattern of the same route. A blank cell, where an empty one would be shown as a dash. */
function continued(pattern: string): Row {
  return [' ', ' ', ' ', pattern, ' ', ' ']
}

function shortened(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}

async function check(call: CommandCall): Promise<CommandResult> {
  const file = routesFileOf(call)
  // Not by way of the settings: with a sync file those ask for both databases, and this needs none.
  const sync = call.text('sync') ?? call.env.FIG_SYNC
  const syncFile = sync === undefined || sync === '' ? undefined : resolve(call.cwd, sync)
  const definition = await readRouteFile(file)
  const tables = syncFile === undefined ? undefined : await readTableNames(syncFile)
  const problems = checkRoutes(definition, { tables })
  if (problems.length === 0) {
    const count = definition.routes.length
    const beside = tables === undefined ? ' (tables are not checked: --sync is not given)' : ''
    return done(`${file}: ${count} ${count === 1 ? 'route' : 'routes'}, no problem${beside}.`, { problems })
  }
  const text = problems.map(({ routeId, problem, fix }) => `route '${plain(routeId)}': ${problem}\n    fix: ${fix}`)
  return done(`${file}: ${problems.length} problem(s)\n\n${text.join('\n')}`, { problems }, 1)
}

async function test(call: CommandCall, words: readonly string[]): Promise<CommandResult> {
  const request = readRequest(call, words)
  const described = await describeMatch(routesFileOf(call), request)
  const code = described.match.route === undefined ? 1 : 0
  return done(matchText(described), { method: request.method, target: request.target, ...matchFacts(described) }, code)
}
