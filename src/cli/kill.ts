import { hostname, userInfo } from 'node:os'
import { type ActiveKill, type ControlEvent, type Controls, openControls, sideAfter } from '../controls/index.ts'
import { AppError, isAppError, silentLogger } from '../platform/index.ts'
import { type CommandCall, type CommandResult, UsageError } from './command.ts'
import { readGroups } from './route-file.ts'
import { done } from './run-command.ts'
import { settingsOf } from './settings.ts'
import { plain, table } from './table.ts'

/** `fig kill all | group <name> | side <legacy|modern>` */
export async function kill(call: CommandCall): Promise<CommandResult> {
  const { scope, target } = killTarget(call)
  const why = reasonOf(call)
  const who = call.text('who') ?? whoIsThis()
  return withControls(call, async (controls) => {
    const knownGroups = scope === 'group' ? await groupsIfKnown(call) : undefined
    if (target !== undefined && knownGroups?.includes(target) === false) throw unknownGroup(target, knownGroups)
    const event = await controls.kill({ scope, target, who, why, knownGroups })
    const head = `Kill ${event.id} is in force: ${subjectOf(event)} to ${placeOf(sideAfter(event))}.`
    return outcome(controls, `${head}\n${soon}\nTo take it back: fig undo ${event.id} --why "…"`, event)
  })
}

/** `fig undo [id]` */
export async function undo(call: CommandCall): Promise<CommandResult> {
  const [id, ...rest] = call.words
  if (rest.length > 0) throw new UsageError(`one kill is undone at a time, but ${call.words.length} are given`)
  const number = Number(id)
  if (id !== undefined && id !== 'last' && !(Number.isSafeInteger(number) && number > 0))
    throw new UsageError(`"${plain(id)}" is no id of a kill; give one that fig kills lists, or none for the last kill`)
  const why = reasonOf(call)
  const who = call.text('who') ?? whoIsThis()
  return withControls(call, async (controls) => {
    const event = await controls.undo(id === undefined || id === 'last' ? 'last' : number, { who, why })
    const head = `Kill ${event.undoes} is taken back: ${subjectOf(event)} to where the flags say again.`
    return outcome(controls, `${head}\n${soon}`, event)
  })
}

/** `fig kills [--history N]` */
export async function kills(call: CommandCall): Promise<CommandResult> {
  if (call.words.length > 0) throw new UsageError(`fig kills takes no word, but "${plain(call.words[0])}" is given`)
  const text = call.text('history')
  const limit = Number(text)
  if (text !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
    throw new UsageError(`--history "${plain(text)}" is no number of lines; give one such as 20`)
  return withControls(call, async (controls) => {
    const history = await controls.history(text === undefined ? 1 : limit)
    const inForce = await readInForce(controls)
    return text === undefined
      ? done(inForceText(inForce), { inForce })
      : done(`${inForceText(inForce)}\n\n${historyText(history)}`, { inForce, history })
  })
}

/** Who is at the keyboard, for the history. */
export function whoIsThis(): string {
  return `${loginName()}@${hostname()}`
}

// --- internal ---

const soon = 'Every running Fig on this database obeys within a second; one that can’t reach it obeys when it can.'
const settings = ['FIG_POSTGRES_URL', 'FIG_OWN_SCHEMA', 'FIG_ROUTES']

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // containers run under user ids that no account has
  }
}

function killTarget({ words }: CommandCall): { readonly scope: ActiveKill['scope']; readonly target?: string } {
  const [scope, target, ...rest] = words
  const forms = 'give all, group <name>, or side <legacy|modern>'
  if (scope === undefined) throw new UsageError(`what is to be killed is missing; ${forms}`)
  if (scope !== 'all' && scope !== 'group' && scope !== 'side')
    throw new UsageError(`"${plain(scope)}" can't be killed; ${forms}`)
  const surplus = scope === 'all' ? target : rest[0]
  if (surplus !== undefined)
    throw new UsageError(`"${plain(surplus)}" is one word too many; a reason stands behind --why, in quotes`)
  if (scope === 'all') return { scope }
  if (target === undefined) throw new UsageError(`the ${scope} to kill is missing; ${forms}`)
  if (scope === 'side' && target !== 'legacy' && target !== 'modern')
    throw new UsageError(`"${plain(target)}" is no side; give legacy or modern, the one to take out of service`)
  return { scope, target }
}

