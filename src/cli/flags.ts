import { createHash } from 'node:crypto'
import type { FlagSnapshot } from '../flags/index.ts'
import { compileRoutes, type Route } from '../routing/index.ts'
import { type CommandCall, type CommandResult, UsageError } from './command.ts'
import { flagSettings, flagStateFacts, flagStateText, readFlagState } from './flag-state.ts'
import { readRouteFile } from './route-file.ts'
import { routesFileOf } from './routes.ts'
import { done } from './run-command.ts'
import { settingsOf } from './settings.ts'
import { plain, table } from './table.ts'

/** `fig flags`: how each group of the route table stands. */
export async function flags(call: CommandCall): Promise<CommandResult> {
  if (call.words.length > 0) throw new UsageError(`fig flags takes no word, but "${plain(call.words[0])}" is given`)
  const { routes } = compileRoutes(await readRouteFile(routesFileOf(call)))
  const state = await readFlagState(settingsOf(call, flagSettings))
  const groups = [...Map.groupBy(routes, ({ flag }) => flag)].map(([group, members]) => ({
    group,
    ...sample(group, state.snapshot),
    default: defaultOf(members),
    routes: members.map(({ id }) => id),
  }))
  const rows = groups.map((each) => [each.group, stateText(each), each.routes.join(', ')])
  const text = [
    `Flags from ${flagStateText(state)}.`,
    rows.length === 0 ? 'The table has no groups.' : table(['GROUP', 'STATE', 'ROUTES'], rows),
    ...(groups.some(({ partial }) => partial)
      ? [`Shares are drawn over ${sampleSize} visitor ids without properties: about, not exactly.`]
      : []),
  ].join('\n\n')
  return done(text, { flags: flagStateFacts(state), sampleSize, groups })
}

// --- internal ---

const sampleSize = 2_000
/** Like the ids of visitors, and the same at every call. */
const ids = Array.from({ length: sampleSize }, (_, number) =>
  createHash('md5').update(`visitor ${number}`).digest('base64url'),
)

interface GroupState {
  readonly state: 'on' | 'off' | 'partial' | 'unknown'
  /** Depends on who asks. */
  readonly partial: boolean
  readonly percent: number | undefined
}

function sample(group: string, snapshot: FlagSnapshot): GroupState {
  const verdicts = ids.map((id) => snapshot.evaluate(group, { id }))
  if (snapshot.source === 'none' || verdicts.some(({ state }) => state === 'unknown'))
    return { state: 'unknown', partial: false, percent: undefined }
  const on = verdicts.filter(({ state }) => state === 'on').length
  const exact = (100 * on) / sampleSize
  // The sample is not finer than that.
  const percent = exact < 5 || exact > 95 ? Math.round(exact * 10) / 10 : Math.round(exact)
  const partial = verdicts.some((verdict) => verdict.partial)
  if (partial) return { state: 'partial', partial, percent }
  return { state: on > 0 ? 'on' : 'off', partial, percent }
}

/** One for the whole group; retired routes are past it. */
function defaultOf(members: readonly Route[]): 'legacy' | 'modern' {
  return (members.find(({ stage }) => stage !== 'retired') ?? members[0])?.default ?? 'legacy'
}

function stateText({ state, percent, default: side }: GroupState & { readonly default: string }): string {
  switch (state) {
    case 'unknown':
      return `unknown: ${side}, as declared`
    case 'partial':
      return percent === 0 || percent === 100
        ? `${percent === 0 ? 'off' : 'on'}, but for some by their properties`
        : `on for about ${percent} %`
    case 'on':
    case 'off':
      return state
  }
}
