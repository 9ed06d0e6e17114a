import type { HostLimits } from '../http1/index.ts'

/** What a client may take, in time and in number. Absent values have the defaults below. */
export interface ClientLimits {
  /** The longest a client may take for the head of a request. */
  readonly headTimeoutMs?: number
  /** The longest a client may send nothing of a body, or take nothing of an answer. */
  readonly clientIdleTimeoutMs?: number
  /** Bytes per second that a body must reach on average, once it has taken longer than the idle timeout. */
  readonly bodyRateMin?: number
  /** Bytes of a request's body; larger ones are answered 413. */
  readonly bodyBytesMax?: number
  /** How long an idle connection is kept for the client's next request. */
  readonly keepAliveTimeoutMs?: number
  readonly requestsPerConnectionMax?: number
  readonly connectionsMax?: number
  readonly connectionsPerClientMax?: number
}

export function hostLimits(limits: ClientLimits): HostLimits {
  const clientIdleTimeoutMs = limits.clientIdleTimeoutMs ?? 30_000
  return {
    headTimeoutMs: limits.headTimeoutMs ?? 15_000,
    bodyIdleTimeoutMs: clientIdleTimeoutMs,
    bodyRateMin: limits.bodyRateMin ?? 240,
    bodyBytesMax: limits.bodyBytesMax ?? Number.POSITIVE_INFINITY,
    answerIdleTimeoutMs: clientIdleTimeoutMs,
    keepAliveTimeoutMs: limits.keepAliveTimeoutMs ?? 65_000,
    requestsMax: limits.requestsPerConnectionMax ?? 100_000,
    halfCloseTimeoutMs: 1_000,
    connectionsMax: limits.connectionsMax ?? 50_000,
    connectionsPerPeerMax: limits.connectionsPerClientMax ?? 20_000,
  }
}
