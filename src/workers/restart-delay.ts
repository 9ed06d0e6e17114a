/** A worker that lived so long was no failed start: the next death is the first one again. */
export const steadyAfterMs = 10_000

const delayMsFirst = 200
export const restartDelayMsMax = 10_000

/** The first death is made good at once; one that dies again and again waits longer each time, up to the limit. */
export function restartDelayMs(failuresInARow: number): number {
  return failuresInARow <= 1 ? 0 : Math.min(restartDelayMsMax, delayMsFirst * 2 ** (failuresInARow - 2))
}