function reasonOf(call: CommandCall): string {
  const why = call.text('why')
  if (why === undefined || why.trim() === '')
    throw new UsageError('--why is missing: the history has to say it; write --why "checkout is broken"')
  return why
}

async function withControls(
  call: CommandCall,
  work: (controls: Controls) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { postgresUrl, ownSchema } = settingsOf(call, settings)
  if (postgresUrl === undefined)
    throw new AppError(
      'config.invalid',
      'no database is given, and the kill switch is kept in Postgres; set FIG_POSTGRES_URL, or give ' +
        '--postgres postgres://user:password@host:5432/database',
    )
  const controls = await openControls({ postgres: { url: postgresUrl }, ownSchema, log: silentLogger() })
  try {
    return await work(controls)
  } finally {
    await controls.close()
  }
}

/** Undefined where there is no table, or none that can be read: it may be what is broken. */
async function groupsIfKnown(call: CommandCall): Promise<readonly string[] | undefined> {
  const { routesFile } = settingsOf(call, settings)
  if (routesFile === undefined) return undefined
  try {
    return await readGroups(routesFile)
  } catch (error) {
    if (!isAppError(error)) throw error
    call.warn(`the name of the group is not checked, as the route table can't be read: ${error.message}`)
    return undefined
  }
}

function unknownGroup(target: string, known: readonly string[]): UsageError {
  const named = known.length === 0 ? 'the table has none' : `give one of ${known.slice(0, 20).join(', ')}`
  return new UsageError(`no route is in a group "${plain(target)}", nothing was killed; ${named}`)
}

async function outcome(controls: Controls, text: string, event: ControlEvent): Promise<CommandResult> {
  const inForce = await readInForce(controls)
  return done(`${text}\n\n${inForceText(inForce)}`, { event, inForce })
}

type InForce = readonly ActiveKill[] | undefined

/** Undefined where Postgres went away after it had stored the command. */
async function readInForce(controls: Controls): Promise<InForce> {
  await controls.start()
  const { source, kills: state } = controls.snapshot()
  return source === 'postgres' ? state.list : undefined
}

function inForceText(inForce: InForce): string {
  if (inForce === undefined) return 'What is in force now could not be read: Postgres does not answer any more.'
  if (inForce.length === 0) return 'No kill is in force: the flags decide.'
  const rows = inForce.map((each) => [each.id, whatOf(each), sideAfter(each), each.at, each.who, each.why])
  return `In force now:\n${table(['ID', 'KILLED', 'ANSWERED BY', 'SINCE', 'WHO', 'WHY'], rows)}`
}

function historyText(history: readonly ControlEvent[]): string {
  if (history.length === 0) return 'The history is empty.'
  const rows = history.map((each) => [
    each.id,
    each.at,
    each.action === 'undo' ? `undo of ${each.undoes}` : 'kill',
    whatOf(each),
    each.undoneBy === undefined ? '' : `undone by ${each.undoneBy}`,
    each.who,
    each.why,
  ])
  return `History, newest first:\n${table(['ID', 'AT', 'ACTION', 'KILLED', 'LATER', 'WHO', 'WHY'], rows)}`
}

function whatOf({ scope, target }: Pick<ActiveKill, 'scope' | 'target'>): string {
  return target === undefined ? scope : `${scope} ${target}`
}

function subjectOf({ scope, target }: Pick<ActiveKill, 'scope' | 'target'>): string {
  return scope === 'group' ? `group ${plain(target)} goes` : 'every group goes'
}

function placeOf(side: 'legacy' | 'modern'): string {
  return side === 'legacy' ? 'PHP (legacy)' : 'the handlers (modern)'
}
