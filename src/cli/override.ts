import { createOverrides, type Override, type OverrideTarget } from '../controls/index.ts'
import { AppError, isAppError } from '../platform/index.ts'
import { type CommandCall, type CommandResult, UsageError } from './command.ts'
import { readDuration } from './duration.ts'
import { whoIsThis } from './kill.ts'
import { overrideNames, refusalTexts, targetText } from './override-text.ts'
import { readGroups, readRouteIds } from './route-file.ts'
import { done } from './run-command.ts'
import { settingsOf } from './settings.ts'
import { facts, plain, spanText } from './table.ts'

/** `fig override create … | read <token>` */
export async function override(call: CommandCall): Promise<CommandResult> {
  const [word, ...rest] = call.words
  switch (word) {
    case 'create':
      if (rest.length > 0)
        throw new UsageError(`"${plain(rest[0])}" is one word too many; name the target by an option`)
      return create(call)
    case 'read':
      return read(call, rest)
    case undefined:
      throw new UsageError('what to do is missing; give create or read <token>')
    default:
      throw new UsageError(`"${plain(word)}" can't be done with an override; give create or read <token>`)
  }
}

/** 'fig_override=<token>', a header or a whole link: the token of it. */
export function tokenIn(text: string): string {
  return /(?:^|[?&;\s])(?:fig_override=|x-fig-override:\s*)([^&;#\s]*)/i.exec(text)?.[1] ?? text.trim()
}

// --- internal ---

const settings = ['FIG_SIGNING_KEYS', 'FIG_ROUTES']
const lifetimeDefault = '1h'

async function create(call: CommandCall): Promise<CommandResult> {
  const target = targetOf(call)
  const side = call.text('side')
  if (side !== 'legacy' && side !== 'modern')
    throw new UsageError(
      `--side ${side === undefined ? 'is missing' : `"${plain(side)}" is none`}; give legacy or modern`,
    )
  const duration = call.text('for') ?? lifetimeDefault
  const lifetimeMs = readDuration(duration)
  if (lifetimeMs === undefined)
    throw new UsageError(`--for "${plain(duration)}" is no time; give one such as 30m, 2h or 1h30m`)
  const overrides = createOverrides({ keys: keysOf(call) })
  await refuseUnknown(call, target)
  const who = call.text('who') ?? whoIsThis()
  // Tokens end on a whole second.
  const expiresAt = Math.floor((Date.now() + lifetimeMs) / 1000) * 1000
  const token = issued(() => overrides.issue({ target, side, who, expiresAt }))
  const ends = new Date(expiresAt).toISOString()
  const header = `${overrideNames.header}: ${token}`
  const cookie = `${overrideNames.cookie}=${token}`
  const text = [
    `Whoever has this token gets ${targetText(target)} from ${side} until ${ends} (${spanText(lifetimeMs)}):`,
    facts([
      ['header', header],
      ['cookie', cookie],
      ['link', `?${cookie}`],
      ['end', ends],
    ]),
    'The link works on any page of the site and sets the cookie; the same link with an empty token takes it away.',
  ].join('\n\n')
  return done(text, { token, header, cookie, parameter: cookie, target, side, who, expiresAt: ends })
}

async function read(call: CommandCall, [given, ...rest]: readonly string[]): Promise<CommandResult> {
  if (given === undefined || rest.length > 0)
    throw new UsageError('one token is read at a time; give it in quotes, or the header, cookie or link with it')
  const overrides = createOverrides({ keys: keysOf(call) })
  const found = overrides.read(tokenIn(given), Date.now())
  if ('refused' in found) {
    const why = refusalTexts[found.refused]
    return done(`The token changes nothing: ${why}.`, { refused: found.refused, why }, 1)
  }
  return done(describe(found), { ...found, expiresAt: new Date(found.expiresAt).toISOString() })
}

function describe({ target, side, who, expiresAt, keyId }: Override): string {
  return facts([
    ['gives', `${targetText(target)} from ${side}`],
    ['who', who],
    ['end', `${new Date(expiresAt).toISOString()}, in ${spanText(expiresAt - Date.now())}`],
    ['key', keyId],
  ])
}

function targetOf(call: CommandCall): OverrideTarget {
  const route = call.text('route')
  const group = call.text('group')
  const all = call.has('all')
  if ([route !== undefined, group !== undefined, all].filter(Boolean).length !== 1)
    throw new UsageError(
      'what the override is for has to be said once; give one of --route <id>, --group <name>, --all',
    )
  if (route !== undefined) return { route }
  return group === undefined ? '*' : { group }
}

function keysOf(call: CommandCall) {
  const { signingKeys } = settingsOf(call, settings)
  if (signingKeys.length > 0) return signingKeys
  throw new AppError(
    'config.invalid',
    'there is no key to sign with; make one and give it to every Fig and to this command:\n' +
      '       export FIG_SIGNING_KEYS="a:$(openssl rand -hex 32)"',
  )
}

async function refuseUnknown(call: CommandCall, target: OverrideTarget): Promise<void> {
  const { routesFile } = settingsOf(call, settings)
  if (routesFile === undefined || target === '*') return
  const [what, name, names] =
    'route' in target
      ? (['route', target.route, readRouteIds] as const)
      : (['group', target.group, readGroups] as const)
  try {
    const known = await names(routesFile)
    if (!known.includes(name))
      throw new UsageError(
        `there is no ${what} "${plain(name)}" in the table; give one of ${known.slice(0, 20).join(', ')}`,
      )
  } catch (error) {
    if (!isAppError(error)) throw error
    call.warn(`the name of the ${what} is not checked, as the route table can't be read: ${error.message}`)
  }
}

/** What may not be signed is a matter of the options: a time too long, a name too long. */
function issued(issue: () => string): string {
  try {
    return issue()
  } catch (error) {
    if (isAppError(error, 'controls.token-refused'))
      throw new UsageError(error.message.replace('expiresAt:', '--for:'), { cause: error })
    throw error
  }
}
