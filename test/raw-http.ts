/** Plain HTTP for comparing two sides: nothing is followed, decoded or reordered. */
import { Agent, request } from 'node:http'
import { gunzipSync } from 'node:zlib'

export interface RawRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent with a Content-Length, unless the headers say otherwise. */
  readonly body?: string | Buffer
}

export interface RawAnswer {
  readonly status: number
  /** The text behind the status, such as `Not Found`. */
  readonly reason: string
  /** Name and value as they came, in order, duplicates kept. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

/** One client for both sides of a comparison; `close()` it. */
export class RawClient {
  readonly #agent: Agent

  constructor(connectionsMax = 8) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })
  }

  send(origin: string, target: string, options: RawRequest = {}): Promise<RawAnswer> {
    const { hostname, port } = new URL(origin)
    const { method = 'GET', headers = {}, body } = options
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
    const sent = request({ agent: this.#agent, hostname, port, path: target, method, headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const pairs = Array.from({ length: answer.rawHeaders.length / 2 }, (_, index) => {
          return [answer.rawHeaders[index * 2] ?? '', answer.rawHeaders[index * 2 + 1] ?? ''] as const
        })
        const { statusCode: status = 0, statusMessage: reason = '' } = answer
        resolve({ status, reason, headers: pairs, body: Buffer.concat(parts) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** The body as a browser would show it. */
export function decodedBody(answer: RawAnswer): Buffer {
  const coding = answer.headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1]
  // The answer to a HEAD names a coding, but there is nothing to decode.
  return coding === 'gzip' && answer.body.length > 0 ? gunzipSync(answer.body) : answer.body
}

/** Headers that describe one connection or one moment, not the answer (RFC 9110 section 7.6.1). */
const ofTheConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

/** The headers that have to be the same from both sides, in order. */
export function comparableHeaders(answer: RawAnswer): readonly string[] {
  return answer.headers
    .filter(([name]) => !ofTheConnection.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}`)
}
