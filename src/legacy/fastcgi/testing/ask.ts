import { Writable } from 'node:stream'
import { HeaderList, type RequestHead } from '../../../http1/index.ts'
import { createLogger } from '../../../platform/index.ts'
import type { Cause } from '../../causes.ts'
import type { CallEvents, OutgoingBody, OutgoingRequest, Upstream, UpstreamCall } from '../../upstream-call.ts'

// Asks an upstream directly, without the edge.

export interface Asked {
  /** 0 when it failed before. */
  readonly status: number
  readonly reason: string
  /** `Name: value`, in order. */
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly failure: Cause | undefined
  readonly error: string | undefined
  readonly reused: boolean
  /** What was logged meanwhile. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
}

export interface Question {
  readonly method?: string
  /** Name, value, name, value, … */
  readonly headers?: readonly string[]
  readonly body?: OutgoingBody
  /** For a body that is fed. */
  readonly chunks?: readonly Buffer[]
  readonly client?: Partial<OutgoingRequest['facts']['client']>
  readonly host?: string
  /** Called with the call, once it is there. */
  readonly onCall?: (call: UpstreamCall) => void
  readonly onEvent?: (event: keyof CallEvents, call: () => UpstreamCall) => void
}

export function ask(upstream: Upstream, target: string, question: Question = {}): Promise<Asked> {
  const log: Record<string, unknown>[] = []
  const request = outgoing(target, question, log)
  return new Promise((resolve) => {
    let head = { status: 0, reason: '', headers: new HeaderList() }
    const parts: Buffer[] = []
    const settle = (failure: Cause | undefined, error: Error | undefined): void => {
      const headers: string[] = []
      head.headers.forEach((name, value) => {
        headers.push(`${name}: ${value}`)
      })
      const { status, reason } = head
      const body = Buffer.concat(parts)
      // What PHP said beside its answer is written when the call is over.
      setImmediate(() =>
        resolve({ status, reason, headers, body, failure, error: error?.message, reused: call.reused, log }),
      )
    }
    const events: CallEvents = {
      onConnected: () => {
        question.onEvent?.('onConnected', () => call)
        process.nextTick(() => feed())
      },
      onDrain: () => {
        question.onEvent?.('onDrain', () => call)
        feed()
      },
      onInformation: () => {},
      onHead: (given) => {
        head = given
        question.onEvent?.('onHead', () => call)
      },
      onData: (chunk) => {
        parts.push(Buffer.from(chunk))
        question.onEvent?.('onData', () => call)
      },
      onBatchEnd: () => question.onEvent?.('onBatchEnd', () => call),
      onEnd: () => settle(undefined, undefined),
      onFailure: settle,
    }
    const rest = [...(question.chunks ?? [])]
    let hasEnded = question.chunks === undefined
    const feed = (): void => {
      for (let chunk = rest.shift(); chunk !== undefined; chunk = rest.shift()) {
        if (!call.write(chunk)) {
          return
        }
      }
      if (!hasEnded) {
        hasEnded = true
        call.end()
      }
    }
    const call = upstream.start(request, events)
    question.onCall?.(call)
  })
}

export function outgoing(
  target: string,
  question: Question = {},
  log: Record<string, unknown>[] = [],
): OutgoingRequest {
  const { method = 'GET', headers = [], body = { kind: 'none' }, host = 'www.example', client } = question
  const list = HeaderList.of('Host', host, ...headers)
  const request: RequestHead = { method, target, minor: 1, headers: list, framing: 'none', length: 0 }
  const destination = new Writable({
    write(line, _encoding, done) {
      log.push(JSON.parse(String(line)))
      done()
    },
  })
  const facts: OutgoingRequest['facts'] = {
    id: 'request-id',
    request,
    target: { raw: target, path: target, query: '' },
    client: {
      ...{ peer: '192.0.2.7', trusted: false, ip: '192.0.2.7', proto: 'http', host, port: 80 },
      connection: { peerPort: 40_000, localAddress: '127.0.0.1' },
      ...client,
    },
    log: createLogger({ level: 'debug', destination }),
  }
  return { method, target, headers: list.copy(), body, facts }
}

/** @param prefix of the header's line, such as `Content-Type: ` */
export function headerOf({ headers }: Asked, prefix: string): string | undefined {
  return headers.find((line) => line.startsWith(prefix))?.slice(prefix.length)
}
