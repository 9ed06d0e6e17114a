import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** So much may be thrown away before it is collected. */
const transientBytesMax = 16 * 1024 * 1024

let bytesSince = 0
let scheduled = false
let collect: (() => void) | undefined

/**
 * Notes that memory for bytes of a stream was allocated that is thrown away as soon as they have been passed on. Node allocates
 * 64 KB outside of the heap for each read; V8 does not see much of a heap to collect and lets 64 MB and more pile up. A collection
 * of the young generation, which is all it takes, costs about half a millisecond.
 */
export function noteTransient(bytes: number): void {
  bytesSince += bytes
  if (bytesSince >= transientBytesMax && !scheduled) {
    scheduled = true
    setImmediate(relieve)
  }
}

// --- internal ---

function relieve(): void {
  scheduled = false
  bytesSince = 0
  collect ??= youngCollector()
  collect()
}

function youngCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void
  return () => gc({ type: 'minor' })
}
