/**
 * The watch over one start of one stack. Its standard input is a pipe held by the launcher: when the launcher dies, however
 * it dies, the pipe closes and the watch ends the parts that were left behind. A launcher that stopped them itself says so.
 *
 *   node guard.ts <dir> <run> keep|remove
 */
import { rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { endRecorded, readRecords, releasePlace } from './place.ts'

export const stoppedByLauncher = 'stopped'

if (import.meta.main) {
  const [dir, run, afterwards] = process.argv.slice(2) as [string, string, 'keep' | 'remove']
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const lastWords = await text(process.stdin)
  if (lastWords !== stoppedByLauncher) {
    const parts = readRecords(dir).filter((record) => record.run === run && record.pid !== process.pid)
    console.log(`${new Date().toISOString()} the launcher is gone; ending ${parts.map(({ part }) => part).join(', ')}`)
    await endRecorded(dir, parts)
    releasePlace({ dir, run })
    if (afterwards === 'remove') rmSync(dir, { recursive: true, force: true })
  }
}
