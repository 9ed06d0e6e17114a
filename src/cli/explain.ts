import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Override } from '../controls/index.ts'
import type { FlagVerdict, FlagVisitor } from '../flags/index.ts'
import { type Decision, type DecisionState, decide, nothingForced, type Route, type Side } from '../routing/index.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { flagSettings, flagStateFacts, flagStateText, readFlagState } from './flag-state.ts'
import { type KillSource, killSettings, readKills } from './kill-source.ts'
import { overrideNames, refusalTexts, targetText } from './override-text.ts'
import { reasonText } from './reason-text.ts'
import { type DescribedRequest, pairsOf, readRequest } from './request.ts'
import { type DescribedMatch, describeMatch, matchFacts, matchText, routesFileOf } from './routes.ts'
import { done } from './run-command.ts'
import { settingsOf } from './settings.ts'
import { facts, plain } from './table.ts'
import { drawnAt, suppositions, suppositionsText } from './what-if.ts'

/** `fig explain <request>`: how the decision comes about, from what a Fig of these settings would know. */
export async function explain(call: CommandCall): Promise<CommandResult> {
  const request = readRequest(call, call.words)
  const file = routesFileOf(call)
  const config = settingsOf(call, [...flagSettings, ...killSettings, ...ownSettings])
  const visitor = visitorOf(call, request, config)
  const described = await describeMatch(file, request)
  const { route } = described.match
  if (route === undefined) return unmatched(request, described)
  const [flags, kills] = await Promise.all([readFlagState(config), readKills(config)])
  const override = await overrideOf(request, route, config)
  const state: DecisionState = {
    ...nothingForced,
    epoch: kills.epoch,
    kills: kills.kills,
    override: override.kind === 'good' ? override.side : undefined,
  }
  const decision = decide(route, flags.snapshot, visitor, state)
  const verdict = flags.snapshot.evaluate(route.flag, visitor)
  const drawn = drawnAt(route, visitor)
  const whatIf = suppositions(route, { flags: flags.snapshot, visitor, state, decision })
  const text = [
    `${request.method} ${plain(request.target)}`,
    matchText(described),
    facts([
      ['visitor', visitorText(visitor)],
      ['flags', `${verdictText(route, verdict, flags.snapshot.source === 'none')} From ${flagStateText(flags)}.`],
      ['kills', killText(route, kills)],
      ['override', overrideText(override)],
      ['not known here', 'breakers, pins of forms, and whether Postgres has caught up: fig status asks a running Fig'],
    ]),
    `=> ${answerOf(route, decision)}: ${reasonText(decision, route)} (${decision.reason})`,
    suppositionsText(whatIf, drawn),
  ].join('\n\n')
  return done(text, {
    ...requestFacts(request),
    ...matchFacts(described),
    visitor,
    flags: { ...flagStateFacts(flags), verdict },
    kills: { origin: kills.origin, epoch: kills.epoch, inForce: kills.kills.list },
    override: overrideFacts(override),
    decision,
    inTheShareFrom: drawn ?? null,
    whatIf,
  })
}

// --- internal ---

const ownSettings = ['FIG_SIGNING_KEYS', 'FIG_VISITOR_COOKIE', 'FIG_VISITOR_PROPERTIES']

/** As the edge takes them (src/edge/visitor-cookie.ts). */
const idSyntax = /^[A-Za-z0-9_-]{22}$/

interface ExplainedVisitor extends FlagVisitor {
  readonly from: 'option' | 'cookie' | 'made up'
  readonly properties: Readonly<Record<string, string>>
}

function visitorOf(call: CommandCall, request: DescribedRequest, config: Config): ExplainedVisitor {
  const fromHeaders = config.visitorProperties.flatMap(({ name, header }) => {
    const value = request.headers[header]
    return value === undefined ? [] : [[name, value] as const]
  })
  const properties = Object.fromEntries([...fromHeaders, ...pairsOf(call, 'property')])
  const given = call.text('visitor')
  if (given !== undefined) {
    if (!idSyntax.test(given)) call.warn(`no visitor has the id "${plain(given)}": Fig's own have 22 characters`)
    return { id: given, from: 'option', properties }
  }
  const cookie = cookieOf(request, config.visitorCookie)
  // Fig gives a new id to whoever sends another text.
  if (cookie !== undefined && idSyntax.test(cookie)) return { id: cookie, from: 'cookie', properties }
  return { id: randomBytes(16).toString('base64url'), from: 'made up', properties }
}

