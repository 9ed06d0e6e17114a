import { type Dispatcher, Pool } from 'undici'
import type { Exchange } from '../exchange.ts'
import { AppError, type Counter, faultPoint, type Metrics } from '../platform/index.ts'
import { type Cause, causes, ForwardError } from './causes.ts'
import { Gate, type GateLimits, type GateOutcome } from './gate.ts'
import { HeaderList } from './header-list.ts'
import { Relay, type RelayOutcome } from './relay.ts'
import { announcesBody, RequestBody } from './request-body.ts'
import { type RequestPassSettings, requestPasses } from './request-passes.ts'
import { TrackedClient } from './tracked-client.ts'

export interface LegacyTimeouts {
  readonly connectMs: number
  /** From the whole request sent to the first byte of the answer. */
  readonly firstByteMs: number
  /** Between two pieces of the answer. */
  readonly idleMs: number
  /** The longest a client may send, or take, nothing while PHP waits for it. */
  readonly clientIdleMs: number
}

export type ForwardOutcome =
  | { readonly kind: 'answered'; readonly firstByteMs: number }
  /** Nothing was written to the client: the caller answers with an error page. */
  | { readonly kind: 'failed'; readonly cause: Cause; readonly error: AppError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'cut'; readonly cause: Cause; readonly error: AppError }
  | { readonly kind: 'client-left' }

export interface ForwarderOptions extends RequestPassSettings {
  readonly url: URL
  readonly timeouts: LegacyTimeouts
  readonly limits: GateLimits
  readonly metrics: Metrics
}

