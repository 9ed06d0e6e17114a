/** Options of `npm start`: from the command line, else from the environment, else the usual ones. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type PortName, type Ports, portNames, portUses, StackError } from '../stack/index.ts'

export interface StartOptions {
  readonly ports: Ports
  /** Which stack of this checkout: its data folder is .fig/<name>. */
  readonly name: string
  readonly host: string | undefined
  readonly mods: number | undefined
  readonly fresh: boolean
}

export function readStartOptions(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartOptions | 'help' {
  const values = parse(words)
  if (values.help === true) return 'help'
  const text = (option: string): string | undefined => {
    const given = values[option]
    return typeof given === 'string' ? given : environment[variableFor(option)] || undefined
  }
  const problems: string[] = []
  const number = (option: string, min: number, max: number): number | undefined => {
    const given = text(option)
    if (given === undefined) return undefined
    if (/^\d{1,9}$/.test(given) && Number(given) >= min && Number(given) <= max) return Number(given)
    problems.push(
      `--${option} (or ${variableFor(option)}) must be a whole number from ${min} to ${max}, not "${given}"`,
    )
    return undefined
  }
  const from = number('ports-from', 1, 65_535 - portNames.length)
  const portOf = (name: PortName, index: number): number =>
    number(portUses[name].option, 1, 65_535) ?? (from === undefined ? portUses[name].usual : from + index)
  const ports = Object.fromEntries(portNames.map((name, index) => [name, portOf(name, index)])) as Ports
  const mods = number('mods', 100, 10_000_000)
  const name = text('name') ?? 'main'
  if (!/^[a-z0-9-]{1,40}$/.test(name)) problems.push(`--name must be a-z, 0-9 and -, not "${name}"`)
  if (problems.length > 0) throw new StackError('Wrong options.', remedy, problems)
  return { ports, name, host: text('host'), mods, fresh: values.fresh === true }
}

export const helpText = `npm start -- [options]

Runs the legacy site, its databases, Unleash and Fig on this machine until Ctrl-C. The first start installs what is
missing and writes the site's content; data and logs are kept in .fig/main.

${portNames.map((name) => `  ${`--${portUses[name].option} N`.padEnd(20)} port of ${portUses[name].title} (${portUses[name].usual})`).join('\n')}
  --ports-from N       all of them from N on, in this order
  --host ADDRESS       where Fig listens (127.0.0.1; 0.0.0.0 lets other machines in)
  --mods N             size of the site, 100 to 10000000 mods (2000); needs --fresh once it is there
  --name NAME          another stack of this checkout, with its data in .fig/NAME (main); give it other ports
  --fresh              throw the data away and start over
  --help               this text

Each can come from the environment as well: FIG_START_PORT, FIG_START_LEGACY_PORT, FIG_START_PORTS_FROM, FIG_START_MODS, …`

// --- internal ---

const remedy = "`npm start -- --help` lists the options. The `--` before them is npm's."

function parse(words: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const valued = [...portNames.map((name) => portUses[name].option), 'ports-from', 'host', 'mods', 'name']
  const options: NonNullable<ParseArgsConfig['options']> = {
    ...Object.fromEntries(valued.map((option) => [option, { type: 'string' }])),
    fresh: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  }
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, strict: true, allowPositionals: true })
    if (positionals.length > 0) throw npmSwallowed(positionals[0]!)
    return values as Record<string, string | boolean>
  } catch (error) {
    if (error instanceof StackError) throw error
    const [reason = ''] = (error as Error).message.split('. ')
    throw new StackError(`Wrong options: ${reason}.`, remedy, [], error)
  }
}

/** `npm start --port 9000` gives --port to npm, and us the rest. */
function npmSwallowed(word: string): StackError {
  return new StackError(
    `Wrong options: "${word}" belongs to no option.`,
    `Write \`--\` between npm's options and these: \`npm start -- --port ${word}\`. \`npm start -- --help\` lists them.`,
  )
}

function variableFor(option: string): string {
  return `FIG_START_${option.toUpperCase().replaceAll('-', '_')}`
}
