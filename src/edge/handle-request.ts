import { type ErrorCode, faultPoint } from '../platform/index.ts'
import {
  type Decision,
  type DecisionState,
  decide,
  type FallbackReason,
  fallBack,
  type MatchInput,
  type MatchResult,
  nothingForced,
  type Route,
  type RouteTable,
  readBodyFields,
} from '../routing/index.ts'
import type { EdgeExchange } from './edge-exchange.ts'
import { sendErrorPage } from './error-page.ts'
import { BreakingAnswer, type Injector } from './fault-injection.ts'
import { pinsFor, watchFlow } from './flow-pins.ts'
import { followOverrideLink } from './override-link.ts'
import type { Freshness, LegacyPort, LegacyResult } from './ports.ts'
import { type BodyReading, readBody } from './read-body.ts'
import { answerRetired } from './retired.ts'
import type { ModernServer } from './serve-modern.ts'
import { overrideToken, type Steering } from './steering.ts'

export type FlagSnapshot = Parameters<typeof decide>[1]

export interface FlowDeps {
  /** The table in force: one snapshot per request. */
  readonly routes: () => RouteTable
  readonly flags: () => FlagSnapshot
  readonly legacy: LegacyPort
  readonly modern: ModernServer | undefined
  readonly freshness: Freshness | undefined
  /** Undefined: the flags alone decide. */
  readonly steering: Steering | undefined
  /** Only where faults were asked for. */
  readonly inject: Injector | undefined
  readonly settings: FlowSettings
}

export interface FlowSettings {
  readonly formBytesMax: number
  readonly freshnessTimeoutMs: number
}

/** The flow of every request: match, decide, answer by one side; PHP takes over where the modern side can't answer. */
export async function handleRequest(exchange: EdgeExchange, deps: FlowDeps): Promise<void> {
  const fault = faultPoint('edge.before-decision')
  if (fault !== undefined) {
    await fault
  }
  if (deps.steering !== undefined && followOverrideLink(exchange, deps.steering)) {
    return
  }
  // One snapshot per request: a table that is swapped meanwhile is for the next one.
  const table = deps.routes()
  let matched = table.match(matchInput(exchange, 'not-read'))
  if (matched.needsBody) {
    const withForm = await matchForm(exchange, table, deps.settings.formBytesMax)
    if (withForm === undefined) {
      return
    }
    matched = withForm
  }
  const decision = decide(
    matched.route,
    deps.flags(),
    exchange.visitor,
    stateOf(exchange, matched.route, deps.steering),
  )
  exchange.decided(decision)
  if (matched.route !== undefined && deps.steering !== undefined) {
    watchFlow(exchange, matched.route, deps.steering)
  }
  if (decision.reason === 'retired' && matched.route && answerRetired(exchange, matched.route, matched.params)) {
    return
  }
  if (deps.inject !== undefined && (await isStruck(exchange, decision, deps.inject))) {
    return
  }
  if (decision.target === 'modern') {
    const why = await answerFromModern(exchange, matched, decision, deps)
    if (why === 'answered') {
      return
    }
    if (hasNoWayBack(decision)) {
      sendErrorPage(exchange, { code: 'edge.modern-failed', requestId: exchange.id })
      return
    }
    exchange.decided(fallBack(decision, why))
  }
  await answerFromLegacy(exchange, deps.legacy)
}

// --- internal ---

function stateOf(exchange: EdgeExchange, route: Route | undefined, steering: Steering | undefined): DecisionState {
  return steering === undefined || route === undefined
    ? nothingForced
    : steering.stateFor(route, overrideToken(exchange.request.headers), pinsFor(exchange))
}

/** PHP's file may be deleted, or PHP would write what Postgres owns. */
function hasNoWayBack({ reason }: Decision): boolean {
  return reason === 'retired' || reason === 'owner-fenced'
}

/** Somebody wants the handler now, whether it has recovered or not. */
function isForced(reason: Decision['reason']): boolean {
  return reason === 'override' || reason === 'pinned' || reason === 'kill-switch' || reason === 'retired'
}

function matchInput({ method, target, request: { headers } }: EdgeExchange, body: MatchInput['body']): MatchInput {
  return { method, host: headers.first('host'), target, header: (name) => headers.get(name), body }
}

