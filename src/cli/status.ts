import { type CommandCall, CommandFailure, type CommandResult, UsageError } from './command.ts'
import { done } from './run-command.ts'
import { facts, plain, type Row, table } from './table.ts'

/** `fig status`: what a running Fig says of itself. */
export async function status(call: CommandCall): Promise<CommandResult> {
  if (call.words.length > 0)
    throw new UsageError(`fig status takes no word, but "${plain(call.words[0])}" is given; write --operator <url>`)
  const operator = operatorOf(call)
  const [readiness, state] = await Promise.all([ask(operator, '/readyz'), ask(operator, '/status')])
  const { ready, final } = readiness
  const problems = Array.isArray(readiness.problems) ? readiness.problems.map(String) : []
  if (typeof ready !== 'boolean') throw notFig(operator, 'its /readyz does not say whether it is ready')
  const { problems: _, ...rest } = state
  const text = [headText(operator, { ready, problems, final: final === true }), ...sections(rest)].join('\n\n')
  return done(text, { operator: operator.href, ready, final: final === true, problems, status: rest }, ready ? 0 : 1)
}

/** Every part of the status with a title: values below each other, lists as tables. */
export function sections(state: Json): readonly string[] {
  const plainOnes = Object.entries(state).filter(([, value]) => !isPart(value))
  const own = plainOnes.length === 0 ? [] : [facts(plainOnes.map(([name, value]) => [wordsOf(name), valueText(value)]))]
  const parts = Object.entries(state).filter(([, value]) => isPart(value))
  return [...own, ...parts.flatMap(([name, value]) => partText(wordsOf(name), value))]
}

// --- internal ---

type Json = Readonly<Record<string, unknown>>

const answerTimeoutMs = 3_000

function operatorOf({ text, env }: CommandCall): URL {
  const given = text('operator')
  const port = Number(env.FIG_OPERATOR_PORT)
  const host = env.FIG_OPERATOR_HOST || '127.0.0.1'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const fromEnv = port > 0 ? `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}` : undefined
  const address = given ?? fromEnv
  if (address === undefined)
    throw new UsageError(
      'where the running Fig answers is missing; give --operator http://127.0.0.1:9090 (fig serve prints it at its ' +
        'start), or set FIG_OPERATOR_PORT as that Fig has it',
    )
  const url = /^\d+$/.test(address) ? `http://127.0.0.1:${address}` : address
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--operator "${plain(address)}" is no URL; give one such as http://127.0.0.1:9090`)
  return new URL(new URL(url).origin)
}

/** @throws CommandFailure */
async function ask(operator: URL, path: string): Promise<Json> {
  let text: string
  try {
    const answer = await fetch(new URL(path, operator), { signal: AbortSignal.timeout(answerTimeoutMs) })
    text = await answer.text()
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const code = (cause as { code?: unknown }).code
    const why =
      code === 'ECONNREFUSED' ? 'nothing listens there' : cause instanceof Error ? cause.message : String(cause)
    const fix = 'start Fig, or give the address that fig serve printed'
    throw new CommandFailure(`no Fig answers at ${operator.origin}: ${why}; ${fix}`, {
      cause: error,
    })
  }
  const content = parsed(text)
  if (content === undefined) throw notFig(operator, `${path} is no JSON`)
  return content
}

function notFig(operator: URL, why: string): CommandFailure {
  const fix = 'give the operator address of fig serve, not the public one'
  return new CommandFailure(`what answers at ${operator.origin} is no Fig (${why}); ${fix}`)
}

function parsed(text: string): Json | undefined {
  try {
    const content: unknown = JSON.parse(text)
    return isRecord(content) ? content : undefined
  } catch {
    return undefined // the caller says so
  }
}

interface Readiness {
  readonly ready: boolean
  readonly problems: readonly string[]
  readonly final: boolean
}

function headText(operator: URL, { ready, problems, final }: Readiness): string {
  const hopeless = final ? ' Waiting does not help: correct it and start Fig again.' : ''
  const head = `Fig at ${operator.origin} is ${ready ? 'ready' : 'NOT ready'}.${hopeless}`
  return [head, ...problems.map((problem) => `  ${plain(problem)}`)].join('\n')
}

function partText(title: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return [`${title}:\n${listText(value)}`]
  const pairs = flat(value as Json)
  const lists = pairs.filter(([, each]) => isList(each))
  const single = pairs.filter(([, each]) => !isList(each)).map(([name, each]) => [name, valueText(each)] as const)
  return [
    ...(single.length === 0 ? [] : [`${title}:\n${facts(single)}`]),
    ...lists.map(([name, each]) => `${title}, ${name}:\n${listText(each as readonly unknown[])}`),
  ]
}

/** `{ a: { b: 1 } }` -> `a.b`. */
function flat(value: Json, prefix = ''): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(value).flatMap(([name, each]) =>
    isRecord(each) && Object.keys(each).length > 0
      ? flat(each, `${prefix}${wordsOf(name)}.`)
      : [[`${prefix}${wordsOf(name)}`, each] as const],
  )
}

function listText(list: readonly unknown[]): string {
  const records = list.filter(isRecord).map((each) => Object.fromEntries(flat(each)))
  const names = [...new Set(records.flatMap(Object.keys))]
  const rows: readonly Row[] = records.map((each) => names.map((name) => valueText(each[name])))
  return table(
    names.map((name) => name.toUpperCase()),
    rows,
  )
}

/** Shown apart: has parts of its own, or is a list of things that have. */
function isPart(value: unknown): boolean {
  return isList(value) || (isRecord(value) && Object.keys(value).length > 0)
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord)
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueText(value: unknown): string | number {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'number') return value
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(valueText).join(', ')
  return typeof value === 'object' ? (Object.keys(value).length === 0 ? '-' : JSON.stringify(value)) : String(value)
}

/** `requestsRunning` -> `requests running`. */
function wordsOf(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}
