/** node bench/decide/main.ts: what one routing decision costs. `--help` says the rest. */
import { describeMachine } from '../edge/machine.ts'
import { plainTable, type Table } from '../edge/report.ts'
import { type DecideOptions, helpText, readDecideOptions, WrongOptions } from './decide-options.ts'
import { type CaseFigures, measureDecisions } from './measure.ts'

/** For match, flags and decision together. It is judged at this size of table only. */
const targetCpuUs = 5
const targetRoutes = 500

process.exitCode = main(process.argv.slice(2))

function main(words: readonly string[]): number {
  try {
    const options = readDecideOptions(words)
    if (options === 'help') {
      console.log(helpText)
      return 0
    }
    return report(measureDecisions(options), options)
  } catch (error) {
    if (!(error instanceof WrongOptions)) throw error
    console.error(`bench: ${error.message.replaceAll('\n', '\nbench: ')}\n  What to do: see --help`)
    return 2
  }
}

// --- internal ---

function report(cases: readonly CaseFigures[], options: DecideOptions): number {
  const { routes, seconds, rounds } = options
  const target = routes === targetRoutes ? judge(cases) : undefined
  const measuredAt = new Date().toISOString()
  if (options.json) {
    const results = { measuredAt, machine: describeMachine(), routes, seconds, rounds, cases, target }
    console.log(JSON.stringify(results, undefined, 2))
  } else {
    const windows = `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s`
    console.log(`${measuredAt.slice(0, 10)}, ${describeMachine()}; ${windows} for each case, medians.\n`)
    console.log(plainTable(tableOf(cases, routes)))
    if (target !== undefined)
      console.log(
        `\nTarget: at most ${target.cpuUs} µs CPU for a mixed decision: ${target.verdict} ` +
          `(${target.measuredCpuUs.toFixed(2)} µs).`,
      )
  }
  return options.check && target?.verdict === 'missed' ? 3 : 0
}

function judge(cases: readonly CaseFigures[]) {
  const { cpuUs } = cases.find(({ name }) => name === 'mixed')!
  return { cpuUs: targetCpuUs, measuredCpuUs: cpuUs, verdict: cpuUs <= targetCpuUs ? 'met' : 'missed' } as const
}

function tableOf(cases: readonly CaseFigures[], routes: number): Table {
  return {
    title: `One decision in a table of ${routes} routes`,
    head: ['requests', 'CPU/decision', '±', 'of it matching', 'decisions/s'],
    rows: cases.map(({ title, cpuUs, cpuSpread, matchCpuUs, decisionsPerSecond }) => [
      title,
      `${cpuUs.toFixed(2)} µs`,
      `${(cpuSpread * 50).toFixed(0)} %`,
      `${matchCpuUs.toFixed(2)} µs`,
      Math.round(decisionsPerSecond).toLocaleString('en'),
    ]),
  }
}