/** Undefined when the request did not come to its end: it was answered, or there is nobody to answer. */
async function matchForm(
  exchange: EdgeExchange,
  table: RouteTable,
  bytesMax: number,
): Promise<MatchResult | undefined> {
  const reading = await readBody(exchange, bytesMax)
  switch (reading.kind) {
    case 'read': {
      const type = exchange.request.headers.get('content-type')
      const fields = readBodyFields(type, exchange.body ?? Buffer.alloc(0))
      return table.match(matchInput(exchange, fields))
    }
    case 'too-large-to-look-at':
      return table.match(matchInput(exchange, 'not-available'))
    case 'broken':
      refuseBody(exchange, reading)
      return undefined
  }
}

function refuseBody(exchange: EdgeExchange, { why, detail }: BodyReading & { readonly kind: 'broken' }): void {
  if (why !== 'left') {
    sendErrorPage(exchange, { code: codeOfBrokenBody[why], detail, requestId: exchange.id })
  }
}

const codeOfBrokenBody: Readonly<Record<'malformed' | 'timeout' | 'too-large', ErrorCode>> = {
  malformed: 'edge.bad-request',
  timeout: 'edge.request-timeout',
  'too-large': 'edge.body-too-large',
}

/** A drill: true when the request was answered with the fault. */
async function isStruck(exchange: EdgeExchange, { routeId }: Decision, inject: Injector): Promise<boolean> {
  const struck = await inject(exchange, routeId)
  switch (struck?.kind) {
    case 'fail':
      sendErrorPage(exchange, { code: 'edge.fault-injected', requestId: exchange.id })
      return true
    case 'cut':
      exchange.answer = new BreakingAnswer(exchange.answer, struck.bytes)
      return false
    default:
      return exchange.left
  }
}

async function answerFromModern(
  exchange: EdgeExchange,
  { route, params }: MatchResult,
  { reason }: Decision,
  deps: FlowDeps,
): Promise<'answered' | FallbackReason> {
  if (route === undefined || deps.modern === undefined) {
    return 'modern-failed'
  }
  if (!(await isFresh(exchange, route, deps))) {
    return 'follower-stale'
  }
  const { steering } = deps
  if (steering?.tries(route) === false && !isForced(reason)) {
    return 'breaker-open'
  }
  const outcome = await deps.modern.serve(exchange, route, params)
  steering?.tried(route, outcome.kind === 'failed' && !exchange.left ? 'failed' : triedAs[outcome.kind])
  switch (outcome.kind) {
    case 'answered':
      return 'answered'
    case 'declined':
      return `handler-declined:${outcome.why}`
    case 'failed':
      exchange.log.error({ err: outcome.error, route: route.id, fallback: outcome.mayFallBack }, 'a handler failed')
      if (outcome.mayFallBack) {
        return 'modern-failed'
      }
      sendErrorPage(exchange, { code: 'edge.modern-failed', requestId: exchange.id })
      return 'answered'
  }
}

/** Whoever's client leaves fails too, and that is not the handler's fault. */
const triedAs = { answered: 'succeeded', declined: 'abandoned', failed: 'abandoned' } as const

/** A follower whose state can't be told is stale: PHP reads the owner. */
async function isFresh(exchange: EdgeExchange, { id, reads }: Route, deps: FlowDeps): Promise<boolean> {
  if (reads.length === 0 || deps.freshness === undefined) {
    return true
  }
  const timeoutMs = deps.settings.freshnessTimeoutMs
  try {
    return (await deps.freshness.caughtUp(reads, { signal: exchange.signal, timeoutMs })) === 'fresh'
  } catch (error) {
    exchange.log.error({ err: error, route: id }, 'it could not be told whether Postgres has caught up')
    return false
  }
}

async function answerFromLegacy(exchange: EdgeExchange, legacy: LegacyPort): Promise<void> {
  const outcome: LegacyResult = await legacy.forward(exchange)
  if (outcome.kind === 'answered') {
    exchange.firstByteMs = outcome.firstByteMs
  } else if (outcome.kind === 'failed' && !exchange.answer.headSent) {
    const { retryAfterSeconds } = outcome
    sendErrorPage(exchange, {
      code: outcome.error.code,
      requestId: exchange.id,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  }
}
