import type { FlagSnapshot, FlagVisitor } from '../flags/index.ts'
import { readBodyFields } from './body-fields.ts'
import { type Decision, type DecisionState, decide } from './decide.ts'
import type { Side } from './route-definition.ts'
import type { MatchResult, RouteTable } from './route-table.ts'
import { readTarget } from './target.ts'

/** Who asks, with what, while the flags say what. */
export interface ExpectRouteOptions {
  readonly flags: FlagSnapshot
  readonly visitor?: FlagVisitor
  readonly headers?: Readonly<Record<string, string>>
  /** An urlencoded body, such as 'action=comment&id=7'. */
  readonly form?: string
  /** A JSON body; it goes before `form`. */
  readonly json?: unknown
  readonly state?: DecisionState
}

export interface RouteExpectation {
  toGoTo(side: Side): void
  toMatch(routeId: string | undefined, params?: Readonly<Record<string, string>>): void
  readonly decision: Decision
  readonly match: MatchResult
}

/** Routing as a unit test: `expectRoute(table, 'GET /mods/7', { flags }).toGoTo('modern')`. Throws where it is otherwise. */
export function expectRoute(table: RouteTable, request: string, options: ExpectRouteOptions): RouteExpectation {
  const [method = 'GET', raw = '/'] = request.split(' ')
  const match = matchAsEdgeDoes(table, method, raw, options)
  const decision = decide(match.route, options.flags, options.visitor ?? { id: 'a-visitor' }, options.state)
  return {
    decision,
    match,
    toGoTo(side) {
      if (decision.target !== side)
        throw new Error(
          `expected ${request} to go to ${side}, but it goes to ${decision.target}: ${decision.reason}` +
            ` (route ${decision.routeId ?? 'none'}, flag ${decision.flag ?? 'none'})`,
        )
    },
    toMatch(routeId, params) {
      if (match.route?.id !== routeId)
        throw new Error(`expected ${request} to match ${routeId ?? 'no route'}, but got ${match.route?.id ?? 'none'}`)
      if (params !== undefined && !sameParams(params, match.params))
        throw new Error(`expected ${request} to capture ${JSON.stringify(params)}, got ${JSON.stringify(match.params)}`)
    },
  }
}

// --- internal ---

function matchAsEdgeDoes(table: RouteTable, method: string, raw: string, options: ExpectRouteOptions): MatchResult {
  const given = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const { type, body } = bodyOf(options)
  const typed = type === undefined ? {} : { 'content-type': type }
  const headers: Readonly<Record<string, string>> = { ...typed, ...Object.fromEntries(given) }
  const input = { method, target: readTarget(raw), host: headers.host, header: (name: string) => headers[name] }
  const first = table.match({ ...input, body: 'not-read' })
  if (!first.needsBody) return first
  return table.match({ ...input, body: readBodyFields(headers['content-type'], Buffer.from(body)) })
}

function bodyOf({ form, json }: ExpectRouteOptions): { readonly type: string | undefined; readonly body: string } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) }
  return { type: form === undefined ? undefined : 'application/x-www-form-urlencoded', body: form ?? '' }
}

function sameParams(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
