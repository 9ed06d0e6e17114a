import { parseArgs } from 'node:util'
import { isAppError } from '../platform/index.ts'
import {
  type CommandCall,
  CommandFailure,
  type CommandOption,
  type CommandResult,
  type CommandSpec,
  type CommandTerminal,
  type ExitCode,
  UsageError,
} from './command.ts'

/** Runs one command: what it has to say goes to stdout, what went wrong to stderr in a sentence with the remedy. */
export async function runCommand(
  spec: CommandSpec,
  argv: readonly string[],
  terminal: CommandTerminal,
): Promise<ExitCode> {
  // Also where the rest of the line can't be read: programs get one document in any case.
  const json = argv.includes('--json')
  try {
    const call = readCall(spec, argv, terminal)
    if (call === 'help') {
      terminal.stdout.write(`${usageOf(spec)}\n`)
      return 0
    }
    const { code, text, facts } = await (await spec.load())(call)
    terminal.stdout.write(call.has('json') ? `${JSON.stringify(facts)}\n` : `${text}\n`)
    return code
  } catch (error) {
    return report(error, { spec, json, terminal })
  }
}

export function usageOf({ name, summary, usage, options, notes = [], examples }: CommandSpec): string {
  const named = [...options, helpOption].map((option) => [flagOf(option), option.help] as const)
  const width = Math.max(...named.map(([flag]) => flag.length))
  return [
    `fig ${name}: ${summary}`,
    `Usage:\n${usage.map((form) => `  $ fig ${form}`).join('\n')}`,
    `Options:\n${named.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join('\n')}`,
    ...notes,
    ...(examples.length === 0 ? [] : [`Examples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`]),
    'Exit codes: 0 done, 1 it could not be done, 2 the command line or the configuration is wrong.',
  ].join('\n\n')
}

// --- internal ---

const helpOption: CommandOption = { name: 'help', help: 'This text' }

function flagOf({ name, value, many }: CommandOption): string {
  return `--${name}${value === undefined ? '' : ` ${value}`}${many === true ? ' …' : ''}`
}

/** @throws UsageError */
function readCall(spec: CommandSpec, argv: readonly string[], terminal: CommandTerminal): CommandCall | 'help' {
  const options = Object.fromEntries([
    ...spec.options.map(({ name, value }) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const)
      return [name, { type, multiple: true as const }]
    }),
    ['help', { type: 'boolean' as const, multiple: true as const, short: 'h' }],
  ])
  const { values, positionals } = parsed(spec, argv, options)
  const given = values as Readonly<Record<string, readonly (string | boolean)[] | undefined>>
  if (given.help !== undefined) return 'help'
  for (const { name, value, many } of spec.options)
    if (value !== undefined && many !== true && (given[name]?.length ?? 0) > 1)
      throw new UsageError(`--${name} is given more than once; give it once`)
  const texts = (name: string): readonly string[] => (given[name] ?? []).map(String)
  return {
    spec,
    words: positionals,
    text: (name) => texts(name)[0],
    texts,
    has: (name) => given[name] !== undefined,
    env: terminal.env,
    cwd: terminal.cwd(),
    warn: (text) => void terminal.stderr.write(`fig: ${text}\n`),
  }
}

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

/** @throws UsageError */
function parsed(spec: CommandSpec, argv: readonly string[], options: ParseOptions) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    const code = (error as { code?: unknown }).code
    const message = error instanceof Error ? error.message : String(error)
    const [, named = ''] = /'(-[^'\s]*)/.exec(message) ?? []
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const known = spec.options.map(({ name }) => `--${name}`).join(', ')
      throw new UsageError(`there is no option ${named}; give ${known === '' ? 'none' : known}`)
    }
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') throw new UsageError(valueProblem(spec, message))
    throw error
  }
}

function valueProblem({ options }: CommandSpec, message: string): string {
  const name = /--([a-z-]+)/.exec(message)?.[1] ?? ''
  const option = options.find((each) => each.name === name)
  if (option?.value === undefined) return `--${name} takes no value; leave it out`
  return `--${name} needs a value; write --${name} ${option.value}, or --${name}=… where it begins with a dash`
}

interface Failure {
  readonly spec: CommandSpec
  readonly json: boolean
  readonly terminal: CommandTerminal
}

function report(error: unknown, { spec, json, terminal }: Failure): ExitCode {
  const { stdout, stderr } = terminal
  if (error instanceof UsageError) {
    if (json) stdout.write(`${JSON.stringify({ ok: false, code: 'usage', message: error.message })}\n`)
    stderr.write(`fig: ${error.message}\n     See fig ${spec.name} --help.\n`)
    return 2
  }
  if (error instanceof CommandFailure) {
    if (json) stdout.write(`${JSON.stringify({ ok: false, code: 'failed', message: error.message })}\n`)
    stderr.write(`fig: ${error.message}\n`)
    return 1
  }
  if (!isAppError(error)) throw error
  const { code, message, action } = error
  if (json) stdout.write(`${JSON.stringify({ ok: false, code, message, action })}\n`)
  stderr.write(`fig: ${message}\n     ${action}\n`)
  return code === 'config.invalid' || code === 'routing.invalid-table' ? 2 : 1
}

export function done(text: string, facts: Readonly<Record<string, unknown>>, code: ExitCode = 0): CommandResult {
  return { code, text, facts: { ok: code === 0, ...facts } }
}
