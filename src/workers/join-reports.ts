import type { OperatorReport } from '../operator/index.ts'
import type { WorkerState } from './worker-process.ts'

/** What one worker is, and what it said when it was asked. */
export interface WorkerReport {
  readonly worker: number
  readonly pid: number | undefined
  readonly state: WorkerState
  readonly uptimeSeconds: number
  /** Undefined when it did not answer. */
  readonly report: OperatorReport | undefined
}

export interface PrimaryReport {
  /** What is wrong with no worker in particular. */
  readonly problems: readonly string[]
  readonly status: Readonly<Record<string, unknown>>
  readonly draining: boolean
}

/**
 * Several workers as one Fig. Ready where one of them is: the others' visitors come to it, or get PHP. Not ready where one says
 * that waiting does not help: it says so of the files and databases that they all have.
 */
export function joinReports(primary: PrimaryReport, workers: readonly WorkerReport[]): OperatorReport {
  const serving = workers.filter(({ state }) => state === 'serving')
  const final = serving.some(({ report }) => report?.final === true)
  const isOneReady = serving.some(({ report }) => report?.ready === true)
  return {
    ready: isOneReady && !final && !primary.draining,
    problems: [...primary.problems, ...serving.flatMap(problemsOf)],
    final,
    status: { ...shared(serving), ...totals(workers), ...primary.status, workers: workers.map(ownStatus) },
  }
}

// --- internal ---

/** Figures that add up. */
const totalled = ['requestsRunning', 'connections'] as const

function problemsOf({ worker, report }: WorkerReport): readonly string[] {
  const problems = report === undefined ? ['does not answer'] : report.problems
  return problems.map((problem) => `worker ${worker}: ${problem}`)
}

/** The same in every worker, save that one of them follows MySQL and knows more about it. */
function shared(serving: readonly WorkerReport[]): Readonly<Record<string, unknown>> {
  const statuses = serving.flatMap(({ report }) => (report === undefined ? [] : [report.status]))
  const [first] = statuses
  if (first === undefined) return {}
  const leader = statuses.find(({ sync }) => isLeading(sync)) ?? first
  return { routes: first.routes, flags: first.flags, sync: leader.sync }
}

function isLeading(sync: unknown): boolean {
  return typeof sync === 'object' && sync !== null && 'stream' in sync && sync.stream === 'streaming'
}

function totals(workers: readonly WorkerReport[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    totalled.flatMap((name) => {
      const figures = workers.flatMap(({ report }) => report?.status[name] ?? [])
      return figures.length === 0 ? [] : [[name, figures.reduce<number>((sum, figure) => sum + Number(figure), 0)]]
    }),
  )
}

function ownStatus({ report, ...worker }: WorkerReport): object {
  const { routes: _, ...status } = report?.status ?? {}
  return { ...status, ...worker, ready: report?.ready ?? false, problems: report?.problems ?? ['does not answer'] }
}
