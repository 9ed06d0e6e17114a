import { createHash } from 'node:crypto'
import { type ClientRequest, IncomingMessage } from 'node:http'
import { Agent } from 'node:https'
import { isIP, type Socket } from 'node:net'
import httpProxy from 'http-proxy'
import type { RequestFacts } from '../exchange.ts'
import { HeaderList } from '../http1/index.ts'
import type { Counter, Metrics } from '../platform/index.ts'
import type { RequestPass } from './request-passes.ts'
import type { ResponsePass } from './response-passes.ts'
import type { UpstreamSet } from './upstream-set.ts'
import type { UpstreamTls } from './upstream-socket.ts'

export interface WebSocketLimits {
  /** From the client's handshake to PHP's answer to it. */
  readonly handshakeTimeoutMs: number
  /** How long open WebSockets may go on once Fig is being stopped. They know no end of their own. */
  readonly graceMs: number
}

export interface UpgraderOptions {
  readonly upstreams: UpstreamSet
  readonly requestPasses: readonly RequestPass[]
  readonly responsePasses: readonly ResponsePass[]
  readonly limits: WebSocketLimits
  readonly tls?: UpstreamTls
  readonly metrics: Metrics
}

/**
 * Carries WebSockets by http-proxy, which does nothing else here (docs/decisions). The edge sends real WebSocket handshakes
 * only. http-proxy would join duplicate headers, rewrite the path and believe any 101: the request that it prepares is
 * corrected before it is sent, and PHP's answer is checked before http-proxy sees it.
 */
export class Upgrader {
  readonly #options: UpgraderOptions
  readonly #proxy: httpProxy
  readonly #handshakes = new WeakMap<IncomingMessage, Handshake>()
  readonly #open = new Set<Socket>()
  readonly #upgrades: Counter<'outcome'>
  /** For TLS: http-proxy takes certificates from an agent only. */
  #agent: Agent | undefined
  #closing = false
  #onEmpty: (() => void) | undefined

