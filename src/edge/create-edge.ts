import { createServer, type Server } from 'node:net'
import type { RequestFacts } from '../exchange.ts'
import {
  type ClientConnection,
  type ClientStream,
  ConnectionHost,
  HeaderList,
  type HeadRefusal,
  headerBits,
  type RefusalAnswer,
  type RefusalKind,
  type RequestHead,
  type ServerConnection,
} from '../http1/index.ts'
import { type OperatorReport, operatorServer, type ReadinessCheck, reportOf } from '../operator/index.ts'
import { type ErrorCode, errorCatalogue, type Logger, listen, type Metrics } from '../platform/index.ts'
import { type RouteTable, readTarget } from '../routing/index.ts'
import { type AccessLog, accessLog } from './access-log.ts'
import { clientReader, type ReadClient } from './client-facts.ts'
import { type ClientLimits, hostLimits } from './client-limits.ts'
import { EdgeExchange, type ExchangeOptions, requestId } from './edge-exchange.ts'
import { allowedMethods, errorAnswer, sendErrorPage } from './error-page.ts'
import { faultInjector, parseFaults } from './fault-injection.ts'
import { type FlagSnapshot, type FlowDeps, handleRequest } from './handle-request.ts'
import type { Freshness, LegacyPort } from './ports.ts'
import { type ModernHost, modernServer } from './serve-modern.ts'
import type { Steering } from './steering.ts'
import { TlsListener, type TlsSettings } from './tls-listener.ts'
import { httpsUrl, redirect, redirectUpgrade } from './tls-redirect.ts'
import type { VisitorProperties } from './visitor-cookie.ts'

export interface EdgeSettings extends ClientLimits {
  readonly host: string
  readonly port: number
  /** Https and HTTP/2 beside http. */
  readonly tls?: TlsSettings | undefined
  readonly operatorHost: string
  /** Undefined: no operator listener; somebody else answers for this process. */
  readonly operatorPort: number | undefined
  readonly trustedProxies: readonly string[]
  readonly visitorCookie: string
  /** What flags may be told of a visitor, beside the address. */
  readonly visitorProperties?: VisitorProperties
  readonly formBytesMax: number
  readonly freshnessTimeoutMs: number
  readonly modernTimeoutMs: number
  /** Faults on purpose, for drills; see parseFaults(). */
  readonly injectedFaults?: readonly string[]
  /** How long idle connections may still bring a request when the process drains. */
  readonly drainGraceMs?: number
}

export interface EdgeDeps {
  readonly log: Logger
  readonly metrics: Metrics
  readonly legacy: LegacyPort
  readonly routes: () => RouteTable
  readonly flags: () => FlagSnapshot
  /** Absent where Fig only passes through. */
  readonly modern?: ModernHost
  readonly freshness?: Freshness
  readonly steering?: Steering
  /** What must be in place before traffic is taken. */
  readonly readiness?: readonly ReadinessCheck[]
  /** Added to /status. */
  readonly status?: () => object
}

export interface EdgeAddresses {
  readonly siteUrl: string
  readonly tlsUrl?: string
  readonly operatorUrl?: string
}

export interface Edge {
  listen(): Promise<EdgeAddresses>
  /** What the operator is told. */
  report(): OperatorReport
  /** Of clients, idle ones included. */
  readonly connections: number
  /** Lets so many clients connect anew: their next answers close their connections. */
  letGo(connections: number): void
  /** Reads anew what may change while Fig runs: the certificate. Keeps what it has when that can't be used. */
  reload(): Promise<void>
  /** Drains: takes no more connections, finishes what runs, cuts what is left when `signal` aborts. */
  close(signal?: AbortSignal): Promise<void>
}

export function createEdge(settings: EdgeSettings, deps: EdgeDeps): Edge {
  return new HttpEdge(settings, deps)
}

// --- internal ---

class HttpEdge implements Edge {
  readonly #settings: EdgeSettings
  readonly #deps: EdgeDeps
  readonly #flow: FlowDeps
  readonly #log: AccessLog
  readonly #readClient: ReadClient
  readonly #exchangeOptions: ExchangeOptions
  readonly #host: ConnectionHost
  readonly #server: Server
  readonly #tls: TlsListener | undefined
  /** Where https is served, for those who come by http and are to come by https. */
  #redirectPort: number | undefined
  readonly #operator: ReturnType<typeof operatorServer>
  /** A number: a Set's tables, replaced as its members come and go, would keep every exchange until the next full collection. */
  #running = 0
  #draining = false

