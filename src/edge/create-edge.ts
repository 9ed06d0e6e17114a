import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { RequestFacts } from '../exchange.ts'
import { type ErrorCode, errorCatalogue, type Logger, type Metrics } from '../platform/index.ts'
import { type RouteTable, readTarget } from '../routing/index.ts'
import { type AccessLog, type Account, accessLog } from './access-log.ts'
import { checkRequest, type Refusal } from './check-request.ts'
import { clientReader, type ReadClient } from './client-facts.ts'
import { EdgeExchange, requestId } from './edge-exchange.ts'
import { errorPageBytes, sendErrorPage } from './error-page.ts'
import { type FlagSnapshot, type FlowDeps, handleRequest } from './handle-request.ts'
import { listen } from './listen.ts'
import { operatorServer, type ReadinessCheck } from './operator.ts'
import type { Freshness, LegacyPort } from './ports.ts'
import { answerProtocolErrors } from './protocol-errors.ts'
import { type ModernHost, modernServer } from './serve-modern.ts'

export interface EdgeSettings {
  readonly host: string
  readonly port: number
  readonly operatorHost: string
  readonly operatorPort: number
  readonly trustedProxies: readonly string[]
  readonly visitorCookie: string
  readonly formBytesMax: number
  readonly freshnessTimeoutMs: number
  readonly modernTimeoutMs: number
  /** The longest a client may take for the head of a request. */
  readonly headTimeoutMs?: number
  /** The longest a client may send nothing in the middle of a body that Fig reads. */
  readonly clientIdleTimeoutMs?: number
  /** How long an idle connection is kept for the client's next request. */
  readonly keepAliveTimeoutMs?: number
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
  /** What must be in place before traffic is taken. */
  readonly readiness?: readonly ReadinessCheck[]
  /** Added to /status. */
  readonly status?: () => object
}

export interface Edge {
  listen(): Promise<{ readonly siteUrl: string; readonly operatorUrl: string }>
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
  readonly #server: Server
  readonly #operator: Server
  readonly #current = new Map<Socket, EdgeExchange>()
  /** Connections on which a request was refused: whatever else they bring is not looked at. */
  readonly #refused = new WeakSet<Socket>()
  /** Connections that became WebSockets: the server no longer knows them. */
  readonly #upgraded = new Set<Socket>()
  #draining = false

