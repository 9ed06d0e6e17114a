/** Runs suites in lanes side by side, shows each one's output whole when it ends, and the sums last. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopRequested } from '../stop-requested.ts'
import { runCommand } from './run-command.ts'
import { describeSuites, type Lane, lanes, type Suite, type SuiteName, type SuiteResult, suiteNames } from './suite.ts'

export { suiteNames } from './suite.ts'

export async function runSuites(
  command: string,
  words: readonly string[],
  usual: readonly SuiteName[],
): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    console.log(`${command} [-- ${suiteNames.join(' | ')} …]\n\nRuns ${usual.join(', ')}; or those that are named.`)
    return 0
  }
  const unknown = words.filter((word) => !suiteNames.includes(word as SuiteName))
  if (unknown.length > 0) {
    console.error(`fig: there is no suite ${unknown.join(', ')}; there are ${suiteNames.join(', ')}`)
    return 1
  }
  const names = words.length === 0 ? usual : suiteNames.filter((name) => words.includes(name))
  const folder = mkdtempSync(join(tmpdir(), 'fig-test-'))
  const outcomes = await runInLanes(names, describeSuites(folder))
  return report(outcomes, folder)
}

// --- internal ---

interface Outcome extends SuiteResult {
  readonly title: string
  readonly tookMs: number
}

async function runInLanes(
  names: readonly SuiteName[],
  suites: Readonly<Record<SuiteName, Suite>>,
): Promise<readonly Outcome[]> {
  const stop = stopRequested()
  const outcomes = new Map<SuiteName, Outcome>()
  const runLane = async (lane: Lane): Promise<void> => {
    for (const name of names.filter((candidate) => suites[candidate].lane === lane)) {
      if (!stop.signal.aborted) outcomes.set(name, await runSuite(suites[name], stop.signal))
    }
  }
  await Promise.all(lanes.map(runLane))
  const missing: Outcome = { title: '', tookMs: 0, passed: 0, failed: 1, skipped: 0, problem: 'interrupted' }
  return names.map((name) => outcomes.get(name) ?? { ...missing, title: suites[name].title })
}

async function runSuite(suite: Suite, signal: AbortSignal): Promise<Outcome> {
  const startedAt = performance.now()
  console.log(`→  ${suite.title} …`)
  const { exitCode, output, end } = await runCommand(suite.command, { env: suite.env, limitMs: suite.limitMs, signal })
  const read = suite.read(exitCode)
  const result = end === 'exit' ? read : { ...read, failed: Math.max(1, read.failed), problem: problemOf(end, suite) }
  const tookMs = performance.now() - startedAt
  if (result.failed > 0) console.log(`${rule(suite.title)}\n${output.trimEnd()}\n${rule()}`)
  console.log(`${result.failed > 0 ? '✗' : '✓'}  ${describe({ ...result, title: suite.title, tookMs })}`)
  return { ...result, title: suite.title, tookMs }
}

function problemOf(end: 'limit' | 'stopped', suite: Suite): string {
  return end === 'limit' ? `it was not done after ${suite.limitMs / 60_000} minutes` : 'interrupted'
}

function report(outcomes: readonly Outcome[], folder: string): number {
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const [passed, failed] = [sum((outcome) => outcome.passed), sum((outcome) => outcome.failed)]
  console.log(rule('summary'))
  for (const outcome of outcomes) console.log(`${outcome.failed > 0 ? '✗' : '✓'}  ${describe(outcome)}`)
  if (failed === 0) rmSync(folder, { recursive: true, force: true })
  else console.log(`Reports, and what failed browser tests left: ${folder}`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}

function describe({ title, passed, failed, skipped, problem, tookMs }: Outcome): string {
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')
  const seconds = `${(tookMs / 1000).toFixed(1)} s`.padStart(8)
  return `${title.padEnd(16)}${seconds}   ${counts}${problem === undefined ? '' : ` (${problem})`}`
}

function rule(title = ''): string {
  return title === '' ? '─'.repeat(72) : `── ${title} ${'─'.repeat(Math.max(0, 68 - title.length))}`
}