  constructor(settings: EdgeSettings, deps: EdgeDeps) {
    this.#settings = settings
    this.#deps = deps
    const { legacy, routes, flags, freshness, steering } = deps
    const modern = deps.modern && modernServer(deps.modern, { timeoutMs: settings.modernTimeoutMs })
    const inject = faultInjector(parseFaults(settings.injectedFaults ?? []))
    this.#flow = { legacy, routes, flags, freshness, steering, modern, inject, settings }
    this.#log = accessLog(deps.log, deps.metrics)
    this.#readClient = clientReader(settings.trustedProxies)
    this.#exchangeOptions = {
      log: deps.log,
      visitorCookie: settings.visitorCookie,
      visitorProperties: settings.visitorProperties ?? [],
      onOver: (exchange) => {
        this.#running -= 1
        this.#log.finished(exchange)
      },
    }
    const rejections = deps.metrics.counter({
      name: 'fig_connections_rejected_total',
      help: 'Connections that were closed at once, by reason.',
      labelNames: ['reason'],
    })
    const limits = hostLimits(settings)
    const handler = {
      onRequest: (stream: ClientStream, connection: ClientConnection) => this.#onRequest(stream, connection),
      onRefused: (refusal: HeadRefusal | 'head-timeout', accept: string | undefined) =>
        this.#onRefused(refusal, accept),
    }
    this.#host = new ConnectionHost(
      limits,
      {
        ...handler,
        onDefect: (error) => deps.log.error({ err: error }, 'the request flow failed'),
        onUpgrade: (head, connection, rest) => this.#onUpgrade(head, connection, rest),
      },
      (reason) => rejections.inc({ reason }),
    )
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#host.accept(socket),
    )
    const { log, metrics } = deps
    this.#tls = settings.tls && new TlsListener(settings.tls, { log, metrics, limits, host: this.#host, handler })
    this.#operator = operatorServer({ metrics: () => deps.metrics.text(), report: () => this.report() })
    this.#reportConnections()
  }

  get connections(): number {
    return this.#host.connections + (this.#tls?.sessions ?? 0)
  }

  letGo(connections: number): void {
    this.#host.letGo(connections)
  }

  report(): OperatorReport {
    const { readiness = [], status } = this.#deps
    const draining = { name: 'edge', problem: () => (this.#draining ? 'draining' : undefined) }
    return reportOf([draining, ...readiness], { ...this.#status(), ...status?.() })
  }

  async listen(): Promise<EdgeAddresses> {
    const { host, port, operatorHost, operatorPort } = this.#settings
    const siteUrl = await listen(this.#server, 'public', host, port)
    try {
      const tlsUrl = await this.#listenToTls()
      const operatorUrl =
        operatorPort === undefined ? undefined : await listen(this.#operator, 'operator', operatorHost, operatorPort)
      for (const server of [this.#server, this.#operator]) {
        // A connection that could not be accepted (too many open files) is no reason to end the process.
        server.on('error', (error) => this.#deps.log.error({ err: error }, 'a connection could not be accepted'))
      }
      return { siteUrl, ...(tlsUrl !== undefined && { tlsUrl }), ...(operatorUrl !== undefined && { operatorUrl }) }
    } catch (error) {
      this.#server.close()
      await this.#tls?.stop(0, undefined)
      throw error
    }
  }

  async reload(): Promise<void> {
    this.#tls?.reload()
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#draining = true
    // WebSockets are the legacy port's by now: it ends them.
    this.#server.close()
    const graceMs = this.#settings.drainGraceMs ?? 1_000
    this.#host.draining = true
    // Who shakes hands just now is let in before the others are waited for.
    await this.#tls?.stop(graceMs, signal)
    await Promise.all([this.#host.drain(graceMs, signal), this.#tls?.drain(signal)])
    await new Promise<void>((resolve) => {
      this.#operator.close(() => resolve())
      this.#operator.closeAllConnections()
    })
  }

  async #listenToTls(): Promise<string | undefined> {
    const tlsUrl = await this.#tls?.listen(this.#settings.host)
    const wish = this.#settings.tls?.redirect ?? 'off'
    if (tlsUrl !== undefined && wish !== 'off') {
      this.#redirectPort = wish === 'on' ? Number(new URL(tlsUrl).port || 443) : wish
    }
    return tlsUrl
  }

  /** Where a request that came by http is sent, if it is. */
  #elsewhere(request: Pick<RequestFacts, 'client' | 'target'>): string | undefined {
    return this.#redirectPort === undefined ? undefined : httpsUrl(request, this.#redirectPort)
  }

  #onRequest(stream: ClientStream, connection: ClientConnection): void {
    const { head } = stream
    const client = this.#readClient(head, connection)
    const exchange = new EdgeExchange(stream, readTarget(head.target), client, this.#exchangeOptions)
    this.#running += 1
    if (isForUs(head)) {
      answerForServer(exchange)
      return
    }
    const elsewhere = this.#elsewhere(exchange)
    if (elsewhere !== undefined) {
      redirect(exchange, elsewhere)
      return
    }
    if (head.length > (this.#settings.bodyBytesMax ?? Number.POSITIVE_INFINITY)) {
      sendErrorPage(exchange, { code: 'edge.body-too-large', requestId: exchange.id })
      return
    }
    handleRequest(exchange, this.#flow).catch((error: unknown) => this.#onCrash(exchange, error))
  }

  /** A defect of ours; the visitor gets an answer all the same. */
  #onCrash(exchange: EdgeExchange, error: unknown): void {
    exchange.log.error({ err: error }, 'the request flow failed')
    if (exchange.answer.headSent) {
      exchange.answer.cut()
    } else {
      sendErrorPage(exchange, { code: 'edge.internal', requestId: exchange.id })
    }
  }

  #onUpgrade(head: RequestHead, connection: ServerConnection, rest: Buffer): void {
    const { socket } = connection
    const client = this.#readClient(head, connection)
    const id = requestId(head, client)
    const request: RequestFacts = {
      id,
      request: head,
      client,
      target: readTarget(head.target),
      log: this.#deps.log.child({ requestId: id }),
    }
    const elsewhere = this.#elsewhere(request)
    if (elsewhere !== undefined) {
      redirectUpgrade(socket, elsewhere)
      return
    }
    this.#deps.legacy.upgrade(request, socket, rest)
  }

  #onRefused(refusal: HeadRefusal | 'head-timeout', accept: string | undefined): RefusalAnswer {
    const { kind, detail } =
      refusal === 'head-timeout' ? { kind: refusal, detail: 'the head did not come in time' } : refusal
    const code = codeOfRefusal[kind]
    this.#log.refused(code, errorCatalogue[code].status, detail)
    return errorAnswer({ code, detail }, accept)
  }

  #status(): object {
    return {
      draining: this.#draining,
      requestsRunning: this.#running,
      connections: this.connections,
      ...(this.#tls === undefined ? {} : { tls: this.#tls.status() }),
      uptimeSeconds: Math.round(process.uptime()),
      routes: this.#deps.routes().routes.map(({ id, flag }) => ({ id, flag })),
    }
  }

  #reportConnections(): void {
    const running = () => this.#running
    const host = this.#host
    const tls = this.#tls
    this.#deps.metrics.gauge({
      name: 'fig_requests_running',
      help: 'Requests being answered.',
      collect() {
        this.set(running())
      },
    })
    this.#deps.metrics.gauge({
      name: 'fig_connections_open',
      help: 'Connections of clients, idle ones included.',
      collect() {
        this.set(host.connections + (tls?.sessions ?? 0))
      },
    })
  }
}

const codeOfRefusal: Readonly<Record<RefusalKind | 'head-timeout', ErrorCode>> = {
  'bad-request': 'edge.bad-request',
  'not-implemented': 'edge.not-implemented',
  'method-not-allowed': 'edge.method-not-allowed',
  'version-not-supported': 'edge.version-not-supported',
  'target-too-long': 'edge.target-too-long',
  'head-too-large': 'edge.headers-too-large',
  'expectation-failed': 'edge.expectation-failed',
  'head-timeout': 'edge.request-timeout',
}

/** `OPTIONS *` is about the server as a whole (RFC 9110 section 9.3.7), and Max-Forwards: 0 ends here (section 7.6.2). */
function isForUs({ method, target, headers }: RequestHead): boolean {
  if (target === '*') {
    return true
  }
  return (headers.bits & headerBits.maxForwards) !== 0 && method === 'OPTIONS' && headers.get('max-forwards') === '0'
}

function answerForServer(exchange: EdgeExchange): void {
  exchange.answer.begin(204, 'No Content', HeaderList.of('Allow', allowedMethods))
  exchange.answer.end()
}
