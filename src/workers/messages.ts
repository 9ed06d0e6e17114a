import type { OperatorReport } from '../operator/index.ts'
import type { ErrorCode, MetricSnapshot } from '../platform/index.ts'
import type { Addresses } from './served-fig.ts'
import type { Share } from './share.ts'

// What the primary and its workers say to each other over Node's pipe between them.

export type ToWorker =
  | ({ readonly kind: 'assign' } & Assignment)
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'let-go'; readonly connections: number }
  | { readonly kind: 'reload' }
  | { readonly kind: 'drain' }

export type ToPrimary =
  /** It listens: what was sent to it before would have been lost. */
  | { readonly kind: 'listens' }
  /** A sign of life. */
  | { readonly kind: 'beat'; readonly connections: number }
  | { readonly kind: 'up'; readonly addresses: Addresses }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'last-figures'; readonly figures: readonly MetricSnapshot[] }

/** What makes a worker differ from its siblings. */
export interface Assignment {
  /** Counted from 1 over the life of the primary, never used twice. */
  readonly worker: number
  /** The public port, the same for all; a port that the system chose stays. */
  readonly port: number
  /** Of what the settings allow. */
  readonly share: Share
}

/** Questions and what is answered to them. */
export interface Answers {
  readonly report: OperatorReport
  readonly figures: readonly MetricSnapshot[]
}
export type Question = keyof Answers

/** Set for a worker by its primary, to the pid of that. */
export const primaryVariable = 'FIG_WORKER_OF'

/** Other programs in the process may use the same pipe: ours are marked. */
export function sealed<Message extends ToWorker | ToPrimary>(message: Message): { readonly fig: Message } {
  return { fig: message }
}

/** Undefined for a message that is not of Fig. */
export function opened<Message extends ToWorker | ToPrimary>(received: unknown): Message | undefined {
  if (typeof received !== 'object' || received === null || !('fig' in received)) return undefined
  return received.fig as Message
}
