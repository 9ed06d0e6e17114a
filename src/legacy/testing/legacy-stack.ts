import net, { type AddressInfo, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import type { ClientFacts, Exchange } from '../../exchange.ts'
import { ConnectionHost, HeaderList, type HostLimits, type RequestHead } from '../../http1/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../platform/index.ts'
import { createLegacy, type ForwardOutcome, type Legacy, type LegacyOptions } from '../index.ts'

// Real parts for the tests of the way to PHP: an upstream that plays PHP with bytes of the test's choosing, legacy behind the
// smallest of edges, and clients that send raw bytes.

export interface LegacyUnderTest extends AsyncDisposable {
  readonly port: number
  readonly legacy: Legacy
  readonly metrics: Metrics
  readonly outcomes: readonly ForwardOutcome[]
  readonly log: readonly Readonly<Record<string, unknown>>[]
  close(signal?: AbortSignal): Promise<void>
}

export interface StackOptions extends Partial<LegacyOptions> {
  readonly client?: Partial<ClientFacts>
  readonly connection?: Partial<HostLimits>
  /** Reads the whole body before it is forwarded, as the edge does where a form field decides. */
  readonly readsBody?: boolean
}

export async function startLegacy(options: StackOptions): Promise<LegacyUnderTest> {
  const log: Record<string, unknown>[] = []
  const outcomes: ForwardOutcome[] = []
  const metrics = createMetrics()
  const logger = createLogger({ level: 'debug', destination: collector(log) })
  const legacy = createLegacy({ metrics, log: logger, ownCookies: ['fig_visitor'], ...options })
  const facts = (head: RequestHead): Pick<Exchange, 'id' | 'request' | 'target' | 'client' | 'log'> => ({
    id: 'request-id',
    request: head,
    target: { raw: head.target, path: head.target, query: '' },
    client: { ...client, host: head.headers.first('host') ?? '', ...options.client },
    log: logger,
  })
  const host = new ConnectionHost(
    { ...defaultLimits, ...options.connection },
    {
      onRequest: (stream) => {
        let listener: Parameters<Exchange['onLeave']>[0]
        let gone: Parameters<NonNullable<typeof listener>>[0] | undefined
        const exchange: Exchange = {
          ...facts(stream.head),
          method: stream.head.method,
          incoming: stream,
          answer: stream,
          visitor: { id: '', isNew: true, properties: {}, ip: '' },
          get left() {
            return gone !== undefined
          },
          onLeave: (next) => {
            listener = next
            if (gone !== undefined) {
              listener?.(gone)
            }
          },
          signal: new AbortController().signal,
          body: undefined,
        }
        stream.onDeparture = (departure) => {
          if (departure !== 'finished') {
            gone = departure
            listener?.(departure)
          }
        }
        const forward = async (): Promise<void> => {
          if (options.readsBody === true && stream.head.framing !== 'none') {
            exchange.body = await readWhole(exchange)
          }
          const outcome = await legacy.forward(exchange)
          outcomes.push(outcome)
          if (outcome.kind === 'failed' && !stream.headSent && !stream.closed) {
            stream.begin(outcome.error.status, 'Failed', HeaderList.of('Content-Length', '0', 'X-Cause', outcome.cause))
            stream.end()
          }
        }
        forward().catch((error: unknown) => log.push({ unexpected: error }))
      },
      onDefect: (error) => {
        throw error
      },
      onRefused: () => ({ status: 400, reason: 'Bad Request', headers: new HeaderList(), body: Buffer.alloc(0) }),
      onUpgrade: (head, connection, rest) => legacy.upgrade(facts(head), connection.socket, rest),
    },
    () => {},
  )
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => host.accept(socket))
  const port = await listenAnywhere(server)
  const close = async (signal?: AbortSignal): Promise<void> => {
    server.close()
    await Promise.all([host.drain(0, signal), legacy.close(signal)])
  }
  return {
    port,
    legacy,
    metrics,
    outcomes,
    log,
    close,
    [Symbol.asyncDispose]: () => close(AbortSignal.abort()),
  }
}

export interface PhpUnderTest extends AsyncDisposable {
  readonly url: URL
  readonly port: number
  /** Request heads (and whatever came with them) in the order in which they came. */
  readonly heads: readonly string[]
  readonly sockets: readonly Socket[]
  /** Connections that are open. */
  open(): number
}

/** An upstream that answers with bytes of the test's choosing, once per request head. */
export async function playPhp(
  answer: (socket: Socket, head: string, index: number) => void,
  onData: (chunk: Buffer, socket: Socket) => void = () => {},
): Promise<PhpUnderTest> {
  const heads: string[] = []
  const sockets: Socket[] = []
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.push(socket)
    let pending = ''
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      onData(chunk, socket)
      pending += chunk.toString('latin1')
      if (!/^[A-Z]+ \S+ HTTP/.test(pending)) {
        pending = ''
      } else if (pending.includes('\r\n\r\n')) {
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
    url: new URL(`http://127.0.0.1:${port}`),
    open: () => sockets.filter((socket) => !socket.destroyed).length,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) {
          socket.destroy()
        }
      }),
  }
}

/** An address at which nobody listens. */
export async function nobody(): Promise<URL> {
  const php = await playPhp(() => {})
  await php[Symbol.asyncDispose]()
  return php.url
}

export interface RawClient {
  readonly socket: Socket
  /** Everything received, one character per byte. */
  text(): string
  write(bytes: string | Buffer): void
  receives(part: string | RegExp): Promise<string>
  /** Waits until the connection is closed; tells how. */
  closed(): Promise<'end' | 'reset'>
}

export function rawClient(port: number): RawClient {
  const chunks: Buffer[] = []
  let how: 'end' | 'reset' | undefined
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
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
        `${part} in what was received`,
        text,
      )
      return text()
    },
    closed: () => until(() => (how !== undefined && socket.destroyed ? how : undefined), 'the end of the connection'),
  }
}

/** Sends bytes and gives everything that comes back until the server closes the connection. */
export async function exchangeRaw(port: number, bytes: string | Buffer): Promise<string> {
  const client = rawClient(port)
  client.write(bytes)
  await client.closed()
  return client.text()
}

/** Asks again until there is an answer; fails loudly, never by sleeping. */
export async function until<T>(ask: () => T | undefined, what: string, seen: () => string = () => ''): Promise<T> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const answer = ask()
    if (answer !== undefined) {
      return answer
    }
    if (performance.now() > deadline) {
      throw new Error(`waited in vain for ${what} ${seen().slice(0, 1000)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

// --- internal ---

const client: ClientFacts = {
  ...{ peer: '192.0.2.7', trusted: false, ip: '192.0.2.7', proto: 'http', host: 'a', port: 80 },
  connection: { peerPort: 40_000, localAddress: '127.0.0.1' },
}

const defaultLimits: HostLimits = {
  headTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 10_000,
  bodyBytesMax: Number.POSITIVE_INFINITY,
  bodyRateMin: 0,
  answerIdleTimeoutMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  requestsMax: 1_000_000,
  halfCloseTimeoutMs: 5_000,
  connectionsMax: 1_000,
  connectionsPerPeerMax: 1_000,
}

function readWhole({ incoming }: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) =>
    incoming.read({
      onData: (chunk) => chunks.push(chunk),
      onEnd: () => resolve(Buffer.concat(chunks)),
      onBroken: (_why, detail) => reject(new Error(detail)),
    }),
  )
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
