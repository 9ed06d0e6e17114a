import type { ErrorCode } from '../platform/index.ts'

/** Why a request to PHP did not end well, named by stage and side. */
export type Cause =
  | 'connect-refused'
  | 'connect-timeout'
  | 'request-invalid'
  | 'request-body-client'
  | 'request-body-timeout'
  | 'request-body-upstream'
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
  'request-body-upstream': { code: 'legacy.connection-lost', level: 'warn', retryable: false },
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

export type Stage = 'waiting' | 'sending' | 'answer-head' | 'answer-body'

/** An error that we raised ourselves, and so know the cause of. */
export class ForwardError extends Error {
  override readonly name = 'ForwardError'
  readonly reason: Cause

  constructor(reason: Cause) {
    super(reason)
    this.reason = reason
  }
}

/** undici's error, and where the request was when it came -> cause. */
export function classify(error: unknown, stage: Stage): Cause {
  if (error instanceof ForwardError) {
    return error.reason
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = byCode[code]
  if (known !== undefined) {
    return known
  }
  if (code.startsWith('HPE_')) {
    return stage === 'answer-body' ? 'answer-body-upstream' : 'answer-head-invalid'
  }
  return byStage[stage]
}

// --- internal ---

const byCode: Readonly<Record<string, Cause | undefined>> = {
  ECONNREFUSED: 'connect-refused',
  ENOTFOUND: 'connect-refused',
  EAI_AGAIN: 'connect-refused',
  EHOSTUNREACH: 'connect-refused',
  ENETUNREACH: 'connect-refused',
  EADDRNOTAVAIL: 'connect-refused',
  ENOENT: 'connect-refused',
  EACCES: 'connect-refused',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_HEADERS_TIMEOUT: 'first-byte-timeout',
  UND_ERR_BODY_TIMEOUT: 'answer-body-timeout',
  UND_ERR_HEADERS_OVERFLOW: 'answer-head-invalid',
  UND_ERR_INVALID_ARG: 'request-invalid',
  UND_ERR_NOT_SUPPORTED: 'request-invalid',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'request-body-client',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'answer-body-upstream',
  UND_ERR_DESTROYED: 'stopping',
  UND_ERR_CLOSED: 'stopping',
}

const byStage: Readonly<Record<Stage, Cause>> = {
  waiting: 'connect-refused',
  sending: 'first-byte-upstream',
  'answer-head': 'answer-head-invalid',
  'answer-body': 'answer-body-upstream',
}
