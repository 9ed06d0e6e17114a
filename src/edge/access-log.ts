import type { ServerResponse } from 'node:http'
import type { Logger, Metrics } from '../platform/index.ts'
import type { Decision } from '../routing/index.ts'
import type { EdgeExchange } from './edge-exchange.ts'

/** What became of one exchange; filled while it runs. */
export interface Account {
  decision: Decision | undefined
  firstByteMs: number | undefined
  /** Bytes on the connection before this exchange: a connection carries many. */
  bytesBefore: number
}

export interface AccessLog {
  /** One line and one observation per exchange, when its answer has left or its client is gone. */
  finished(exchange: EdgeExchange, account: Account): void
  refused(code: string, status: number, cause: string): void
}

export function accessLog(log: Logger, metrics: Metrics): AccessLog {
  const seriesOf = requestSeries(metrics)
  const refusals = metrics.counter({
    name: 'fig_refusals_total',
    help: 'Requests that were not let in, by error code.',
    labelNames: ['code'],
  })
  // These lines are made here and hold no headers: nothing to look for that must be hidden.
  const lines = log.child({}, { formatters: { log: (fields) => fields } })
  return {
    finished: (exchange, account) => {
      const durationMs = performance.now() - exchange.startedAt
      const target = account.decision?.target ?? 'none'
      const route = account.decision?.routeId ?? 'none'
      const { requests, decisions, durations } = seriesOf(target, route, account.decision, exchange.res)
      requests.add()
      decisions.add()
      durations.observe(durationMs / 1000)
      if (lines.isLevelEnabled('info')) {
        lines.info(line(exchange, account, durationMs, target, route), 'request')
      }
    },
    refused: (code, status, cause) => {
      refusals.inc({ code })
      log.info({ code, status, cause }, 'refused')
    },
  }
}

// --- internal ---

interface RequestSeries {
  readonly requests: { add(): void }
  readonly decisions: { add(): void }
  readonly durations: { observe(seconds: number): void }
}

type SeriesOf = (target: string, route: string, decision: Decision | undefined, res: ServerResponse) => RequestSeries

/** The figures of requests that ended alike, looked up by one key. Routes, reasons and status classes are few. */
function requestSeries(metrics: Metrics): SeriesOf {
  const requests = metrics.tally({
    name: 'fig_requests_total',
    help: 'Requests by side, route and status class.',
    labelNames: ['target', 'route', 'status'],
  })
  const decisions = metrics.tally({
    name: 'fig_decisions_total',
    help: 'Decisions by route and reason.',
    labelNames: ['route', 'reason'],
  })
  const durations = metrics.distribution({
    name: 'fig_request_duration_seconds',
    help: 'Time from the request head to the last byte of the answer, by side.',
    labelNames: ['target'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  const known = new Map<string, RequestSeries>()
  return (target, route, decision, res) => {
    const status = res.headersSent ? Math.trunc(res.statusCode / 100) : 0
    // A reason may carry a handler's own words after the colon: too many values for a label.
    const reason = decision === undefined ? 'none' : (decision.reason.split(':', 1)[0] as string)
    const key = `${status} ${target} ${reason} ${route}`
    let series = known.get(key)
    if (series === undefined) {
      series = {
        requests: requests.series({ target, route, status: status === 0 ? 'none' : `${status}xx` }),
        decisions: decisions.series({ route, reason }),
        durations: durations.series({ target }),
      }
      known.set(key, series)
    }
    return series
  }
}

function line(exchange: EdgeExchange, account: Account, durationMs: number, target: string, route: string): object {
  const { req, res, decision } = { req: exchange.req, res: exchange.res, decision: account.decision }
  return {
    requestId: exchange.id,
    method: exchange.method,
    // The query may hold keys and addresses: it is not logged.
    path: exchange.target.path === '' ? exchange.target.raw.split('?', 1)[0] : exchange.target.path,
    target,
    route,
    reason: decision?.reason ?? 'refused',
    status: res.headersSent ? res.statusCode : 499,
    bytes: bytesSent(exchange, account),
    durationMs: Math.round(durationMs * 10) / 10,
    firstByteMs: account.firstByteMs === undefined ? undefined : Math.round(account.firstByteMs * 10) / 10,
    ip: exchange.client.ip,
    complete: res.writableFinished && req.complete ? undefined : false,
  }
}

function bytesSent({ req }: EdgeExchange, { bytesBefore }: Account): number {
  return Math.max(0, req.socket.bytesWritten - bytesBefore)
}