  constructor(options: UpgraderOptions) {
    this.#options = options
    this.#proxy = quietly(() => httpProxy.createProxyServer({ ws: true, toProxy: true }))
    this.#proxy.on('proxyReqWs', (proxyReq, req) => this.#handshakes.get(req)?.prepare(proxyReq))
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

  /** The socket is ours from here on; `head` is what came behind the handshake. */
  upgrade(request: RequestFacts, socket: Socket, head: Buffer): void {
    socket.on('error', (error) => request.log.debug({ err: error }, 'a WebSocket client broke off'))
    socket.once('close', () => this.#onClosed(socket))
    this.#open.add(socket)
    const { upstream } = this.#options.upstreams.pick()
    if (this.#closing || upstream.speaksHttp !== true) {
      this.#upgrades.inc({ outcome: 'refused' })
      refuse(socket, this.#closing ? '503 Service Unavailable' : '501 Not Implemented')
      return
    }
    const handshake = new Handshake(request, socket, this.#options, (outcome) => this.#upgrades.inc({ outcome }))
    const message = handshake.message()
    this.#handshakes.set(message, handshake)
    quietly(() =>
      this.#proxy.ws(message, socket, head, this.#targetAt(upstream.origin), (error) => handshake.failed(error)),
    )
    handshake.watch()
  }

  /** Gives open WebSockets their grace, or less where `signal` aborts; then both ends get an orderly end of the connection. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#closing = true
    if (this.#open.size > 0 && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.limits.graceMs)
        this.#onEmpty = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true })
        this.#onEmpty = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const socket of this.#open) {
      signal?.aborted === true ? socket.destroy() : socket.destroySoon()
    }
    this.#proxy.close()
  }

  // --- internal ---

  #targetAt(origin: string): httpProxy.ServerOptions {
    if (!origin.startsWith('https:')) {
      return { target: origin }
    }
    const { hostname } = new URL(origin)
    // Without a name given here Node would take the one in the Host header, which is the public one.
    const ssl = isIP(hostname) === 0 ? { servername: hostname } : {}
    this.#agent ??= new Agent({ ...this.#options.tls })
    return { target: origin, ssl, agent: this.#agent }
  }

  #onClosed(socket: Socket): void {
    this.#open.delete(socket)
    if (this.#open.size === 0) {
      this.#onEmpty?.()
    }
  }
}

// --- internal ---

/** One handshake on its way to PHP, and the answer on its way back. */
class Handshake {
  readonly #request: RequestFacts
  readonly #socket: Socket
  readonly #options: UpgraderOptions
  readonly #count: (outcome: 'open' | 'refused' | 'failed') => void
  #proxyReq: ClientRequest | undefined
  #timer: NodeJS.Timeout | undefined
  #timedOut = false
  #settled = false

  constructor(
    request: RequestFacts,
    socket: Socket,
    options: UpgraderOptions,
    count: (outcome: 'open' | 'refused' | 'failed') => void,
  ) {
    this.#request = request
    this.#socket = socket
    this.#options = options
    this.#count = count
  }

  /** As much of a message as http-proxy looks at. */
  message(): IncomingMessage {
    const message = new IncomingMessage(this.#socket)
    message.method = this.#request.request.method
    message.url = '/'
    message.rawHeaders = ['Upgrade', 'websocket', 'Connection', 'Upgrade']
    // A message that no parser made has no record of its own.
    message.headers = { upgrade: 'websocket', connection: 'Upgrade' }
    return message
  }

  /** Puts the client's own path and headers, as they came and passed, in place of what http-proxy made of them. */
  prepare(proxyReq: ClientRequest): void {
    const request = this.#request
    this.#proxyReq = proxyReq
    proxyReq.path = request.target.raw
    for (const name of proxyReq.getHeaderNames()) {
      proxyReq.removeHeader(name)
    }
    const headers = request.request.headers.copy()
    for (const pass of this.#options.requestPasses) {
      pass(headers, request)
    }
    headers.remove('trailer')
    headers.forEach((written, value) => {
      proxyReq.appendHeader(written, value)
    })
    proxyReq.setHeader('Connection', 'Upgrade')
    proxyReq.setHeader('Upgrade', 'websocket')
  }

  /** http-proxy listens by now; we step before it. */
  watch(): void {
    const proxyReq = this.#proxyReq
    const socket = this.#socket
    if (proxyReq === undefined) {
      return
    }
    this.#timer = setTimeout(() => {
      this.#timedOut = true
      proxyReq.destroy(new Error('PHP did not answer the handshake in time'))
    }, this.#options.limits.handshakeTimeoutMs)
    const onClose = (): void => {
      clearTimeout(this.#timer)
      proxyReq.destroy()
    }
    socket.once('close', onClose)
    const [goOn] = proxyReq.listeners('upgrade')
    proxyReq.removeAllListeners('upgrade').removeAllListeners('response')
    proxyReq.once('upgrade', (answer, upstreamSocket, rest) => {
      socket.off('close', onClose)
      clearTimeout(this.#timer)
      this.#settled = true
      this.#join(answer, upstreamSocket as Socket, () => goOn?.call(proxyReq, answer, upstreamSocket, rest))
    })
    proxyReq.once('response', (answer) => {
      clearTimeout(this.#timer)
      this.#settled = true
      if (answer.statusCode === 101) {
        // Node takes a 101 that does not say `Connection: Upgrade` for a plain answer.
        answer.on('error', () => {}).destroy()
        this.#refuseAnswer('its Connection header does not say Upgrade')
      } else {
        this.#passRefusalOn(answer)
      }
    })
  }

  failed(error: Error): void {
    clearTimeout(this.#timer)
    if (this.#settled) {
      this.#socket.destroySoon()
      return
    }
    this.#settled = true
    this.#count('failed')
    this.#request.log.warn({ err: error }, 'PHP did not take a WebSocket')
    refuse(this.#socket, this.#timedOut ? '504 Gateway Timeout' : '502 Bad Gateway')
  }

  #join(answer: IncomingMessage, upstreamSocket: Socket, goOn: () => void): void {
    const socket = this.#socket
    const problem = problemOf(answer, this.#request.request.headers)
    if (problem !== undefined) {
      upstreamSocket.on('error', () => {}).destroy()
      this.#refuseAnswer(problem)
      return
    }
    this.#count('open')
    socket.once('close', () => upstreamSocket.destroySoon())
    upstreamSocket.once('close', () => socket.destroySoon())
    const headers = this.#passed(answer)
    headers.append('Upgrade', 'websocket')
    headers.append('Connection', 'Upgrade')
    const head = `HTTP/1.1 101 ${answer.statusMessage ?? ''}\r\n${headers.toLines()}\r\n`
    // http-proxy writes the head before it joins the sockets: in its place goes PHP's, as it came and passed.
    const { write } = socket
    socket.write = () => write.call(socket, head, 'latin1')
    goOn()
    socket.write = write
  }

  #refuseAnswer(problem: string): void {
    this.#count('failed')
    this.#request.log.warn({ problem }, "PHP's answer to a WebSocket handshake is none")
    refuse(this.#socket, '502 Bad Gateway')
  }

  /** PHP answers with something else than a WebSocket, which the client gets as it is; the end of the connection ends it. */
  #passRefusalOn(answer: IncomingMessage): void {
    const socket = this.#socket
    this.#count('refused')
    const lines = this.#passed(answer).toLines()
    const { statusCode, statusMessage = '' } = answer
    socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines}Connection: close\r\n\r\n`, 'latin1')
    answer.on('error', () => socket.resetAndDestroy())
    answer.on('end', () => endOrderly(socket))
    answer.pipe(socket, { end: false })
  }

  #passed(answer: IncomingMessage): HeaderList {
    const headers = HeaderList.of(...answer.rawHeaders)
    for (const pass of this.#options.responsePasses) {
      pass(headers, this.#request, answer.statusCode ?? 0)
    }
    return headers
  }
}

const refusedLingerMs = 2_000

function refuse(socket: Socket, status: string): void {
  if (socket.destroyed || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  endOrderly(socket)
}

/** Closing at once would reset what the client has not read yet. */
function endOrderly(socket: Socket): void {
  socket.end()
  socket.on('end', () => socket.destroySoon())
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), refusedLingerMs)
  socket.once('close', () => clearTimeout(timer))
}

/** RFC 6455 section 4.1: what a client would have to refuse is not shown to it as an upgrade. */
function problemOf(answer: IncomingMessage, request: HeaderList): string | undefined {
  if (answer.headers.upgrade?.toLowerCase() !== 'websocket') {
    return 'it upgrades to something else'
  }
  const key = request.first('sec-websocket-key') ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'latin1').digest('base64')
  return answer.headers['sec-websocket-accept'] === accept ? undefined : 'its Sec-WebSocket-Accept is wrong'
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
