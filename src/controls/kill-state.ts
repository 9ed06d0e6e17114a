export type Side = 'legacy' | 'modern'

export type KillScope = 'all' | 'group' | 'side'

/** A kill that nobody has undone. */
export interface ActiveKill {
  /** Its event's id: what an undo names, and the epoch that it began. */
  readonly id: number
  /** ISO 8601, by the clock of Postgres. */
  readonly at: string
  readonly who: string
  readonly why: string
  readonly scope: KillScope
  /** The group, or the side that is taken out of service; undefined where everything is. */
  readonly target: string | undefined
}

/** Where kills send requests, whatever the flags say. Immutable. */
export interface KillState {
  sideOf(group: string): Side | undefined
  /** The kill that sideOf goes by. */
  killOf(group: string): ActiveKill | undefined
  /** Oldest first. */
  readonly list: readonly ActiveKill[]
}

/**
 * A kill of all, or of the modern side, sends every group to PHP; of a group, that group; of the legacy side, every group to
 * modern. Where several concern a group, the latest is the operator's last word. None is ever refused because of another:
 * `kill all` has to work at night, with whatever is in force already.
 */
export function createKillState(list: readonly ActiveKill[]): KillState {
  const ordered = Object.freeze(list.toSorted((a, b) => a.id - b.id).map((kill) => Object.freeze({ ...kill })))
  const everywhere = ordered.findLast(({ scope }) => scope !== 'group')
  const perGroup = new Map<string, ActiveKill>()
  for (const kill of ordered) {
    if (kill.scope === 'group' && kill.target !== undefined) perGroup.set(kill.target, kill)
  }
  const killOf = (group: string): ActiveKill | undefined => {
    const own = perGroup.get(group)
    if (own === undefined || everywhere === undefined) return own ?? everywhere
    return own.id > everywhere.id ? own : everywhere
  }
  return Object.freeze({
    list: ordered,
    killOf,
    sideOf: (group: string) => {
      const kill = killOf(group)
      return kill === undefined ? undefined : sideAfter(kill)
    },
  })
}

export const noKills: KillState = createKillState([])

/** Where the requests go that a kill concerns. */
export function sideAfter(kill: Pick<ActiveKill, 'scope' | 'target'>): Side {
  return kill.scope === 'side' && kill.target === 'legacy' ? 'modern' : 'legacy'
}
