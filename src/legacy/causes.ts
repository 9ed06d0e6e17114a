import type { ErrorCode } from '../platform/index.ts'

/** Why a request to PHP did not end well, named by stage and side. */
export type Cause =
  | 'connect-refused'
  | 'connect-timeout'
  | 'request-invalid'
  | 'request-body-client'
  | 'request-body-timeout'
  | 'request-body-too-large'
  | 'request-body-upstream'
  | 'spool-failed'
  | 'first-byte-timeout'
  | 'first-byte-upstream'
  | 'answer-head-invalid'
  | 'answer-body-timeout'
  | 'answer-body-upstream'
  | 'answer-body-client-stalled'
  | 'client-left'
  | 'queue-full'
  | 'queue-timeout'
  | 'stopping'

export interface CauseEntry {
  /** Status, meaning and remedy are looked up under this code. */
  readonly code: ErrorCode
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  /** A safe request may be sent once more, if it went out on a reused connection. */
  readonly retryable: boolean
}

export const causes: Readonly<Record<Cause, CauseEntry>> = {
  'connect-refused': { code: 'legacy.connect-failed', level: 'error', retryable: false },
  'connect-timeout': { code: 'legacy.connect-timeout', level: 'error', retryable: false },
  'request-invalid': { code: 'edge.bad-request', level: 'info', retryable: false },
  'request-body-client': { code: 'legacy.request-body-failed', level: 'info', retryable: false },
  'request-body-timeout': { code: 'edge.request-timeout', level: 'info', retryable: false },
  'request-body-too-large': { code: 'edge.body-too-large', level: 'info', retryable: false },
  'request-body-upstream': { code: 'legacy.connection-lost', level: 'warn', retryable: false },
  'spool-failed': { code: 'legacy.spool-failed', level: 'error', retryable: false },
  'first-byte-timeout': { code: 'legacy.first-byte-timeout', level: 'error', retryable: false },
  'first-byte-upstream': { code: 'legacy.connection-lost', level: 'error', retryable: true },
  'answer-head-invalid': { code: 'legacy.answer-invalid', level: 'error', retryable: false },
  'answer-body-timeout': { code: 'legacy.idle-timeout', level: 'error', retryable: false },
  'answer-body-upstream': { code: 'legacy.answer-cut', level: 'error', retryable: false },
  'answer-body-client-stalled': { code: 'legacy.client-left', level: 'info', retryable: false },
  'client-left': { code: 'legacy.client-left', level: 'debug', retryable: false },
  'queue-full': { code: 'legacy.overloaded', level: 'warn', retryable: false },
  'queue-timeout': { code: 'legacy.overloaded', level: 'warn', retryable: false },
  stopping: { code: 'edge.draining', level: 'info', retryable: false },
}

/** What the system says when no connection comes about -> cause. */
export function causeOfConnectError(error: Error): Cause {
  return 'code' in error && error.code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-refused'
}
