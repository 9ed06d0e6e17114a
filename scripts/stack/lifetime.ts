/** From the claim of a folder to its release: the guard over the launcher, and the one orderly way to stop. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stoppedByLauncher } from './guard.ts'
import { plainEnvironment } from './part.ts'
import { endRecorded, logFile, type Place, readRecords, releasePlace, writeRecord } from './place.ts'
import { identify } from './processes.ts'

export interface Lifetime {
  stop(): Promise<void>
  isStopping(): boolean
}

export function beginLifetime(place: Place, options: { readonly temporary: boolean }): Lifetime {
  const dismissGuard = startGuard(place, options.temporary)
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    const own = readRecords(place.dir).filter(({ run }) => run === place.run)
    await endRecorded(
      place.dir,
      own.filter(({ part }) => part !== guardName),
    )
    await dismissGuard()
    await endRecorded(place.dir, own)
    releasePlace(place)
    if (options.temporary) rmSync(place.dir, { recursive: true, force: true })
  }
  return {
    stop() {
      stopping ??= stop()
      return stopping
    },
    isStopping: () => stopping !== undefined,
  }
}

// --- internal ---

const guardName = 'guard'

/** Answers the function that sends the guard home. */
function startGuard(place: Place, temporary: boolean): () => Promise<void> {
  const log = openSync(logFile(place.dir, guardName), 'a')
  const script = join(import.meta.dirname, 'guard.ts')
  const child = spawn(process.execPath, [script, place.dir, place.run, temporary ? 'remove' : 'keep'], {
    detached: true,
    stdio: ['pipe', log, log],
    cwd: '/',
    env: plainEnvironment(),
  })
  closeSync(log)
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity !== undefined) writeRecord(place, { ...identity, part: guardName, stage: guardStage, stop: [] })
  child.unref()
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.once('error', () => resolve())
  child.stdin?.on('error', () => undefined) // a killed guard can't be told anything
  return async () => {
    child.ref()
    child.stdin?.end(stoppedByLauncher)
    await ended
  }
}

/** After every part. */
const guardStage = 99
