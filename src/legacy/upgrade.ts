import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import httpProxy from 'http-proxy'
import type { RequestFacts } from '../exchange.ts'
import type { Counter, Metrics } from '../platform/index.ts'
import { HeaderList } from './header-list.ts'
import { type RequestPassSettings, requestPasses } from './request-passes.ts'

export interface UpgraderOptions extends RequestPassSettings {
  readonly url: URL
  readonly connectTimeoutMs: number
  readonly metrics: Metrics
}

/**
 * Carries WebSockets by http-proxy, which does nothing else here (docs/decisions). The edge sends real WebSocket handshakes
 * only. http-proxy would join duplicate headers and rewrite the path; the request that it prepares is therefore corrected
 * before it is sent.
 */
export class Upgrader {
  readonly #options: UpgraderOptions
  readonly #proxy: httpProxy
  readonly #requests = new WeakMap<IncomingMessage, RequestFacts>()
  readonly #open = new Set<Duplex>()
  readonly #upgrades: Counter<'outcome'>

  constructor(options: UpgraderOptions) {
    this.#options = options
    this.#proxy = quietly(() => httpProxy.createProxyServer({ target: options.url.origin, ws: true, toProxy: true }))
    this.#proxy.on('proxyReqWs', (proxyReq, req) => this.#correct(proxyReq, req))
    this.#upgrades = options.metrics.counter({
      name: 'fig_websockets_total',
      help: 'WebSocket handshakes passed to the legacy site, by outcome.',
      labelNames: ['outcome'],
    })
    const open = this.#open
    options.metrics.gauge({
      name: 'fig_websockets_open',
      help: 'WebSocket connections that are open.',
      collect() {
        this.set(open.size)
      },
    })
  }

  upgrade(request: RequestFacts, socket: Socket, head: Buffer): void {
    this.#requests.set(request.req, request)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    socket.on('error', (error) => request.log.debug({ err: error }, 'a WebSocket client broke off'))
    quietly(() => this.#proxy.ws(request.req, socket, head, {}, (error) => this.#onError(request, socket, error)))
  }

  close(): void {
    for (const socket of this.#open) {
      socket.destroy()
    }
    this.#proxy.close()
  }

  // --- internal ---

  #correct(proxyReq: ClientRequest, req: IncomingMessage): void {
    const request = this.#requests.get(req)
    if (request === undefined) {
      proxyReq.destroy()
      return
    }
    proxyReq.path = request.target.raw
    const headers = new HeaderList(req.rawHeaders)
    for (const pass of requestPasses) {
      pass(headers, request, this.#options)
    }
    for (const name of proxyReq.getHeaderNames()) {
      proxyReq.removeHeader(name)
    }
    const raw = headers.toRaw()
    for (let i = 0; i + 1 < raw.length; i += 2) {
      proxyReq.appendHeader(raw[i] as string, raw[i + 1] as string)
    }
    proxyReq.setHeader('Connection', 'Upgrade')
    proxyReq.setHeader('Upgrade', 'websocket')
    proxyReq.setTimeout(this.#options.connectTimeoutMs, () => proxyReq.destroy(new Error('handshake timeout')))
    proxyReq.once('upgrade', () => {
      proxyReq.setTimeout(0)
      this.#upgrades.inc({ outcome: 'open' })
    })
    proxyReq.prependOnceListener('response', (res: IncomingMessage) => {
      // http-proxy writes this head out as it is and then the decoded body: the end of the connection ends the body.
      delete res.headers['transfer-encoding']
      delete res.headers['keep-alive']
      res.headers.connection = 'close'
      this.#upgrades.inc({ outcome: 'refused' })
    })
  }

  #onError(request: RequestFacts, socket: Socket, error: Error): void {
    this.#upgrades.inc({ outcome: 'failed' })
    request.log.warn({ err: error }, 'PHP did not take a WebSocket')
    if (!socket.destroyed && socket.bytesWritten === 0) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    } else {
      socket.destroy()
    }
  }
}

/** http-proxy 1.18 calls util._extend, for which Node warns the operator, who can do nothing about it. */
function quietly<T>(work: () => T): T {
  const before = process.noDeprecation
  process.noDeprecation = true
  try {
    return work()
  } finally {
    process.noDeprecation = before === true
  }
}
