import type { MatchResult } from '../../src/routing/index.ts'
import { type DecisionState, decide, readBodyFields, readTarget, type Side } from '../../src/routing/index.ts'
import { median, spread } from '../edge/statistics.ts'
import type { DecideOptions } from './decide-options.ts'
import { buildCases, buildFlags, buildTable, type PlainRequest, type RequestCase } from './site.ts'

export interface CaseFigures {
  readonly name: string
  readonly title: string
  /** User and system time of the whole process, the garbage collector's threads included. */
  readonly cpuUs: number
  readonly cpuSpread: number
  /** Of that: reading the target, matching, and reading the body where a field decides. */
  readonly matchCpuUs: number
  readonly decisionsPerSecond: number
}

/** All cases in turns, so that a slow moment of the machine is not one case's alone. */
export function measureDecisions({ routes, seconds, rounds }: DecideOptions): readonly CaseFigures[] {
  const steps = buildSteps(routes)
  const cases = buildCases(routes)
  const windows = new Map(cases.map(({ name }) => [name, { whole: [] as Window[], match: [] as Window[] }]))
  for (const each of cases) run(each, steps.decide, warmUpSeconds)
  for (let round = 0; round < rounds; round += 1) {
    for (const each of cases) {
      const measured = windows.get(each.name)!
      measured.match.push(run(each, steps.match, seconds / 2))
      measured.whole.push(run(each, steps.decide, seconds))
    }
  }
  return cases.map(({ name, title }) => {
    const { whole, match } = windows.get(name)!
    const cpuUs = whole.map((window) => window.cpuUs)
    return {
      name,
      title,
      cpuUs: median(cpuUs),
      cpuSpread: spread(cpuUs),
      matchCpuUs: median(match.map((window) => window.cpuUs)),
      decisionsPerSecond: median(whole.map((window) => window.perSecond)),
    }
  })
}

// --- internal ---

const warmUpSeconds = 0.3
const visitorCount = 1_000
const batchRequests = 200

interface Window {
  readonly cpuUs: number
  readonly perSecond: number
}

/** Gives a number that depends on all that was done, so that none of it can be left out by the compiler. */
type Step = (request: PreparedRequest, turn: number) => number

interface PreparedRequest extends PlainRequest {
  readonly bytes: Buffer
  readonly header: (name: string) => string | undefined
}

function buildSteps(routes: number): { readonly match: Step; readonly decide: Step } {
  const table = buildTable(routes)
  const flags = buildFlags(routes)
  const visitors = Array.from({ length: visitorCount }, (_, n) => ({
    id: `0199b1c2-7d3e-7a4f-8b5c-${String(n).padStart(12, '0')}`,
  }))
  const killed = new Map<string, Side>([['group-of-another-table', 'legacy']])
  const kills = { sideOf: (group: string) => killed.get(group) }
  const openBreakers = new Set<string>(['route-of-another-table'])
  const match = (request: PreparedRequest): MatchResult => {
    const { method, header } = request
    const input = { method, host: header('host'), target: readTarget(request.target), header }
    const first = table.match({ ...input, body: 'not-read' })
    return first.needsBody
      ? table.match({ ...input, body: readBodyFields(header('content-type'), request.bytes) })
      : first
  }
  return {
    match: (request) => match(request).route?.id.length ?? 0,
    decide: (request, turn) => {
      const { route } = match(request)
      const breakerOpen = route !== undefined && openBreakers.has(route.id)
      const state: DecisionState = {
        epoch: 1,
        kills,
        override: undefined,
        pin: undefined,
        breakerOpen,
        fenced: undefined,
      }
      const made = decide(route, flags, visitors[turn % visitorCount]!, state)
      const fields = `"target":"${made.target}","route":"${made.routeId}","reason":"${made.reason}","epoch":${made.epoch}`
      return fields.length
    },
  }
}

let total = 0

function run({ requests }: RequestCase, step: Step, seconds: number): Window {
  const prepared = requests.map((request) => ({
    ...request,
    bytes: Buffer.from(request.body ?? ''),
    header: (name: string) => request.headers[name],
  }))
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  let turns = 0
  while (performance.now() - startedAt < seconds * 1_000) {
    for (let at = 0; at < batchRequests; at += 1) {
      total += step(prepared[turns % prepared.length]!, turns)
      turns += 1
    }
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  const elapsedMs = performance.now() - startedAt
  if (!Number.isSafeInteger(total)) total = 0
  return { cpuUs: (user + system) / turns, perSecond: (turns / elapsedMs) * 1_000 }
}
