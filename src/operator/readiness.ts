import type { OperatorReport } from './operator-server.ts'

export interface ReadinessCheck {
  readonly name: string
  /** Undefined when ready; else what is missing. */
  readonly problem: () => string | undefined
  /** True where waiting does not help: somebody has to correct what the problem says and start again. */
  readonly final?: () => boolean
}

/** What a process says of itself. */
export function reportOf(checks: readonly ReadinessCheck[], status: OperatorReport['status']): OperatorReport {
  const problems = checks.flatMap(({ name, problem }) => {
    const text = problem()
    return text === undefined ? [] : [`${name}: ${text}`]
  })
  return { ready: problems.length === 0, problems, final: checks.some(({ final }) => final?.() === true), status }
}
