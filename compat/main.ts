/** node compat/main.ts: applications that nobody here wrote, directly and through Fig. `--help` says the rest. */
import { join } from 'node:path'
import { explainFileError, StackError } from '../scripts/stack/index.ts'
import { applications } from './applications/index.ts'
import { type CompatOptions, helpText, readCompatOptions, WrongOptions } from './options.ts'
import { CompatProblem } from './problem.ts'
import { reportOf } from './report.ts'
import { type ApplicationResult, runApplication } from './run-application.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  const progress = terminalProgress()
  try {
    const options = readCompatOptions(words)
    if (options === 'help') {
      console.log(helpText)
      return 0
    }
    const results = await runAll(options, stop.signal, progress.say)
    progress.clear()
    if (options.json) console.log(JSON.stringify(results, undefined, 2))
    else console.log(reportOf(results, options.differencesMax))
    return results.some(({ different }) => different > 0) ? 3 : 0
  } catch (error) {
    progress.clear()
    if (stop.signal.aborted) return 130
    return explain(error)
  }
}

// --- internal ---

async function runAll(
  options: CompatOptions,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<readonly ApplicationResult[]> {
  const results: ApplicationResult[] = []
  for (const application of applications.filter(({ name }) => options.applications.includes(name))) {
    const checkout = join(import.meta.dirname, '..')
    results.push(await runApplication(application, { ...options, checkout, signal, say }))
  }
  return results
}

function explain(error: unknown): number {
  if (error instanceof WrongOptions) {
    console.error(`compat: ${error.message.replaceAll('\n', '\ncompat: ')}\n  What to do: see --help`)
    return 2
  }
  if (error instanceof CompatProblem) {
    console.error(`compat: ${error.message}\n  What to do: ${error.remedy}`)
    return 1
  }
  const known = error instanceof StackError ? error : explainFileError(error)
  if (known === undefined) throw error
  console.error(`compat: ${known.explain()}`)
  return 1
}

/** One line that changes, on a terminal; nothing in a pipe. */
function terminalProgress(): { readonly say: (text: string) => void; readonly clear: () => void } {
  const { stderr } = process
  if (!stderr.isTTY) return { say: () => undefined, clear: () => undefined }
  const clear = () => stderr.write('\r\x1b[K')
  return { clear, say: (text) => stderr.write(`\r\x1b[K${text.slice(0, (stderr.columns ?? 80) - 3)} …`) }
}
