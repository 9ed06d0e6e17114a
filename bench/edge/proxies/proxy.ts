import type { ProcessSpec } from '../processes.ts'

/** One of the proxies that are measured. */
export interface ProxyKind {
  readonly name: string
  /** Programs that must be there, by the name of their apt package. */
  readonly programs: readonly string[]
  /** Its package is in bench/package.json. */
  readonly isPeerPackage?: true
  /** Measured only where it is asked for. */
  readonly optional?: true
  version(): Promise<string>
  /** Writes what it needs into its folder, and says how it is started. */
  prepare(place: ProxyPlace): Promise<PreparedProxy>
}

export interface ProxyPlace {
  /** Its own, and empty. */
  readonly folder: string
  readonly port: number
  readonly upstreamPort: number
  /** Clients at once. */
  readonly connectionsMax: number
  /** Answers as Unleash does. */
  readonly flagServerUrl: string
}

export interface PreparedProxy extends Omit<ProcessSpec, 'name' | 'cores'> {
  /** Emptied between two windows: a run writes gigabytes. */
  readonly accessLog?: string
  /** After one request of each case: did it do all that it is said to do? @throws where not */
  readonly verify?: () => Promise<void>
}
