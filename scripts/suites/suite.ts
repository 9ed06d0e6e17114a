/** The suites, how each is run, and how its own report is read. A suite that ran nothing has failed. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const suiteNames = ['style', 'types', 'unit', 'db', 'site', 'e2e'] as const
export type SuiteName = (typeof suiteNames)[number]

export const lanes = ['static', 'databases', 'site'] as const
export type Lane = (typeof lanes)[number]

export interface SuiteResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Why it counts as failed although no single test says so. */
  readonly problem?: string
}

export interface Suite {
  readonly title: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Suites of one lane run one after the other, lanes side by side: there are often no more than two processors. */
  readonly lane: Lane
  readonly limitMs: number
  read(exitCode: number | undefined): SuiteResult
}

/** @param folder private to this run, for reports and for what a failed browser test leaves */
export function describeSuites(folder: string): Readonly<Record<SuiteName, Suite>> {
  return {
    style: check('format and lint', ['biome', 'check', '--error-on-warnings', '--colors=off']),
    types: check('types', ['tsc', '--noEmit', '--pretty', 'false']),
    unit: vitest('unit', 'databases', folder),
    db: vitest('db', 'databases', folder),
    site: vitest('site', 'site', folder),
    e2e: playwright(folder),
  }
}

// --- internal ---

const minuteMs = 60_000

function check(title: string, command: readonly string[]): Suite {
  return {
    title,
    command,
    env: {},
    lane: 'static',
    limitMs: 3 * minuteMs,
    read: (exitCode) => ({ passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 }),
  }
}

function vitest(project: string, lane: Lane, folder: string): Suite {
  const report = join(folder, `${project}.json`)
  return {
    title: `${project} tests`,
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    env: { NO_COLOR: '1' },
    lane,
    limitMs: 20 * minuteMs,
    read: (exitCode) => readReport<VitestReport>(report, exitCode, countVitest),
  }
}

function playwright(folder: string): Suite {
  const report = join(folder, 'e2e.json')
  return {
    title: 'browser tests',
    command: ['playwright', 'test', '--reporter=list,json'],
    env: { NO_COLOR: '1', PLAYWRIGHT_JSON_OUTPUT_FILE: report, FIG_E2E_OUTPUT: join(folder, 'e2e') },
    lane: 'site',
    limitMs: 20 * minuteMs,
    read: (exitCode) => readReport<PlaywrightReport>(report, exitCode, countPlaywright),
  }
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

/** A file that can't even be loaded holds no test that could fail: it counts as one. */
function countVitest(report: VitestReport): SuiteResult {
  const unloadable = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

interface PlaywrightReport {
  readonly stats: {
    readonly expected: number
    readonly unexpected: number
    readonly flaky: number
    readonly skipped: number
  }
  readonly errors: readonly unknown[]
}

function countPlaywright({ stats, errors }: PlaywrightReport): SuiteResult {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped }
}

function readReport<Report>(
  file: string,
  exitCode: number | undefined,
  count: (report: Report) => SuiteResult,
): SuiteResult {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, problem: 'it ended without a report' }
  const result = count(JSON.parse(readFileSync(file, 'utf8')) as Report)
  if (result.failed > 0) return result
  if (exitCode !== 0) return { ...result, failed: 1, problem: `it ended with exit code ${exitCode ?? 'none'}` }
  if (result.passed === 0) return { ...result, failed: 1, problem: 'it ran nothing' }
  return result
}
