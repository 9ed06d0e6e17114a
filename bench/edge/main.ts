/** npm run bench: what Fig costs, beside other proxies. `--help` says the rest. */
import { type BenchOptions, helpText, readBenchOptions, WrongOptions } from './bench-options.ts'
import { writeDocument } from './benchmarks-document.ts'
import type { Results } from './figures.ts'
import { BenchProblem } from './problem.ts'
import { describeRun, plainTable, remarksOf, tablesOf } from './report.ts'
import { runBench } from './run-bench.ts'
import { judge } from './targets.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  const stop = new AbortController()
  const stopped = (): void => {
    if (stop.signal.aborted) process.exit(130) // Asked twice: what was started is killed on the way out.
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopped)
  // Servers of the system are kept where a plain user's PATH does not look.
  process.env.PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`
  const progress = terminalProgress()
  try {
    const options = readBenchOptions(words)
    if (options === 'help') {
      console.log(helpText)
      return 0
    }
    const results = await runBench(options, stop.signal, progress.say)
    progress.clear()
    return report(results, options)
  } catch (error) {
    progress.clear()
    if (stop.signal.aborted) return 130
    return explain(error)
  }
}

// --- internal ---

function report(results: Results, options: BenchOptions): number {
  const remarks = remarksOf(results)
  const targets = judge(results)
  if (options.json) console.log(JSON.stringify({ ...results, targets }, undefined, 2))
  else console.log([describeRun(results), ...tablesOf(results).map(plainTable)].join('\n\n'))
  for (const remark of remarks) console.error(`bench: ${remark}`)
  const rows = [...results.cases.flatMap(({ rows }) => rows), ...(results.memory ?? [])]
  if (rows.some(({ problem }) => problem !== undefined)) return 1
  if (options.whole) {
    writeDocument(results)
    console.error('bench: the figures are written to docs/benchmarks.md')
  }
  return options.check && targets.some(({ verdict }) => verdict === 'missed') ? 3 : 0
}

function explain(error: unknown): number {
  if (error instanceof WrongOptions) {
    console.error(`bench: ${error.message.replaceAll('\n', '\nbench: ')}\n  What to do: see --help`)
    return 2
  }
  if (error instanceof BenchProblem) {
    console.error(`bench: ${error.message}\n  What to do: ${error.remedy}`)
    return 1
  }
  throw error
}

/** One line that changes, on a terminal; nothing in a pipe. */
function terminalProgress(): { readonly say: (text: string) => void; readonly clear: () => void } {
  const { stderr } = process
  if (!stderr.isTTY) return { say: () => undefined, clear: () => undefined }
  const clear = () => stderr.write('\r\x1b[K')
  return { clear, say: (text) => stderr.write(`\r\x1b[K${text} …`) }
}