function visitorText({ id, from, properties }: ExplainedVisitor): string {
  const named = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  const whence = from === 'made up' ? ' (a new one, made up; --visitor <id> takes a certain one)' : ''
  return `${id}${whence}${named.length === 0 ? '' : ` with ${named.join(', ')}`}`
}

function cookieOf({ headers }: DescribedRequest, name: string): string | undefined {
  const pair = (headers.cookie ?? '').split(/;\s*/).find((each) => each.startsWith(`${name}=`))
  return pair === undefined || pair.length === name.length + 1 ? undefined : pair.slice(name.length + 1)
}

type GivenOverride =
  | { readonly kind: 'none' }
  | { readonly kind: 'good'; readonly override: Override; readonly side: Side | undefined }
  | { readonly kind: 'refused'; readonly why: string }

/** As the edge looks for it: the header goes before the cookie. The one of a link counts as the cookie that it sets. */
async function overrideOf(
  request: DescribedRequest,
  { id, flag }: Route,
  { signingKeys }: Config,
): Promise<GivenOverride> {
  const inLink = new URLSearchParams(request.target.split('?')[1] ?? '').get(overrideNames.cookie)
  const token = request.headers[overrideNames.header] ?? (inLink || cookieOf(request, overrideNames.cookie))
  if (token === undefined) return { kind: 'none' }
  if (signingKeys.length === 0) return { kind: 'refused', why: 'FIG_SIGNING_KEYS is not set, so no token can be read' }
  // With the database drivers behind it, which a request without a token does not need.
  const { createOverrides, overriddenSide } = await import('../controls/index.ts')
  const override = createOverrides({ keys: signingKeys }).read(token, Date.now())
  return 'refused' in override
    ? { kind: 'refused', why: refusalTexts[override.refused] }
    : { kind: 'good', override, side: overriddenSide(override, { id, group: flag }) }
}

function overrideText(given: GivenOverride): string {
  switch (given.kind) {
    case 'none':
      return 'none'
    case 'refused':
      return `a token that changes nothing: ${given.why}`
    case 'good': {
      const { target, side, who, expiresAt } = given.override
      const end = new Date(expiresAt).toISOString()
      const elsewhere = given.side !== undefined ? '' : ', which is not this route'
      return `${targetText(target)} from ${side}${elsewhere}, by ${plain(who)}, until ${end}`
    }
  }
}

function overrideFacts(given: GivenOverride): object | null {
  if (given.kind === 'none') return null
  return given.kind === 'refused' ? { refused: given.why } : given.override
}

function verdictText({ flag, default: side }: Route, { state, partial }: FlagVerdict, nothing: boolean): string {
  if (nothing || state === 'unknown') return `${flag} is unknown: ${side}, as declared.`
  return `${flag} is ${state} for ${partial ? 'this visitor, not for all' : 'everybody'}.`
}

function killText({ flag }: Route, { kills, origin }: KillSource): string {
  const kill = kills.killOf(flag)
  if (kill !== undefined)
    return `kill ${kill.id} of ${kill.scope} ${kill.target ?? ''} by ${kill.who}, ${kill.at}: ${kill.why}. From ${origin}.`
  if (origin.startsWith('no kill switch') || origin.startsWith('unknown')) return `${origin}.`
  const others = kills.list.length === 0 ? 'none in force' : `none for this group, ${kills.list.length} for others`
  return `${others}. From ${origin}.`
}

function answerOf({ retired }: Route, { target, reason }: Decision): string {
  if (reason === 'retired' && retired?.kind === 'gone') return '410 Gone'
  if (reason === 'retired' && retired?.kind === 'redirect') return `redirect to ${retired.to}`
  return target
}

function requestFacts({ method, target }: DescribedRequest) {
  return { method, target }
}

function unmatched(request: DescribedRequest, described: DescribedMatch): CommandResult {
  const decision = decide(undefined, noSnapshot, { id: '' })
  const text = [
    `${request.method} ${plain(request.target)}`,
    matchText(described),
    '=> legacy: no route takes it (no-route)',
  ]
  return done(text.join('\n\n'), { ...requestFacts(request), ...matchFacts(described), decision })
}

/** Without a route nobody asks it. */
const noSnapshot = {
  source: 'none' as const,
  receivedAt: undefined,
  evaluate: () => ({ state: 'unknown' as const, partial: false }),
}
