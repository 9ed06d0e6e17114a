/** What the bench of decisions can be told. */
import { parseArgs } from 'node:util'

export interface DecideOptions {
  readonly routes: number
  /** Length of one measured window. */
  readonly seconds: number
  readonly rounds: number
  readonly json: boolean
  /** A missed target is a failure. */
  readonly check: boolean
}

export class WrongOptions extends Error {}

/** @throws WrongOptions with all problems, one a line */
export function readDecideOptions(words: readonly string[]): DecideOptions | 'help' {
  const given = parse(words)
  if (given.help === true) return 'help'
  const problems: string[] = []
  const routes = wholeNumber('--routes', given.routes, 500, 10, 100_000, problems)
  const seconds = wholeNumber('--seconds', given.seconds, 1, 1, 60, problems)
  const rounds = wholeNumber('--rounds', given.rounds, 3, 1, 20, problems)
  if (problems.length > 0) throw new WrongOptions(problems.join('\n'))
  return { routes, seconds, rounds, json: given.json === true, check: given.check === true }
}

export const helpText = `node bench/decide/main.ts [options]

Measures what one routing decision costs: reading the target, matching it in the table, evaluating the flag of the route's
group for the visitor, deciding with kill switch, pin and breaker, and writing the fields that are logged. Nothing but this
process runs: no server, no network, flags from memory.

  --routes N       routes in the table, 10 to 100000 (500)
  --seconds N      length of one measured window, 1 to 60 (1)
  --rounds N       how often each case is measured, in turns; the median counts, 1 to 20 (3)
  --json           the figures as JSON on standard output
  --check          end with 3 where the target is missed (it is for 500 routes: no other number is judged)
  --help           this text

Linux only. Ends with 0: measured; 2: wrong options; 3: see --check.`

// --- internal ---

type Given = Readonly<Partial<Record<'routes' | 'seconds' | 'rounds', string>>> &
  Readonly<Partial<Record<'json' | 'check' | 'help', boolean>>>

function parse(words: readonly string[]): Given {
  try {
    const { values } = parseArgs({
      args: [...words],
      strict: true,
      options: {
        routes: { type: 'string' },
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

function wholeNumber(
  option: string,
  text: string | undefined,
  usual: number,
  min: number,
  max: number,
  problems: string[],
): number {
  if (text === undefined) return usual
  if (/^\d{1,6}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text)
  problems.push(`${option}: give a whole number from ${min} to ${max}, not "${text}"`)
  return usual
}
