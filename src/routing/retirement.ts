import type { PatternProblem } from './path-pattern.ts'
import { capturedNames, type Pattern } from './pattern.ts'
import type { RedirectStatus, Retirement, RouteDefinition } from './route-definition.ts'

/** What answers a retired route; see RouteDefinition.retired. */
export type RouteRetirement =
  | { readonly kind: 'gone' }
  | { readonly kind: 'modern' }
  | { readonly kind: 'redirect'; readonly to: string; readonly status: RedirectStatus }

/** Of the definition alone; whether its patterns capture what a redirect needs is for redirectProblems. */
export function retirementProblems(given: RouteDefinition): readonly PatternProblem[] {
  const { stage, retired } = given
  if (retired === undefined)
    return stage === 'retired'
      ? [{ problem: "stage 'retired' does not say what answers", fix: `write ${retirements}` }]
      : []
  if (stage !== 'retired')
    return [
      { problem: "'retired' is there, but the stage is another one", fix: "write stage: 'retired', or leave it out" },
    ]
  if (retired === 'gone' || retired === 'modern') return []
  if (typeof retired !== 'object' || retired === null || typeof retired.redirect !== 'string')
    return [{ problem: "'retired' is malformed", fix: `write ${retirements}` }]
  return targetProblems(retired.redirect, retired.status)
}

/** Every pattern of the route has to capture what the target of its redirect is made of. */
export function redirectProblems(retired: Retirement | undefined, pattern: Pattern): readonly PatternProblem[] {
  if (typeof retired !== 'object') return []
  const captured = capturedNames(pattern.segments, pattern.predicates)
  const missing = [...new Set(placeholdersOf(retired.redirect))].filter((name) => !captured.includes(name))
  return missing.map((name) => ({
    problem: `the redirect needs '${placeholder(name)}', which '${pattern.text}' does not capture`,
    fix:
      captured.length === 0
        ? 'redirect to a fixed target, or capture it in the pattern'
        : `use one of ${captured.map((known) => `'${placeholder(known)}'`).join(', ')}, or capture it in the pattern`,
  }))
}

export function readRetirement(retired: Retirement | undefined): RouteRetirement | undefined {
  if (retired === undefined) return undefined
  if (typeof retired === 'string') return Object.freeze({ kind: retired })
  return Object.freeze({ kind: 'redirect', to: retired.redirect, status: retired.status ?? 301 })
}

/** The Location of a redirect; `params` as match() gave them. What a visitor wrote is encoded: it stays one segment or value. */
export function redirectLocation(to: string, params: Readonly<Record<string, string>>): string {
  const location = to.replaceAll(placeholders, (_all, _rest, name: string | undefined) => {
    const value = params[name ?? '*'] ?? ''
    return name === undefined ? value.split('/').map(encode).join('/') : encode(value)
  })
  // An empty value in front must not make '/:a/:b' name another host.
  return location.startsWith('//') ? location.replace(/^\/+/, '/') : location
}

// --- internal ---

const retirements = "retired: 'gone', { redirect: '/path/:name' } or 'modern'"
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 307, 308])

/** ':name' anywhere behind the host, and a final '*' of the path. */
const placeholders = /(?<=\/)(\*)(?=$|[?#])|:([A-Za-z_][A-Za-z0-9_]*)/g

function placeholdersOf(target: string): readonly string[] {
  return [...target.replace(origin, '').matchAll(placeholders)].map(([, , name]) => name ?? '*')
}

function placeholder(name: string): string {
  return name === '*' ? '*' : `:${name}`
}

const origin = /^https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?=[/?#]|$)/

function targetProblems(target: string, status: unknown): readonly PatternProblem[] {
  const problems: PatternProblem[] = []
  if (!(origin.test(target) || /^\/(?!\/)/.test(target)) || /[^\x21-\x7e]|[\\]/.test(target))
    problems.push({
      problem: `'${target}' is no target for a redirect`,
      fix: "write a path such as '/mods/:id', or a whole URL with a fixed host, percent-encoded where need be",
    })
  if (status !== undefined && !(typeof status === 'number' && redirectStatuses.has(status)))
    problems.push({
      problem: `status ${String(status)} is none of a redirect's`,
      fix: `write ${[...redirectStatuses].join(', ')}, or leave it out for 301`,
    })
  return problems
}

/** encodeURIComponent throws for half a surrogate pair, which no decoded target holds but a total function has to bear. */
function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}