/** Sends exchanges to PHP over one pool of connections. */
export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #pool: Pool
  readonly #gate: Gate
  readonly #failures: Counter<'cause'>
  readonly #retries: Counter
  readonly #firstByte: { observe(seconds: number): void }

  constructor(options: ForwarderOptions) {
    this.#options = options
    this.#pool = createPool(options)
    this.#gate = new Gate(options.limits)
    this.#failures = options.metrics.counter({
      name: 'fig_legacy_failures_total',
      help: 'Requests to the legacy site that did not end well, by cause.',
      labelNames: ['cause'],
    })
    this.#retries = options.metrics.counter({
      name: 'fig_legacy_retries_total',
      help: 'Safe requests sent once more after a kept-alive connection had died.',
    })
    const firstByte = options.metrics.distribution({
      name: 'fig_legacy_first_byte_seconds',
      help: 'Time from sending a request to the head of the answer.',
      labelNames: [],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    })
    this.#firstByte = firstByte.series({})
    this.#reportGate(options.metrics)
  }

  async forward(exchange: Exchange): Promise<ForwardOutcome> {
    const fault = faultPoint('legacy.before-forward')
    if (fault !== undefined) {
      await fault
    }
    if (!this.#gate.tryEnter()) {
      const entered = await this.#gate.wait((leave) => exchange.res.once('close', leave))
      if (entered !== 'entered') {
        return this.#refused(exchange, entered)
      }
    }
    try {
      const first = await this.#attempt(exchange)
      if (!mayRetry(exchange, first)) {
        return this.#conclude(exchange, first)
      }
      this.#retries.inc()
      return this.#conclude(exchange, await this.#attempt(exchange))
    } finally {
      this.#gate.leave()
    }
  }

  /** Lets what runs finish; when `signal` aborts, cuts it. */
  async close(signal?: AbortSignal): Promise<void> {
    const cut = (): void => {
      this.#pool.destroy(new ForwardError('stopping')).catch(() => {})
    }
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    if (!this.#pool.destroyed) {
      await this.#pool.close()
    }
    signal?.removeEventListener('abort', cut)
  }

  // --- internal ---

  #attempt(exchange: Exchange): Promise<Attempt> {
    const { req, res } = exchange
    const sentAt = performance.now()
    let firstByteAt = 0
    return new Promise((resolve) => {
      const relay = new Relay({
        exchange,
        clientIdleTimeoutMs: this.#options.timeouts.clientIdleMs,
        onFirstByte: () => {
          firstByteAt = performance.now()
        },
        onOutcome: (outcome) => {
          res.off('close', onClose)
          resolve({ outcome, reused: relay.reused, firstByteMs: firstByteAt - sentAt })
        },
      })
      const onClose = (): void => relay.abort('client-left')
      if (res.destroyed) {
        onClose()
        return
      }
      res.on('close', onClose)
      const request: Dispatcher.DispatchOptions & { readonly servername: string } = {
        path: exchange.target.raw,
        method: exchange.method,
        headers: this.#outgoingHeaders(exchange),
        // undici would look for the name in the Host header each time; it is needed for TLS only.
        servername: this.#options.url.hostname,
        body: exchange.body ?? (announcesBody(req) ? this.#streamedBody(exchange) : null),
      }
      this.#pool.dispatch(request, relay)
    })
  }

  #outgoingHeaders(exchange: Exchange): string[] {
    const headers = new HeaderList(exchange.req.rawHeaders)
    for (const pass of requestPasses) {
      pass(headers, exchange, this.#options)
    }
    return headers.toRaw()
  }

  #streamedBody(exchange: Exchange): RequestBody {
    return new RequestBody(exchange, this.#options.timeouts.clientIdleMs)
  }

  #conclude(exchange: Exchange, { outcome, firstByteMs }: Attempt): ForwardOutcome {
    if (outcome.kind === 'answered') {
      this.#firstByte.observe(firstByteMs / 1000)
      return { kind: 'answered', firstByteMs }
    }
    return this.#report(exchange, outcome.kind, outcome.cause, outcome.error)
  }

  #refused(exchange: Exchange, why: Exclude<GateOutcome, 'entered'>): ForwardOutcome {
    const cause = { full: 'queue-full', timeout: 'queue-timeout', left: 'client-left' } as const
    return this.#report(exchange, 'failed', cause[why], undefined)
  }

  #report(exchange: Exchange, kind: 'failed' | 'cut', cause: Cause, original: unknown): ForwardOutcome {
    const { code, level } = causes[cause]
    this.#failures.inc({ cause })
    if (cause === 'client-left') {
      return { kind: 'client-left' }
    }
    const where = `${exchange.method} ${this.#options.url.origin}${exchange.target.path}`
    const error = new AppError(code, `${where}: ${cause}`, { cause: original, facts: { cause } })
    exchange.log[level]({ err: error, cause }, kind === 'cut' ? 'the answer broke off' : 'PHP did not answer')
    if (kind === 'cut') {
      return { kind, cause, error }
    }
    return code === 'legacy.overloaded' ? { kind, cause, error, retryAfterSeconds: 2 } : { kind, cause, error }
  }

  #reportGate(metrics: Metrics): void {
    const gate = this.#gate
    metrics.gauge({
      name: 'fig_legacy_running',
      help: 'Requests that the legacy site works on.',
      collect() {
        this.set(gate.running)
      },
    })
    metrics.gauge({
      name: 'fig_legacy_waiting',
      help: 'Requests that wait for a place at the legacy site.',
      collect() {
        this.set(gate.waiting)
      },
    })
  }
}

interface Attempt {
  readonly outcome: RelayOutcome
  readonly reused: boolean
  readonly firstByteMs: number
}

function createPool({ url, timeouts, limits }: ForwarderOptions): Pool {
  return new Pool(url.origin, {
    connections: limits.runningMax,
    factory: (origin, options) => new TrackedClient(origin, options),
    connectTimeout: timeouts.connectMs,
    headersTimeout: timeouts.firstByteMs,
    bodyTimeout: timeouts.idleMs,
    // Apache and PHP close idle connections after 5 s by default: be first, or the next request runs into the closing.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
    keepAliveTimeoutThreshold: 1_000,
    maxHeaderSize: 64 * 1024,
    allowH2: false,
  })
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * The server may close a kept-alive connection at the moment in which we reuse it. Then nothing has come back, and a safe
 * request may be sent once more (RFC 9110 section 9.2.2). On a fresh connection the same sight means that PHP crashed.
 */
function mayRetry(exchange: Exchange, { outcome, reused }: Attempt): boolean {
  return (
    outcome.kind === 'failed' &&
    causes[outcome.cause].retryable &&
    reused &&
    safeMethods.has(exchange.method) &&
    !announcesBody(exchange.req) &&
    !exchange.res.destroyed
  )
}
