import { performance } from 'node:perf_hooks'
import { infoLines, type Logger, type Metrics } from '../platform/index.ts'
import type { Decision } from '../routing/index.ts'
import type { EdgeExchange } from './edge-exchange.ts'

export interface AccessLog {
  /** One line and one observation per exchange, when its answer has left or its client is gone. */
  finished(exchange: EdgeExchange): void
  refused(code: string, status: number, cause: string): void
}

export function accessLog(log: Logger, metrics: Metrics): AccessLog {
  const seriesOf = requestSeries(metrics)
  const refusals = metrics.counter({
    name: 'fig_refusals_total',
    help: 'Requests that were not let in, by error code.',
    labelNames: ['code'],
  })
  const write = infoLines(log)
  return {
    finished: (exchange) => {
      const durationMs = performance.now() - exchange.startedAt
      const { requests, decisions, durations, routeText } = seriesOf(exchange.decision, exchange.answer.status)
      requests.add()
      decisions.add()
      durations.observe(durationMs / 1000)
      write?.(line(exchange, routeText, durationMs))
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
  /** As JSON. */
  readonly routeText: string
}

type SeriesOf = (decision: Decision | undefined, status: number) => RequestSeries

/** The figures of requests that ended alike, looked up step by step. Routes, reasons and status classes are few. */
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
  const make = (target: string, route: string, reason: string, status: number): RequestSeries => ({
    requests: requests.series({ target, route, status: status === 0 ? 'none' : `${status}xx` }),
    decisions: decisions.series({ route, reason }),
    durations: durations.series({ target }),
    routeText: JSON.stringify(route),
  })
  const known = new Map<string, Map<string, RequestSeries[]>>()
  return (decision, statusCode) => {
    const target = decision?.target ?? 'none'
    const route = decision?.routeId ?? 'none'
    const reason = decision?.reason ?? 'none'
    const status = Math.trunc(statusCode / 100)
    let ofRoute = known.get(route)
    if (ofRoute === undefined) {
      ofRoute = new Map()
      known.set(route, ofRoute)
    }
    // A reason may carry a handler's own words after the colon: too many values for a label.
    const reasonLabel = reason.startsWith('handler-declined') ? 'handler-declined' : reason
    let byStatus = ofRoute.get(reasonLabel)
    if (byStatus === undefined) {
      byStatus = []
      ofRoute.set(reasonLabel, byStatus)
    }
    const at = target === 'modern' ? status + 10 : status
    let series = byStatus[at]
    if (series === undefined) {
      series = make(target, route, reasonLabel, status)
      byStatus[at] = series
    }
    return series
  }
}

/** The fields as JSON. Ids, methods and addresses were checked for what they may hold; the rest is escaped. */
function line(exchange: EdgeExchange, routeText: string, durationMs: number): string {
  const { decision, answer, target, departure, firstByteMs } = exchange
  // The query may hold keys and addresses: it is not logged.
  const path = target.path === '' ? (target.raw.split('?', 1)[0] as string) : target.path
  const reason = decision?.reason ?? 'refused'
  return (
    `"requestId":"${exchange.id}","method":"${exchange.method}","path":${JSON.stringify(path)},` +
    `"target":"${decision?.target ?? 'none'}","route":${routeText},` +
    // Behind a colon stand a handler's own words.
    `"reason":${reason.includes(':') ? JSON.stringify(reason) : `"${reason}"`},` +
    `"status":${answer.status === 0 ? 499 : answer.status},"bytes":${answer.bytesSent},` +
    `"durationMs":${tenths(durationMs)}${firstByteMs === undefined ? '' : `,"firstByteMs":${tenths(firstByteMs)}`},` +
    `"ip":"${exchange.client.ip}",${departure === 'finished' ? '' : '"complete":false,'}"msg":"request"`
  )
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}
