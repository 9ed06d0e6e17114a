import type { Logger, Metrics } from '../platform/index.ts'
import type { Cause } from './causes.ts'
import type { Upstream } from './upstream-call.ts'

export interface HealthSettings {
  /** What to GET of an upstream; an answer below 500 is health. Absent: a connection is enough. */
  readonly path?: string
  /** Upstreams that work are asked too, this often. Absent: only those that failed are. */
  readonly intervalMs?: number
  readonly timeoutMs?: number
  /** Connections refused, timed out or never answered, one after the other, that take an upstream out of use. */
  readonly failuresMax?: number
  /** How long a failed upstream is left alone; doubled each time, up to `backOffMaxMs`. */
  readonly backOffMs?: number
  readonly backOffMaxMs?: number
}

/** One of several upstreams, and how it fares. */
export class UpstreamState {
  readonly upstream: Upstream
  running = 0
  ejected = false
  failures = 0
  backOffMs = 0
  timer: NodeJS.Timeout | undefined

  constructor(upstream: Upstream) {
    this.upstream = upstream
  }
}

/**
 * Chooses where a request goes: to the upstream that has the fewest, in turn among equals. One that fails again and again is
 * ejected and asked from time to time whether it is back. When all are ejected they are tried nevertheless: a site must not
 * be down because our picture of it is old.
 */
export class UpstreamSet {
  readonly #states: readonly UpstreamState[]
  readonly #health: Required<Omit<HealthSettings, 'path' | 'intervalMs'>> & HealthSettings
  readonly #log: Logger
  readonly #checks: NodeJS.Timeout | undefined
  #turn = 0
  #closed = false

  constructor(upstreams: readonly Upstream[], health: HealthSettings, log: Logger, metrics: Metrics) {
    this.#states = upstreams.map((upstream) => new UpstreamState(upstream))
    this.#health = { timeoutMs: 2_000, failuresMax: 3, backOffMs: 1_000, backOffMaxMs: 30_000, ...health }
    this.#log = log
    if (health.intervalMs !== undefined && upstreams.length > 1) {
      this.#checks = setInterval(() => this.#checkAll(), health.intervalMs).unref()
    }
    this.#report(metrics)
  }

  get size(): number {
    return this.#states.length
  }

  /** @param except one that has just failed; chosen all the same when there is no other */
  pick(except?: UpstreamState): UpstreamState {
    const states = this.#states
    const [only] = states
    if (states.length === 1 && only !== undefined) {
      return only
    }
    const usable = states.filter((state) => !state.ejected && state !== except)
    const rest = states.filter((state) => state !== except)
    return this.#leastRunning(usable.length > 0 ? usable : rest)
  }

  succeeded(state: UpstreamState): void {
    if (state.failures > 0) {
      state.failures = 0
      if (state.ejected) {
        this.#restore(state)
      }
    }
  }

  /** Counts what says that an upstream is not there; a page that breaks off says nothing of the others. */
  failed(state: UpstreamState, cause: Cause): void {
    if (cause !== 'connect-refused' && cause !== 'connect-timeout' && cause !== 'first-byte-timeout') {
      return
    }
    state.failures += 1
    if (state.failures >= this.#health.failuresMax && !state.ejected && this.#states.length > 1) {
      this.#eject(state, cause)
    }
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#closed = true
    clearInterval(this.#checks)
    for (const state of this.#states) {
      clearTimeout(state.timer)
    }
    await Promise.all(this.#states.map(({ upstream }) => upstream.close(signal)))
  }

  // --- internal ---

  #leastRunning(states: readonly UpstreamState[]): UpstreamState {
    this.#turn += 1
    let best = states[this.#turn % states.length] as UpstreamState
    for (let i = 1; i < states.length; i += 1) {
      const state = states[(this.#turn + i) % states.length] as UpstreamState
      if (state.running < best.running) {
        best = state
      }
    }
    return best
  }

  #eject(state: UpstreamState, cause: Cause | 'health-check'): void {
    state.ejected = true
    state.backOffMs = this.#health.backOffMs
    const { failures, upstream } = state
    this.#log.warn({ upstream: upstream.origin, cause, failures }, 'an upstream is left out')
    this.#probeLater(state)
  }

  #restore(state: UpstreamState): void {
    state.ejected = false
    state.failures = 0
    clearTimeout(state.timer)
    this.#log.info({ upstream: state.upstream.origin }, 'an upstream is used again')
  }

  #probeLater(state: UpstreamState): void {
    clearTimeout(state.timer)
    state.timer = setTimeout(() => {
      this.#ask(state).then((healthy) => {
        if (!state.ejected || this.#closed) {
          return
        }
        if (healthy) {
          this.#restore(state)
        } else {
          state.backOffMs = Math.min(state.backOffMs * 2, this.#health.backOffMaxMs)
          this.#probeLater(state)
        }
      }, this.#onCheckError)
    }, state.backOffMs).unref()
  }

  #checkAll(): void {
    for (const state of this.#states) {
      if (!state.ejected) {
        this.#ask(state).then((healthy) => this.#onChecked(state, healthy), this.#onCheckError)
      }
    }
  }

  #onChecked(state: UpstreamState, healthy: boolean): void {
    if (state.ejected || this.#closed) {
      return
    }
    state.failures = healthy ? 0 : state.failures + 1
    if (state.failures >= this.#health.failuresMax) {
      this.#eject(state, 'health-check')
    }
  }

  /** One that can't be asked is given a chance: the next failure ejects it again. */
  async #ask({ upstream }: UpstreamState): Promise<boolean> {
    const { path, timeoutMs } = this.#health
    return (await upstream.probe?.({ path, timeoutMs })) ?? true
  }

  readonly #onCheckError = (error: unknown): void => {
    this.#log.error({ err: error }, 'a health check failed in itself')
  }

  #report(metrics: Metrics): void {
    const states = this.#states
    metrics.gauge({
      name: 'fig_legacy_upstream_running',
      help: 'Requests that each upstream works on.',
      labelNames: ['upstream'],
      collect() {
        for (const { upstream, running } of states) {
          this.set({ upstream: upstream.origin }, running)
        }
      },
    })
    metrics.gauge({
      name: 'fig_legacy_upstream_ejected',
      aggregator: 'max',
      help: '1 while an upstream is left out because it failed.',
      labelNames: ['upstream'],
      collect() {
        for (const { upstream, ejected } of states) {
          this.set({ upstream: upstream.origin }, ejected ? 1 : 0)
        }
      },
    })
  }
}
