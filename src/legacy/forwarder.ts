import type { Exchange } from '../exchange.ts'
import { AppError, type Counter, faultPoint, type Metrics } from '../platform/index.ts'
import { type Cause, causes } from './causes.ts'
import { Gate, type GateLimits, type GateOutcome } from './gate.ts'
import { Relay, type RelaySettings } from './relay.ts'

export type ForwardOutcome =
  | { readonly kind: 'answered'; readonly firstByteMs: number }
  /** Nothing was written to the client: the caller answers with an error page. */
  | { readonly kind: 'failed'; readonly cause: Cause; readonly error: AppError; readonly retryAfterSeconds?: number }
  | { readonly kind: 'cut'; readonly cause: Cause; readonly error: AppError }
  | { readonly kind: 'client-left' }

export interface ForwarderOptions extends Omit<RelaySettings, 'onRetry' | 'onOutcome'> {
  readonly limits: GateLimits
  readonly metrics: Metrics
}

/** Sends exchanges to PHP, no more at once than it has workers for. */
export class Forwarder {
  readonly #relaySettings: RelaySettings
  readonly #gate: Gate
  readonly #failures: Counter<'cause'>
  readonly #retries: Counter
  readonly #firstByte: { observe(seconds: number): void }

  constructor(options: ForwarderOptions) {
    this.#relaySettings = {
      ...options,
      onRetry: () => this.#retries.inc(),
      onOutcome: (relay) => this.#conclude(relay),
    }
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

  forward(exchange: Exchange): Promise<ForwardOutcome> {
    const fault = faultPoint('legacy.before-forward')
    return fault === undefined && this.#gate.tryEnter() ? this.#relay(exchange) : this.#forwardLater(exchange, fault)
  }

  // --- internal ---

  #relay(exchange: Exchange): Promise<ForwardOutcome> {
    return new Promise((resolve) => new Relay(exchange, this.#relaySettings, resolve).run())
  }

  async #forwardLater(exchange: Exchange, fault: void | Promise<void>): Promise<ForwardOutcome> {
    await fault
    const entered = await this.#gate.wait((leave) => exchange.onLeave(leave))
    exchange.onLeave(undefined)
    if (entered === 'entered') {
      return await this.#relay(exchange)
    }
    return this.#report(exchange, 'failed', causeOfWait[entered], undefined, 'the queue')
  }

  #conclude(relay: Relay): void {
    this.#gate.leave()
    const { outcome, firstByteMs, exchange, state, resolve } = relay
    if (outcome === undefined || outcome.kind === 'answered') {
      this.#firstByte.observe(firstByteMs / 1000)
      resolve({ kind: 'answered', firstByteMs })
    } else {
      resolve(this.#report(exchange, outcome.kind, outcome.cause, outcome.error, state?.upstream.origin ?? ''))
    }
  }

  #report(
    exchange: Exchange,
    kind: 'failed' | 'cut',
    cause: Cause,
    original: Error | undefined,
    where: string,
  ): ForwardOutcome {
    const { code, level } = causes[cause]
    this.#failures.inc({ cause })
    if (cause === 'client-left') {
      return { kind: 'client-left' }
    }
    const error = new AppError(code, `${exchange.method} ${exchange.target.path} at ${where}: ${cause}`, {
      cause: original,
      facts: { cause },
    })
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

const causeOfWait: Readonly<Record<Exclude<GateOutcome, 'entered'>, Cause>> = {
  full: 'queue-full',
  timeout: 'queue-timeout',
  left: 'client-left',
}
