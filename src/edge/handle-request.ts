import { faultPoint } from '../platform/index.ts'
import {
  decide,
  type FallbackReason,
  fallBack,
  type MatchResult,
  type Route,
  type RouteTable,
  readForm,
} from '../routing/index.ts'
import type { Account } from './access-log.ts'
import type { EdgeExchange } from './edge-exchange.ts'
import { sendErrorPage } from './error-page.ts'
import type { Freshness, LegacyPort, LegacyResult } from './ports.ts'
import { readBody } from './read-body.ts'
import type { ModernServer } from './serve-modern.ts'
import { visitorCookie } from './visitor-cookie.ts'

export type FlagSnapshot = Parameters<typeof decide>[1]

export interface FlowDeps {
  /** The table in force: one snapshot per request. */
  readonly routes: () => RouteTable
  readonly flags: () => FlagSnapshot
  readonly legacy: LegacyPort
  readonly modern: ModernServer | undefined
  readonly freshness: Freshness | undefined
  readonly settings: FlowSettings
}

export interface FlowSettings {
  readonly visitorCookie: string
  readonly formBytesMax: number
  readonly clientIdleTimeoutMs: number
  readonly freshnessTimeoutMs: number
}

/** The flow of every request: match, decide, answer by one side; PHP takes over where the modern side can't answer. */
export async function handleRequest(exchange: EdgeExchange, account: Account, deps: FlowDeps): Promise<void> {
  const fault = faultPoint('edge.before-decision')
  if (fault !== undefined) {
    await fault
  }
  const matched = await match(exchange, deps)
  if (matched === undefined) {
    return
  }
  let decision = decide(matched.route, deps.flags(), exchange.visitor)
  account.decision = decision
  if (decision.partial && exchange.visitor.isNew) {
    const cookie = visitorCookie(deps.settings.visitorCookie, exchange.visitor, exchange.client)
    exchange.answerHeaders = ['Set-Cookie', cookie]
  }
  if (decision.target === 'modern') {
    const why = await answerFromModern(exchange, matched, deps)
    if (why === 'answered') {
      return
    }
    decision = fallBack(decision, why)
    account.decision = decision
  }
  account.firstByteMs = await answerFromLegacy(exchange, deps.legacy)
}

// --- internal ---

/** Undefined when the client did not send its request to the end: there is nobody, or nothing, to answer. */
async function match(exchange: EdgeExchange, deps: FlowDeps): Promise<MatchResult | undefined> {
  const table = deps.routes()
  const { headers } = exchange.req
  const input = { method: exchange.method, host: headers.host, target: exchange.target, headers }
  const first = table.match({ ...input, form: 'not-read' })
  if (!first.needsBody) {
    return first
  }
  const { formBytesMax, clientIdleTimeoutMs } = deps.settings
  const reading = await readBody(exchange, { bytesMax: formBytesMax, idleTimeoutMs: clientIdleTimeoutMs })
  switch (reading) {
    case 'read':
      return table.match({ ...input, form: readForm(headers['content-type'], exchange.body ?? Buffer.alloc(0)) })
    case 'too-large':
      return table.match({ ...input, form: 'not-available' })
    case 'timeout':
      sendErrorPage(exchange.req, exchange.res, { code: 'edge.request-timeout', requestId: exchange.id, close: true })
      return undefined
    case 'client-left':
      return undefined
  }
}

async function answerFromModern(
  exchange: EdgeExchange,
  { route, params }: MatchResult,
  deps: FlowDeps,
): Promise<'answered' | FallbackReason> {
  if (route === undefined || deps.modern === undefined) {
    return 'modern-failed'
  }
  if (!(await isFresh(exchange, route, deps))) {
    return 'follower-stale'
  }
  const outcome = await deps.modern.serve(exchange, route, params)
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
      sendErrorPage(exchange.req, exchange.res, { code: 'edge.modern-failed', requestId: exchange.id })
      return 'answered'
  }
}

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

async function answerFromLegacy(exchange: EdgeExchange, legacy: LegacyPort): Promise<number | undefined> {
  const outcome: LegacyResult = await legacy.forward(exchange)
  if (outcome.kind === 'answered') {
    return outcome.firstByteMs
  }
  if (outcome.kind === 'failed' && !exchange.res.headersSent) {
    const { retryAfterSeconds } = outcome
    sendErrorPage(exchange.req, exchange.res, {
      code: outcome.error.code,
      requestId: exchange.id,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  }
  return undefined
}
