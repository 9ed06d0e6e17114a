import type { Config } from '../config.ts'

/** One of the places for workers. */
export interface Share {
  /** From 0. */
  readonly place: number
  readonly places: number
}

/**
 * The settings of the worker at this place. What PHP is given is shared out, so that together the workers ask no more of it
 * than one process would; limits on clients hold in each worker.
 */
export function configOfShare(config: Config, share: Share): Config {
  return {
    ...config,
    legacyConnectionsMax: shareOf(config.legacyConnectionsMax, share),
    legacyKeptConnectionsMax: shareOf(config.legacyKeptConnectionsMax, share),
    legacyQueueMax: config.legacyQueueMax === undefined ? undefined : shareOf(config.legacyQueueMax, share),
  }
}

// --- internal ---

function shareOf(total: number, { place, places }: Share): number {
  return Math.floor(total / places) + (place < total % places ? 1 : 0)
}
