import { setTimeout as delay } from 'node:timers/promises'
import type { Freshness } from './edge/index.ts'
import { isAppError, type Logger } from './platform/index.ts'
import type { SetupProgress, Sync } from './sync/index.ts'

/**
 * Brings sync up behind a Fig that already serves: PHP answers everything until the follower is ready, so a database that
 * is down at start, or a first copy that takes an hour, costs the visitor nothing.
 */
export interface SyncSupervisor {
  /** `stale` until sync is ready: then PHP, which reads the owner, answers. */
  readonly freshness: Freshness
  /** Undefined when ready; else what it waits for. */
  readonly problem: () => string | undefined
  /** True where the set-up was given up: what it waits for does not come by itself. */
  readonly hasGivenUp: () => boolean
  close(): Promise<void>
}

export function superviseSync(sync: Sync, log: Logger): SyncSupervisor {
  const closing = new AbortController()
  let problem: string | undefined = 'not set up yet'
  let givenUp = false
  const report = (text: string | undefined): void => {
    problem = text
  }
  const running = bringUp(sync, log, closing.signal, report).then((outcome) => {
    givenUp = outcome === 'given-up'
  })
  return {
    freshness: {
      caughtUp: async (tables, options) => (problem === undefined ? sync.caughtUp(tables, options) : 'stale'),
    },
    problem: () => problem ?? streamProblem(sync),
    hasGivenUp: () => givenUp,
    async close() {
      closing.abort()
      await sync.close()
      await running
    },
  }
}

// --- internal ---

const retryDelayMsFirst = 500
const retryDelayMsMax = 30_000

async function bringUp(
  sync: Sync,
  log: Logger,
  signal: AbortSignal,
  report: (problem: string | undefined) => void,
): Promise<'up' | 'given-up' | 'closed'> {
  for (let delayMs = retryDelayMsFirst; !signal.aborted; delayMs = Math.min(delayMs * 2, retryDelayMsMax)) {
    try {
      await sync.setup({ onProgress: (progress) => report(progressText(progress)) })
      await sync.start()
      report(undefined)
      log.info('sync is set up')
      return 'up'
    } catch (error) {
      if (signal.aborted) return 'closed'
      report(error instanceof Error ? error.message : String(error))
      const hopeless = isAppError(error) && error.retry === 'never'
      log.error({ err: error, retryInMs: hopeless ? undefined : delayMs }, 'sync could not be set up; PHP answers')
      // A wrong mapping stays wrong until somebody corrects it and starts Fig again.
      if (hopeless) return 'given-up'
    }
    await delay(delayMs, undefined, { signal }).catch(() => undefined)
  }
  return 'closed'
}

function progressText(progress: SetupProgress): string {
  switch (progress.step) {
    case 'copy':
      return `copying ${progress.group}.${progress.table}: ${progress.rows} of about ${progress.rowsEstimate} rows`
    case 'copied':
      return `copied ${progress.group}: ${progress.rows} rows`
    default:
      return `creating ${progress.step}`
  }
}

/** Ready means that pages of the modern side are possible: the stream is connected and no group was stopped. */
function streamProblem(sync: Sync): string | undefined {
  const { stream, groups } = sync.status()
  if (stream === 'connecting' || stream === 'stopped' || stream === 'idle') return `the capture stream is ${stream}`
  const stopped = groups.find((group) => group.stopped !== undefined)
  return stopped === undefined ? undefined : `group ${stopped.name} is stopped: ${stopped.stopped}`
}