  constructor(settings: EdgeSettings, deps: EdgeDeps) {
    this.#settings = settings
    this.#deps = deps
    const { legacy, routes, flags, freshness } = deps
    const clientIdleTimeoutMs = settings.clientIdleTimeoutMs ?? 60_000
    const modern = deps.modern && modernServer(deps.modern, { timeoutMs: settings.modernTimeoutMs })
    this.#flow = { legacy, routes, flags, freshness, modern, settings: { ...settings, clientIdleTimeoutMs } }
    this.#log = accessLog(deps.log, deps.metrics)
    this.#readClient = clientReader(settings.trustedProxies)
    this.#server = this.#createServer()
    this.#operator = operatorServer({
      metrics: deps.metrics,
      readiness: [
        { name: 'edge', problem: () => (this.#draining ? 'draining' : undefined) },
        ...(deps.readiness ?? []),
      ],
      status: () => ({ ...this.#status(), ...deps.status?.() }),
    })
    this.#reportConnections()
  }

  async listen(): Promise<{ readonly siteUrl: string; readonly operatorUrl: string }> {
    const { host, port, operatorHost, operatorPort } = this.#settings
    const siteUrl = await listen(this.#server, 'public', host, port)
    try {
      const operatorUrl = await listen(this.#operator, 'operator', operatorHost, operatorPort)
      for (const server of [this.#server, this.#operator]) {
        // A connection that could not be accepted (too many open files) is no reason to end the process.
        server.on('error', (error) => this.#deps.log.error({ err: error }, 'a connection could not be accepted'))
      }
      return { siteUrl, operatorUrl }
    } catch (error) {
      this.#server.close()
      throw error
    }
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#draining = true
    for (const { res } of this.#current.values()) {
      // Where the head has not left yet it will say `Connection: close`.
      res.shouldKeepAlive = false
    }
    for (const socket of this.#upgraded) {
      // A WebSocket never ends by itself; its client connects again, to the next process.
      socket.destroy()
    }
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    const cut = (): void => this.#server.closeAllConnections()
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    await closed
    signal?.removeEventListener('abort', cut)
    await new Promise<void>((resolve) => {
      this.#operator.close(() => resolve())
      this.#operator.closeAllConnections()
    })
  }

  #createServer(): Server {
    const { headTimeoutMs = 30_000, keepAliveTimeoutMs = 65_000 } = this.#settings
    const server = createServer({
      // Checked by ourselves, to answer like any other refusal.
      requireHostHeader: false,
      // Uploads may take hours; what is bounded is silence.
      requestTimeout: 0,
      headersTimeout: headTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: 32 * 1024,
      noDelay: true,
      // Only real WebSockets leave HTTP; `Upgrade: h2c` and others are plain requests that PHP answers.
      shouldUpgradeCallback: isWebSocketHandshake,
    })
    // Node drops what is over its default of 2,000 without a word; the size of the head is the bound.
    server.maxHeadersCount = 0
    server.on('request', (req, res) => this.#onRequest(req, res))
    // With a listener Node leaves `100 Continue` to us: it is sent when it is known who takes the body.
    server.on('checkContinue', (req, res) => this.#onRequest(req, res))
    server.on('checkExpectation', (req, res) =>
      this.#refuse(req, res, { code: 'edge.expectation-failed', detail: 'the only expectation is 100-continue' }),
    )
    server.on('upgrade', (req, socket, head) => this.#onUpgrade(req, socket as Socket, head))
    server.on('connect', (_req, socket) => {
      socket.on('error', ignore)
      socket.end(errorPageBytes({ code: 'edge.not-implemented', detail: 'CONNECT' }, undefined))
    })
    answerProtocolErrors(
      server,
      (socket) => (this.#refused.has(socket) ? 'refused' : this.#current.get(socket)),
      (socket, code, cause) => this.#onRefused(socket, code, cause),
    )
    return server
  }

  #onRequest(req: IncomingMessage, res: ServerResponse): void {
    if (this.#refused.has(req.socket)) {
      return
    }
    const refusal = checkRequest(req)
    if (refusal !== undefined) {
      this.#refuse(req, res, refusal)
      return
    }
    if (req.url === '*') {
      // About the server as a whole (RFC 9110 section 9.3.7): that is Fig, no page of PHP's.
      res.writeHead(204, ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']).end()
      return
    }
    const { log } = this.#deps
    const exchange = new EdgeExchange(req, res, readTarget(originForm(req.url ?? '/')), this.#readClient(req), {
      log,
      visitorCookie: this.#settings.visitorCookie,
    })
    const account: Account = {
      decision: undefined,
      firstByteMs: undefined,
      bytesBefore: req.socket.bytesWritten,
    }
    this.#current.set(req.socket, exchange)
    if (this.#draining) {
      res.shouldKeepAlive = false
    }
    res.once('close', () => this.#onClose(exchange, account))
    handleRequest(exchange, account, this.#flow).catch((error: unknown) => this.#onCrash(exchange, error))
  }

  #onClose(exchange: EdgeExchange, account: Account): void {
    const { socket } = exchange.req
    if (this.#current.get(socket) === exchange) {
      this.#current.delete(socket)
    }
    exchange.closed()
    this.#log.finished(exchange, account)
    if (this.#draining) {
      // Its head may have promised to keep the connection before the drain began.
      socket.end()
    }
  }

  /** A defect of ours; the visitor gets an answer all the same. */
  #onCrash(exchange: EdgeExchange, error: unknown): void {
    exchange.log.error({ err: error }, 'the request flow failed')
    if (exchange.res.headersSent) {
      exchange.res.destroy()
    } else {
      sendErrorPage(exchange.req, exchange.res, { code: 'edge.internal', requestId: exchange.id, close: true })
    }
  }

  #onUpgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    // Node takes its own listener away here; a client that breaks off must not end the process.
    socket.on('error', ignore)
    const refusal = checkRequest(req)
    if (refusal !== undefined || !isWebSocketHandshake(req)) {
      const { code, detail } = refusal ?? { code: 'edge.bad-request' as const, detail: 'no WebSocket handshake' }
      this.#onRefused(socket, code, detail)
      socket.end(errorPageBytes({ code, detail }, req.headers.accept))
      return
    }
    const client = this.#readClient(req)
    const id = requestId(req, client)
    const request: RequestFacts = {
      id,
      req,
      client,
      target: readTarget(originForm(req.url ?? '/')),
      log: this.#deps.log.child({ requestId: id }),
    }
    this.#upgraded.add(socket)
    socket.once('close', () => this.#upgraded.delete(socket))
    this.#deps.legacy.upgrade(request, socket, head)
  }

  #refuse(req: IncomingMessage, res: ServerResponse, { code, detail }: Refusal): void {
    this.#onRefused(req.socket, code, detail)
    sendErrorPage(req, res, { code, detail, close: true })
  }

  #onRefused(socket: Socket, code: ErrorCode, cause: string): void {
    this.#refused.add(socket)
    this.#log.refused(code, errorCatalogue[code].status, cause)
  }

  #status(): object {
    return {
      draining: this.#draining,
      requestsRunning: this.#current.size,
      uptimeSeconds: Math.round(process.uptime()),
      routes: this.#deps.routes().routes.map(({ id, flag }) => ({ id, flag })),
    }
  }

  #reportConnections(): void {
    const current = this.#current
    this.#deps.metrics.gauge({
      name: 'fig_requests_running',
      help: 'Requests being answered.',
      collect() {
        this.set(current.size)
      },
    })
  }
}

/** RFC 9112 section 3.2.2: of `http://host/path` the path is the target; the host was compared before. */
function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') {
    return target
  }
  const path = target.replace(/^https?:\/\/[^/?]+/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** RFC 6455 section 4.2.1. */
function isWebSocketHandshake(req: IncomingMessage): boolean {
  const { upgrade, connection } = req.headers
  return (
    req.method === 'GET' &&
    req.httpVersionMinor === 1 &&
    upgrade?.toLowerCase() === 'websocket' &&
    connection !== undefined &&
    /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection) &&
    req.headers['sec-websocket-key'] !== undefined &&
    req.headers['transfer-encoding'] === undefined &&
    (req.headers['content-length'] ?? '0') === '0'
  )
}

function ignore(): void {}
