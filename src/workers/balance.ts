/**
 * How many connections each worker should let go, so that all have about the same number. Whoever is awake first accepts, so a
 * burst of new connections may end up with one worker, and connections that are kept alive stay there, however busy it is.
 * A connection that is let go (with an ordinary answer that says `Connection: close`) comes back to whoever has time.
 */
export function surplus(connections: readonly number[]): readonly number[] {
  const mean = connections.reduce((sum, count) => sum + count, 0) / connections.length
  return connections.map((count) => (count > mean * toleratedFactor + toleratedExtra ? count - Math.ceil(mean) : 0))
}

// --- internal ---

const toleratedFactor = 1.25
/** A few connections more are no reason to disturb anybody. */
const toleratedExtra = 2
