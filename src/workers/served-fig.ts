import type { Config } from '../config.ts'
import type { OperatorReport } from '../operator/index.ts'
import type { Logger, MetricSnapshot } from '../platform/index.ts'

/** Where a Fig listens. */
export interface Addresses {
  readonly siteUrl: string
  readonly tlsUrl?: string
  /** Absent in a worker: its primary tells the operator about it. */
  readonly operatorUrl?: string
}

/** A Fig that serves in this process. */
export interface ServedFig extends Addresses {
  readonly log: Logger
  report(): OperatorReport
  figures(): Promise<readonly MetricSnapshot[]>
  /** Connections of clients, idle ones included. */
  connections(): number
  /** Lets so many clients connect anew: their next answers close their connections. */
  letGo(connections: number): void
  /** Reads anew what may change while it runs. */
  reload(): Promise<void>
  /** Drains: finishes what runs, then closes every part. */
  close(): Promise<void>
}

/** `worker`: the number of this worker; undefined where there are none. @throws AppError with nothing left open */
export type StartFig = (config: Config, worker?: number) => Promise<ServedFig>
