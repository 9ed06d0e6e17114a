/** node bench/decide/main.ts: what one routing decision costs. `--help` says the rest. */
import { describeMachine } from '../edge/machine.ts'
import { plainTable, type Table } from '../edge/report.ts'
import { type DecideOptions, helpText, readDecideOptions, WrongOptions } from './decide-options.ts'
import { type CaseFigures, measureDecisions } from './measure.ts'

/** Issue's limit for match, flags and decision together, at 500 routes. */
const targetCpuUs = 5

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
  const mixed = cases.find(({ name }) => name === 'mixed')!
  const verdict = mixed.cpuUs <= targetCpuUs ? 'met' : 'missed'
  const measuredAt = new Date().toISOString()
  const target = { cpuUs: targetCpuUs, measuredCpuUs: mixed.cpuUs, verdict }
  if (options.json) {
    const { routes, seconds, rounds } = options
    console.log(
      JSON.stringify({ measuredAt, machine: describeMachine(), routes, seconds, rounds, cases, target }, undefined, 2),
    )
  } else {
    const rounds = `${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds'} of ${options.seconds} s`
    console.log(`${measuredAt.slice(0, 10)}, ${describeMachine()}; ${rounds} for each case, medians.\n`)
    console.log(plainTable(tableOf(cases, options.routes)))
    console.log(
      `\nTarget: at most ${targetCpuUs} µs CPU for a mixed decision: ${verdict} (${mixed.cpuUs.toFixed(2)} µs).`,
    )
  }
  return options.check && verdict === 'missed' ? 3 : 0
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
