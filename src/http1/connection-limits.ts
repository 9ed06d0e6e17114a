/** The longest that a client may take for what it owes us, and how much it may ask for. Milliseconds by the coarse clock. */
export interface ConnectionLimits {
  /** For the whole head of a request, from its first byte. */
  readonly headTimeoutMs: number
  /** Without a byte of a body that is being read. */
  readonly bodyIdleTimeoutMs: number
  /** Bytes of a request's body. */
  readonly bodyBytesMax: number
  /** Bytes per second that a body must reach on average, once it has taken longer than `bodyIdleTimeoutMs`. */
  readonly bodyRateMin: number
  /** Taking nothing of an answer that is ready. */
  readonly answerIdleTimeoutMs: number
  /** Between two requests. */
  readonly keepAliveTimeoutMs: number
  /** Requests on one connection. */
  readonly requestsMax: number
  /** How long an answer may show no byte after the client has closed its half: who is gone looks the same (RFC 9112 9.6). */
  readonly halfCloseTimeoutMs: number
}
