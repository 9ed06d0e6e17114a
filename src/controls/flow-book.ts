import type { Side } from './kill-state.ts'
import type { Pin } from './pins.ts'

export interface OpenFlows {
  readonly group: string
  readonly side: Side
  readonly open: number
  readonly oldestAgeMs: number
}

/**
 * The flows that this process saw begin and not yet end: how many forms are still out that one side rendered. A side may
 * leave service once its count is 0. It counts and decides nothing, so that it may forget: the pin itself says the side.
 */
export interface FlowBook {
  /** Again for the same flow: it is as old as it was, and expires when the new pin does. */
  opened(flow: Pin): void
  /** Unknown flows, such as those that another process opened, are let pass. */
  closed(flow: string): void
  /** By group, then side. */
  list(): readonly OpenFlows[]
  /** Flows that were forgotten before their time, as the book was full: the counts are too low by at most so many. */
  readonly forgotten: number
}

export interface FlowBookOptions {
  readonly flowsMax?: number
  readonly now?: () => number
}

export function createFlowBook({ flowsMax = 10_000, now = Date.now }: FlowBookOptions = {}): FlowBook {
  const flows = new Map<string, Pin & { readonly openedAt: number }>()
  let forgotten = 0
  return {
    opened: (pin) => {
      const openedAt = flows.get(pin.flow)?.openedAt ?? now()
      flows.set(pin.flow, { ...pin, openedAt })
      if (flows.size <= flowsMax) return
      // A map keeps the order in which its keys came: the first is the oldest.
      const [oldest] = flows.values()
      if (oldest === undefined) return
      flows.delete(oldest.flow)
      if (oldest.expiresAt > now()) forgotten += 1
    },
    closed: (flow) => {
      flows.delete(flow)
    },
    list: () => {
      const at = now()
      for (const { flow, expiresAt } of flows.values()) {
        if (expiresAt <= at) flows.delete(flow)
      }
      const perGroup = Map.groupBy(flows.values(), ({ group, side }) => JSON.stringify([group, side]))
      return [...perGroup.values()]
        .flatMap(([oldest, ...rest]) => {
          if (oldest === undefined) return []
          const { group, side, openedAt } = oldest
          return [{ group, side, open: rest.length + 1, oldestAgeMs: at - openedAt }]
        })
        .sort((a, b) => compare(a.group, b.group) || compare(a.side, b.side))
    },
    get forgotten() {
      return forgotten
    },
  }
}

// --- internal ---

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
