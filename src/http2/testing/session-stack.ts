import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type ClientStream, type Departure, HeaderList, type HeadRefusal } from '../../http1/index.ts'
import { SessionHost, type SessionLimits } from '../index.ts'

// A host of sessions behind a real listener, and what it saw. Without TLS: that is the edge's part.

export interface SeenRequest {
  readonly stream: ClientStream
  /** Empty until the exchange is over. */
  readonly departures: readonly Departure[]
}

export interface HostUnderTest extends AsyncDisposable {
  readonly port: number
  readonly host: SessionHost
  readonly requests: readonly SeenRequest[]
  readonly refusals: readonly HeadRefusal[]
  readonly faults: readonly string[]
  readonly sockets: readonly Socket[]
  client(): ClientHttp2Session
}

export async function startHost(
  onRequest: (stream: ClientStream) => void,
  limits: Partial<SessionLimits> = {},
): Promise<HostUnderTest> {
  const requests: { stream: ClientStream; departures: Departure[] }[] = []
  const refusals: HeadRefusal[] = []
  const faults: string[] = []
  const sockets: Socket[] = []
  const clients: ClientHttp2Session[] = []
  const host = new SessionHost(
    { ...usualLimits, ...limits },
    {
      onRequest: (stream) => {
        const seen = { stream, departures: [] as Departure[] }
        requests.push(seen)
        stream.onDeparture = (departure) => seen.departures.push(departure)
        onRequest(stream)
      },
      onRefused: (refusal) => {
        refusals.push(refusal)
        const body = Buffer.from(refusal.detail)
        const status = refusal.kind === 'not-implemented' ? 501 : 400
        return { status, reason: '', headers: HeaderList.of('Content-Length', String(body.length)), body }
      },
      onSessionFault: (code) => faults.push(code),
    },
  )
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    host.accept(socket, true)
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  return {
    port,
    host,
    requests,
    refusals,
    faults,
    sockets,
    client: () => {
      const client = connectHttp2(`http://127.0.0.1:${port}`)
      client.on('error', () => {})
      clients.push(client)
      return client
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const client of clients) {
        client.destroy()
      }
      await host.drain(AbortSignal.abort())
      await closed
    },
  }
}

/** Answers 200 with this text. */
export function answerWith(text: string): (stream: ClientStream) => void {
  return (stream) => {
    stream.begin(200, 'OK', HeaderList.of('Content-Length', String(text.length)))
    stream.write(Buffer.from(text))
    stream.end()
  }
}

/** Reads the whole body; what was wrong with it otherwise. */
export function readBody(
  stream: ClientStream,
): Promise<{ readonly body: Buffer; readonly trailers: HeaderList | undefined }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.read({
      onData: (chunk) => chunks.push(chunk),
      onEnd: (trailers) => resolve({ body: Buffer.concat(chunks), trailers }),
      onBroken: (why, detail) => reject(new Error(`${why}: ${detail}`)),
    })
  })
}

// --- internal ---

const usualLimits: SessionLimits = {
  headTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 10_000,
  bodyBytesMax: Number.POSITIVE_INFINITY,
  bodyRateMin: 240,
  answerIdleTimeoutMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  requestsMax: 100_000,
}
