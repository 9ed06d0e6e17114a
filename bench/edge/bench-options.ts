/** What `npm run bench` can be told. */
import { parseArgs } from 'node:util'
import { caseNames } from './cases.ts'
import { proxyNames, usualProxyNames } from './proxies/index.ts'

export interface BenchOptions {
  readonly cases: readonly string[]
  readonly proxies: readonly string[]
  /** Length of one measured window. */
  readonly seconds: number
  readonly rounds: number
  readonly json: boolean
  /** A missed target is a failure. */
  readonly check: boolean
  /** Everything was measured: the figures may replace those in the document. */
  readonly whole: boolean
}

export class WrongOptions extends Error {}

/** @throws WrongOptions with all problems, one a line */
export function readBenchOptions(words: readonly string[]): BenchOptions | 'help' {
  const given = parse(words)
  if (given.help === true) return 'help'
  const problems: string[] = []
  const cases = chosen('--only', given.only, caseNames, problems) ?? caseNames
  const proxies = chosen('--proxies', given.proxies, proxyNames, problems) ?? usualProxyNames
  const seconds = wholeNumber('--seconds', given.seconds, 2, 60, problems)
  const rounds = wholeNumber('--rounds', given.rounds, 3, 20, problems)
  if (problems.length === 0 && cases.every((name) => name === 'routes') && !proxies.includes('fig'))
    problems.push('the case routes measures Fig only: add fig to --proxies')
  if (problems.length > 0) throw new WrongOptions(problems.join('\n'))
  const whole = given.only === undefined && given.proxies === undefined
  return { cases, proxies, seconds, rounds, json: given.json === true, check: given.check === true, whole }
}

export const helpText = `npm run bench -- [options]

Measures what Fig costs, beside other proxies in front of the same upstream: CPU time per request, requests per second,
latency and memory. The proxy under test has one core to itself; load and upstream have the others. A whole run takes
ten minutes and writes its figures to docs/benchmarks.md; a part of it only prints them.

  --only A,B       of the cases ${caseNames.join(', ')}
  --proxies A,B    of ${proxyNames.join(', ')}
  --seconds N      length of one measured window, 1 to 60 (2)
  --rounds N       how often each is measured, in turns; the median counts, 1 to 20 (3)
  --json           the figures as JSON on standard output
  --check          end with 3 where a target is missed
  --help           this text

Linux only. Ends with 0: measured; 1: something could not be measured; 2: wrong options; 3: see --check.`

// --- internal ---

type Given = Readonly<Partial<Record<'only' | 'proxies' | 'seconds' | 'rounds', string>>> &
  Readonly<Partial<Record<'json' | 'check' | 'help', boolean>>>

function parse(words: readonly string[]): Given {
  try {
    const { values } = parseArgs({
      args: [...words],
      strict: true,
      options: {
        only: { type: 'string' },
        proxies: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (error) {
    throw new WrongOptions((error as Error).message.split('. ')[0])
  }
}

/** In the order of `known`, whatever the order they were named in. */
function chosen(
  option: string,
  text: string | undefined,
  known: readonly string[],
  problems: string[],
): readonly string[] | undefined {
  if (text === undefined) return undefined
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) problems.push(`${option}: "${unknown.join(', ')}" is none of ${known.join(', ')}`)
  return known.filter((name) => names.includes(name))
}

function wholeNumber(option: string, text: string | undefined, usual: number, max: number, problems: string[]): number {
  if (text === undefined) return usual
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text)
  problems.push(`${option}: give a whole number from 1 to ${max}, not "${text}"`)
  return usual
}
