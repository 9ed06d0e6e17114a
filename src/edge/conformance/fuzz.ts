#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { type FuzzFailure, fuzz } from './fuzz/lane.ts'

const help = `Fuzzes Fig's edge on both sides with requests and answers that are nearly right.

  node src/edge/conformance/fuzz.ts [options]

  --cases <number>  how many cases, 10000 if nothing is said
  --seed <number>   the same seed gives the same cases, 1 if nothing is said
  --case <number>   runs this case alone; where it finds something it shows what all sides said
  --lanes <number>  cases at once, 12 if nothing is said
  --help            this text

Ends with 0 when nothing was found, with 1 when something was: each finding with its seed and case.
`

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    lanes: { type: 'string', default: '12' },
    help: { type: 'boolean', default: false },
  },
})

const wrong = (['cases', 'seed', 'case', 'lanes'] as const).find((name) => Number.isNaN(whole(name)))
if (values.help) {
  process.stdout.write(help)
} else if (wrong !== undefined) {
  process.stderr.write(`--${wrong}: give a whole number, not ${values[wrong]}; --help tells more\n`)
  process.exitCode = 2
} else {
  process.exitCode = await run(whole('seed'), whole('cases'))
}

// --- internal ---

async function run(seed: number, cases: number): Promise<number> {
  const crashes: FuzzFailure[] = []
  const note = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    crashes.push({ seed, caseNumber: undefined, problems: [`near case ${done}: ${text}`] })
  }
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  const single = values.case === undefined ? undefined : whole('case')
  let done = 0
  const total = single === undefined ? cases : 1
  const stop = showProgress(total, () => done)
  const found = await fuzz({
    seed,
    first: single ?? 0,
    cases: total,
    lanes: whole('lanes'),
    onCase: () => {
      done += 1
    },
  })
  stop()
  const failures = [...crashes, ...found]
  for (const { caseNumber, problems, transcript = [] } of failures) {
    console.log(`seed ${seed}${caseNumber === undefined ? '' : `, case ${caseNumber}`}: ${problems.join('\n  ')}`)
    for (const line of single === undefined ? transcript.slice(-1) : transcript) {
      console.log(`  ${single === undefined ? line.slice(0, 300) : line}`)
    }
  }
  console.log(
    `${done} cases with seed ${seed}: ${failures.length === 0 ? 'nothing found' : `${failures.length} finding(s)`}`,
  )
  return failures.length === 0 ? 0 : 1
}

/** One line that is written over, on a terminal only. */
function showProgress(total: number, done: () => number): () => void {
  if (!process.stdout.isTTY) {
    return () => {}
  }
  const begin = performance.now()
  const timer = setInterval(() => {
    const seconds = (performance.now() - begin) / 1000
    const rate = done() / seconds
    const left = rate === 0 ? '' : `, ${Math.ceil((total - done()) / rate)} s left`
    process.stdout.write(`\r\x1b[K${done()} of ${total} cases, ${rate.toFixed(0)} per second${left}`)
  }, 500)
  return () => {
    clearInterval(timer)
    process.stdout.write('\r\x1b[K')
  }
}

function whole(name: 'cases' | 'seed' | 'case' | 'lanes'): number {
  const number = Number(values[name] ?? 0)
  return Number.isSafeInteger(number) && number >= 0 ? number : Number.NaN
}
