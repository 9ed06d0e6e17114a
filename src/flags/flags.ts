/** What a flag says for one visitor. */
export interface FlagVerdict {
  /** 'unknown': no flag of this name exists, or no state could be had at all. */
  readonly state: 'on' | 'off' | 'unknown'
  /** The answer depends on who asks: a share of the visitors, a constraint, a segment. */
  readonly partial: boolean
}

/** Who asks. */
export interface FlagVisitor {
  /** Fig's own id of the visitor, the same before and after login: the only thing that a share of visitors is drawn by. */
  readonly id: string
  /**
   * What lists, constraints and segments can name: memberId (which is also what Unleash calls userId), remoteAddress, staff,
   * clientApp, clientVersion, country, apiKey, game, and whatever else the site knows. Absent is not the same as empty.
   */
  readonly properties?: Readonly<Record<string, string>>
}

/**
 * Where the state in force came from. 'server': confirmed by the flag server since start. 'backup': the file that the last run
 * left. 'file': the flag file, as people write it. 'static': declared in the configuration. 'none': nothing could be had yet.
 */
export type FlagSource = 'server' | 'backup' | 'file' | 'static' | 'none'

/** The whole flag state at one instant. Never changes: take one per request and ask it as often as you like. */
export interface FlagSnapshot {
  readonly source: FlagSource
  /**
   * When the server last confirmed this state, or when it was read from the flag file (milliseconds since the epoch); undefined
   * for 'static' and 'none'.
   */
  readonly receivedAt: number | undefined
  evaluate(flag: string, visitor: FlagVisitor): FlagVerdict
}

/** How it stands with getting the flags, for those who operate Fig. */
export interface FlagHealth {
  readonly source: FlagSource
  readonly receivedAt: number | undefined
  /** What keeps the state from being renewed just now, in words; what is in force stays so meanwhile. */
  readonly problem: string | undefined
  /** Since when the state in force is older than it may be, or nothing is known at all (milliseconds since the epoch). */
  readonly staleSince: number | undefined
}

/**
 * Where the flag state comes from. The visitor id is the only thing that a share of visitors is drawn by, and the same id always
 * gets the same answer from the same state.
 */
export interface Flags {
  /** Costs nothing: the state is kept, not fetched. */
  snapshot(): FlagSnapshot
  health(): FlagHealth
  /** Resolves when a state is there or a bounded time has passed; never rejects because a server is down. */
  start(): Promise<void>
  close(): Promise<void>
}
