/** What the run can be told. */
import { parseArgs } from 'node:util'
import { applicationNames } from './applications/index.ts'

export interface CompatOptions {
  readonly applications: readonly string[]
  /** Journeys whose name contains one of these; all of them when empty. */
  readonly only: readonly string[]
  readonly json: boolean
  /** Leave the two sites, their logs and their data where they are. */
  readonly keep: boolean
  /** How many differences are written out, per application. */
  readonly differencesMax: number
}

export class WrongOptions extends Error {}

/** @throws WrongOptions with all problems, one a line */
export function readCompatOptions(words: readonly string[]): CompatOptions | 'help' {
  const { values, positionals } = parse(words)
  if (values.help === true) return 'help'
  const problems = positionals
    .filter((name) => !applicationNames.includes(name))
    .map((name) => `"${name}" is none of ${applicationNames.join(', ')}`)
  const shown = values.show ?? '10'
  if (!/^\d{1,4}$/.test(shown)) problems.push(`--show: give a number up to 9999, not "${shown}"`)
  if (problems.length > 0) throw new WrongOptions(problems.join('\n'))
  return {
    applications: applicationNames.filter((name) => positionals.length === 0 || positionals.includes(name)),
    only: values.only?.split(',').map((name) => name.trim()) ?? [],
    json: values.json === true,
    keep: values.keep === true,
    differencesMax: Number(shown),
  }
}

export const helpText = `node compat/main.ts [options] [application ...]

Puts Fig in front of PHP applications that nobody here wrote and asks each everything twice: directly, and through Fig.
The two sides are copies of one installation with a database each, so what is written is compared too.

Applications: ${applicationNames.join(', ')} (all of them, if none is named)

  --only A,B       journeys whose name contains one of these words
  --show N         how many differences are written out (10)
  --keep           leave the sites, their logs and their data behind
  --json           the figures as JSON on standard output
  --help           this text

Needs Debian 12 with nginx, PHP's FPM and MariaDB, as \`npm start\` installs them, and apt-get download. The applications
are unpacked below a temporary folder: nothing is installed, no service of the machine is touched.
Ends with 0: everything is identical; 1: something could not be run; 2: wrong options; 3: something differs.`

// --- internal ---

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      strict: true,
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        show: { type: 'string' },
        keep: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new WrongOptions((error as Error).message.split('. ')[0])
  }
}
