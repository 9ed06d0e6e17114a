import type { Socket } from 'node:net'
import type { Exchange, RequestFacts } from '../exchange.ts'
import type { Metrics } from '../platform/index.ts'
import { Forwarder, type ForwardOutcome, type LegacyTimeouts } from './forward.ts'
import type { GateLimits } from './gate.ts'
import { Upgrader } from './upgrade.ts'

export { type Cause, type CauseEntry, causes } from './causes.ts'
export type { ForwardOutcome, LegacyTimeouts } from './forward.ts'
export type { GateLimits } from './gate.ts'

/** The way to the PHP site. */
export interface Legacy {
  /** Resolves when PHP's part is over; what could not be answered is for the caller to answer. */
  forward(exchange: Exchange): Promise<ForwardOutcome>
  /** Passes a WebSocket handshake on. */
  upgrade(request: RequestFacts, socket: Socket, head: Buffer): void
  /** Finishes what runs; cuts it when `signal` aborts. */
  close(signal?: AbortSignal): Promise<void>
}

export interface LegacyOptions {
  readonly url: URL
  readonly metrics: Metrics
  readonly timeouts?: Partial<LegacyTimeouts>
  readonly limits?: Partial<GateLimits>
  /** Names of cookies that are Fig's own: PHP never sees them. */
  readonly ownCookies?: readonly string[]
}

export function createLegacy(options: LegacyOptions): Legacy {
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const runningMax = options.limits?.runningMax ?? 64
  const limits = { waitingMax: runningMax * 4, waitTimeoutMs: 5_000, ...options.limits, runningMax }
  const { url, metrics, ownCookies = [] } = options
  const forwarder = new Forwarder({ url, metrics, ownCookies, timeouts, limits })
  const upgrader = new Upgrader({ url, metrics, ownCookies, connectTimeoutMs: timeouts.connectMs })
  return {
    forward: (exchange) => forwarder.forward(exchange),
    upgrade: (request, socket, head) => upgrader.upgrade(request, socket, head),
    close: async (signal) => {
      upgrader.close()
      await forwarder.close(signal)
    },
  }
}

// --- internal ---

const defaultTimeouts: LegacyTimeouts = {
  connectMs: 3_000,
  firstByteMs: 60_000,
  idleMs: 60_000,
  clientIdleMs: 60_000,
}
