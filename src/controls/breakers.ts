export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerStatus {
  readonly route: string
  readonly state: BreakerState
  /** In a row, since the last success. */
  readonly failures: number
  /** Until a probe is let through; 0 when one may go now, undefined where none is needed. */
  readonly probeInMs: number | undefined
  /** A probe is on its way. */
  readonly probing: boolean
}

/**
 * One breaker per route:
 *
 *     closed --(failuresMax in a row)--> open --(openMs later)--> half-open --(the probe succeeds)--> closed
 *                                          ^-------------------(the probe fails)---'
 *
 * Own code rather than cockatiel: its breaker lives around a promise (`await policy.execute(work)`), lets whoever comes
 * while it is half-open wait for the probe, and reads the system's clock. Here the answer is needed before there is any work,
 * at once and without a promise, so that decide() stays pure; a visitor who comes during a probe gets PHP, not a wait.
 *
 * A request that began before the breaker opened may still end while a probe is out and be taken for it; the worst of it is
 * that the route is tried by failuresMax requests more, and each of those falls back as any failure does.
 */
export interface Breakers {
  /** For decide(): whether a try would be refused now. Takes nothing. */
  isOpen(route: string): boolean
  /** To be asked once it is decided to try; takes the place of the probe where there is one to take. */
  mayTry(route: string): boolean
  /** @returns whether this closed the breaker */
  succeeded(route: string): boolean
  /** @returns whether this opened the breaker, for the first time or again */
  failed(route: string): boolean
  /** The try says nothing about the route: the client left, or the handler declined. A probe's place is free again. */
  abandoned(route: string): void
  /** Those with a failure since their last success, by route. */
  list(): readonly BreakerStatus[]
  /** After a new route table: forgets all routes but these. */
  retain(routes: ReadonlySet<string>): void
}

export interface BreakersOptions {
  readonly failuresMax?: number
  readonly openMs?: number
  /** A probe that never reports loses its place after this: longer than any handler may take. */
  readonly probeMaxMs?: number
  /** Of a clock that never goes back, in milliseconds. */
  readonly now?: () => number
}

export function createBreakers(options: BreakersOptions = {}): Breakers {
  const { failuresMax = 5, openMs = 10_000, probeMaxMs = 120_000, now = () => performance.now() } = options
  /** Only of routes that failed since their last success, and their ids are the table's: no client can make it grow. */
  const breakers = new Map<string, Breaker>()
  const probeAllowed = ({ openedAt, probeAt }: Breaker, at: number): boolean =>
    openedAt !== undefined && at - openedAt >= openMs && (probeAt === undefined || at - probeAt >= probeMaxMs)
  return {
    isOpen: (route) => {
      const breaker = breakers.get(route)
      return breaker?.openedAt !== undefined && !probeAllowed(breaker, now())
    },
    mayTry: (route) => {
      const breaker = breakers.get(route)
      if (breaker?.openedAt === undefined) return true
      const at = now()
      if (!probeAllowed(breaker, at)) return false
      breaker.probeAt = at
      return true
    },
    succeeded: (route) => {
      const breaker = breakers.get(route)
      if (breaker === undefined) return false
      const wasOpen = breaker.openedAt !== undefined
      if (wasOpen && breaker.probeAt === undefined) return false // it began before the breaker opened, or was forced
      breakers.delete(route)
      return wasOpen
    },
    failed: (route) => {
      const breaker = breakers.get(route) ?? newBreaker()
      breakers.set(route, breaker)
      const isProbe = breaker.probeAt !== undefined
      if (breaker.openedAt !== undefined && !isProbe) return false
      breaker.failures += 1
      breaker.probeAt = undefined
      if (!isProbe && breaker.failures < failuresMax) return false
      breaker.openedAt = now()
      return true
    },
    abandoned: (route) => {
      const breaker = breakers.get(route)
      if (breaker !== undefined) breaker.probeAt = undefined
    },
    list: () => {
      const at = now()
      return [...breakers]
        .map(([route, breaker]) => statusOf(route, breaker, at, openMs))
        .sort((a, b) => (a.route < b.route ? -1 : 1))
    },
    retain: (routes) => {
      for (const route of breakers.keys()) {
        if (!routes.has(route)) breakers.delete(route)
      }
    },
  }
}

// --- internal ---

interface Breaker {
  failures: number
  /** undefined: closed. */
  openedAt: number | undefined
  probeAt: number | undefined
}

function newBreaker(): Breaker {
  return { failures: 0, openedAt: undefined, probeAt: undefined }
}

function statusOf(route: string, { failures, openedAt, probeAt }: Breaker, at: number, openMs: number): BreakerStatus {
  if (openedAt === undefined) return { route, state: 'closed', failures, probeInMs: undefined, probing: false }
  const probeInMs = Math.max(0, openedAt + openMs - at)
  return { route, state: probeInMs > 0 ? 'open' : 'half-open', failures, probeInMs, probing: probeAt !== undefined }
}
