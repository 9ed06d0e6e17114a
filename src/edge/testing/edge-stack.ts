import http, { type IncomingMessage, type RequestListener } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { createLegacy, type LegacyOptions } from '../../legacy/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../platform/index.ts'
import { compileRoutes, type RouteTable } from '../../routing/index.ts'
import { createEdge, type EdgeDeps, type EdgeSettings } from '../index.ts'

// Real parts for the tests of the edge: an upstream that plays PHP, the edge before it, and clients that send raw bytes.

export interface EdgeUnderTest extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** NaN without https. */
  readonly tlsPort: number
  readonly operatorUrl: string
  readonly metrics: Metrics
  /** Lines of the log, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** The first log line that fits, waited for. */
  logged(fits: (line: Readonly<Record<string, unknown>>) => boolean): Promise<Readonly<Record<string, unknown>>>
  reload(): Promise<void>
  close(signal?: AbortSignal): Promise<void>
}

export interface EdgeOptions {
  readonly legacyUrl: string
  readonly routes?: RouteTable
  readonly flags?: EdgeDeps['flags']
  readonly modern?: EdgeDeps['modern']
  readonly freshness?: EdgeDeps['freshness']
  readonly readiness?: EdgeDeps['readiness']
  readonly steering?: EdgeDeps['steering']
  readonly settings?: Partial<EdgeSettings>
  readonly legacy?: Partial<LegacyOptions>
}

export const noRoutes: RouteTable = compileRoutes({ routes: [] })
export const noFlags: EdgeDeps['flags'] = () => ({
  source: 'none',
  receivedAt: undefined,
  evaluate: () => ({ state: 'unknown', partial: false }),
})

export async function startEdge(options: EdgeOptions): Promise<EdgeUnderTest> {
  const log: Record<string, unknown>[] = []
  const metrics = createMetrics()
  const legacy = createLegacy({
    url: new URL(options.legacyUrl),
    metrics,
    ownCookies: ['fig_visitor'],
    ...options.legacy,
  })
  const edge = createEdge(
    { ...defaultSettings, ...options.settings },
    {
      log: createLogger({ destination: collector(log) }),
      metrics,
      legacy,
      routes: () => options.routes ?? noRoutes,
      flags: options.flags ?? noFlags,
      ...(options.modern && { modern: options.modern }),
      ...(options.freshness && { freshness: options.freshness }),
      ...(options.readiness && { readiness: options.readiness }),
      ...(options.steering && { steering: options.steering }),
    },
  )
  const { siteUrl, tlsUrl = '', operatorUrl } = await edge.listen()
  const close = async (signal?: AbortSignal): Promise<void> => {
    await edge.close(signal)
    await legacy.close(signal)
  }
  return {
    url: siteUrl,
    port: Number(new URL(siteUrl).port),
    tlsPort: Number.parseInt(tlsUrl.split(':')[2] ?? '', 10),
    operatorUrl: operatorUrl ?? '',
    metrics,
    log,
    logged: (fits) => until(() => log.find(fits), 'a log line'),
    reload: () => edge.reload(),
    close,
    [Symbol.asyncDispose]: () => close(AbortSignal.abort()),
  }
}

export interface Upstream extends AsyncDisposable {
  readonly url: string
  readonly port: number
}

export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** An upstream that speaks HTTP. */
export async function httpUpstream(listener: RequestListener): Promise<Upstream & { readonly server: http.Server }> {
  const server = http.createServer({ keepAliveTimeout: 60_000, maxHeaderSize: 128 * 1024 }, listener)
  const port = await listenAnywhere(server)
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An upstream that notes what it gets and answers 200 `ok`. */
export async function recordingUpstream(): Promise<Upstream & { readonly requests: readonly RecordedRequest[] }> {
  const requests: RecordedRequest[] = []
  const upstream = await httpUpstream((req, res) => {
    readAll(req).then(
      (body) => {
        const { method = '', url = '', rawHeaders, headers } = req
        requests.push({ method, url, rawHeaders, headers, body })
        res.end('ok')
      },
      () => res.destroy(),
    )
  })
  return { ...upstream, requests }
}

export interface RawUpstream extends Upstream {
  /** Request heads (and whatever came with them) in the order in which they came. */
  readonly heads: readonly string[]
  readonly sockets: readonly Socket[]
}

/** An upstream that answers with bytes of the test's choosing, once per request head. */
export async function rawUpstream(answer: (socket: Socket, head: string, index: number) => void): Promise<RawUpstream> {
  const heads: string[] = []
  const sockets: Socket[] = []
  const server = net.createServer((socket) => {
    sockets.push(socket)
    let pending = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1')
      if (pending.includes('\r\n\r\n')) {
        const head = pending
        pending = ''
        heads.push(head)
        answer(socket, head, heads.length - 1)
      }
    })
  })
  const port = await listenAnywhere(server)
  return {
    heads,
    sockets,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) {
          socket.destroy()
        }
      }),
  }
}

export interface RawClient {
  readonly socket: Socket
  /** Everything received, one character per byte. */
  text(): string
  write(bytes: string | Buffer): void
  /** Waits for text in what was received. */
  receives(part: string | RegExp): Promise<string>
  /** Waits until the connection is closed; tells how. */
  closed(): Promise<'end' | 'reset'>
}

/** @param socket one that is connected, or about to be; an own one to `port` by default */
export function rawClient(
  port: number,
  socket: Socket = net.connect({ port, host: '127.0.0.1', noDelay: true }),
): RawClient {
  const chunks: Buffer[] = []
  let how: 'end' | 'reset' | undefined
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {
    how ??= 'reset'
  })
  socket.on('end', () => {
    how ??= 'end'
  })
  socket.on('close', () => {
    how ??= 'end'
  })
  const text = (): string => Buffer.concat(chunks).toString('latin1')
  return {
    socket,
    text,
    write: (bytes) => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    receives: async (part) => {
      await until(
        () => (typeof part === 'string' ? text().includes(part) : part.test(text())) || undefined,
        `${part} in what was received: ${JSON.stringify(text().slice(0, 2000))}`,
      )
      return text()
    },
    closed: () => until(() => (how !== undefined && socket.destroyed ? how : undefined), 'the end of the connection'),
  }
}

/** A WebSocket handshake and the answer that fits its key (RFC 6455 section 1.3). */
export const webSocketHandshake = [
  'GET / HTTP/1.1',
  ...['Host: a', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
].join('\r\n')

export const switchingProtocols = [
  'HTTP/1.1 101 Switching Protocols',
  ...['Connection: Upgrade', 'Upgrade: websocket'],
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
].join('\r\n')

/** Sends bytes and gives everything that comes back until the server closes the connection. */
export async function exchangeRaw(port: number, bytes: string | Buffer): Promise<string> {
  const client = rawClient(port)
  client.write(bytes)
  await client.closed()
  return client.text()
}

/** Asks again until there is an answer; fails loudly, never by sleeping. */
export async function until<T>(ask: () => T | undefined, what: string, timeoutMs = 5_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = ask()
    if (answer !== undefined) {
      return answer
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export async function readAll(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

// --- internal ---

const defaultSettings: EdgeSettings = {
  host: '127.0.0.1',
  port: 0,
  operatorHost: '127.0.0.1',
  operatorPort: 0,
  trustedProxies: [],
  visitorCookie: 'fig_visitor',
  formBytesMax: 1024 * 1024,
  freshnessTimeoutMs: 200,
  modernTimeoutMs: 2_000,
}

function collector(lines: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>)
      done()
    },
  })
}

function listenAnywhere(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
