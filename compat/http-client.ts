/** Asks one side and hands over everything that came back: nothing is followed, decoded or reordered. */
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'

export interface Ask {
  readonly method?: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** The body is sent in pieces of unannounced length. */
  readonly chunked?: boolean
}

export interface Answer {
  readonly status: number
  /** The text behind the status; HTTP/2 has none. */
  readonly reason: string
  /** Name and value as they came, in order, duplicates kept. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  /** Statuses below 200 that came before. */
  readonly before: readonly number[]
}

export interface HttpClient {
  ask(ask: Ask): Promise<Answer>
  close(): void
}

export function http1Client(origin: string, host: string): HttpClient {
  const { hostname, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  return {
    ask: (ask) => askOverHttp1({ agent, hostname, port, host }, ask),
    close: () => agent.destroy(),
  }
}

/** Over TLS, to a server whose certificate was made for this run. */
export function http2Client(origin: string, host: string, certificate: string): HttpClient {
  const session = connect(origin, { ca: certificate, servername: host })
  session.on('error', () => undefined) // the exchange it breaks says so
  return {
    ask: (ask) => askOverHttp2(session, host, ask),
    close: () => session.close(),
  }
}

/** @returns undefined where there is no such header */
export function headerOf(answer: Answer, name: string): string | undefined {
  return answer.headers.find(([found]) => found.toLowerCase() === name)?.[1]
}

// --- internal ---

const patienceMs = 60_000
const pieceBytes = 7_000

interface Way {
  readonly agent: Agent
  readonly hostname: string
  readonly port: string
  readonly host: string
}

function askOverHttp1({ agent, hostname, port, host }: Way, ask: Ask): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const body = ask.body === undefined ? undefined : Buffer.from(ask.body)
  const framing = framingHeaders(ask, body)
  const options: RequestOptions = {
    agent,
    hostname,
    port,
    path: ask.target,
    method: ask.method ?? 'GET',
    headers: { host, ...ask.headers, ...framing },
    signal: AbortSignal.timeout(patienceMs),
  }
  const before: number[] = []
  const sent = request(options, (answer) => {
    collect(answer).then((whole) => {
      const { statusCode: status = 0, statusMessage: reason = '' } = answer
      resolve({ status, reason, headers: pairs(answer.rawHeaders), body: whole, before })
    }, reject)
  })
  sent.on('error', reject)
  sent.on('information', ({ statusCode }) => before.push(statusCode))
  const expects = Object.keys(ask.headers ?? {}).some((name) => name.toLowerCase() === 'expect')
  const send = (): void => {
    for (const piece of ask.chunked === true ? pieces(body) : []) sent.write(piece)
    sent.end(ask.chunked === true ? undefined : body)
  }
  if (expects) {
    sent.once('continue', send)
    sent.flushHeaders()
  } else send()
  return promise
}

function framingHeaders(ask: Ask, body: Buffer | undefined): Readonly<Record<string, string>> {
  if (body === undefined) return {}
  return ask.chunked === true ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
}

async function collect(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function askOverHttp2(session: ClientHttp2Session, host: string, ask: Ask): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const body = ask.body === undefined ? undefined : Buffer.from(ask.body)
  const fields = {
    ':method': ask.method ?? 'GET',
    ':path': ask.target,
    ':authority': host,
    ':scheme': 'https',
    ...withoutConnection(ask.headers ?? {}),
    ...(body === undefined || ask.chunked === true ? {} : { 'content-length': String(body.length) }),
  }
  const stream = session.request(fields, { endStream: body === undefined, signal: AbortSignal.timeout(patienceMs) })
  const before: number[] = []
  const parts: Buffer[] = []
  let head: { readonly status: number; readonly headers: Answer['headers'] } | undefined
  stream.on('headers', (informational) => before.push(informational[':status'] ?? 0))
  stream.on('response', (fieldsOfAnswer, _flags, raw: readonly string[]) => {
    const headers = pairs(raw).filter(([name]) => !name.startsWith(':'))
    head = { status: fieldsOfAnswer[':status'] ?? 0, headers }
  })
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.on('error', reject)
  stream.on('close', () => {
    if (head === undefined) reject(new Error(`HTTP/2 stream ended without an answer (${stream.rstCode})`))
    else resolve({ ...head, reason: '', body: Buffer.concat(parts), before })
  })
  for (const piece of pieces(body)) stream.write(piece)
  if (body !== undefined) stream.end()
  return promise
}

/** HTTP/2 has no such header (RFC 9113 section 8.2.2). */
function withoutConnection(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'connection'))
}

function* pieces(body: Buffer | undefined): Generator<Buffer> {
  for (let at = 0; body !== undefined && at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes)
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? ''] as const)
}
