import cluster from 'node:cluster'
import type { Config } from '../config.ts'
import { isWorkerOfFig } from './primary-link.ts'
import { serveAsWorker } from './serve-as-worker.ts'
import { serveWithWorkers } from './serve-with-workers.ts'
import type { Addresses, StartFig } from './served-fig.ts'
import { exitCodeAtOnce, listenToControl, type Surroundings, untilStopped } from './signals.ts'

export interface RunOptions {
  readonly config: Config
  readonly start: StartFig
  readonly surroundings: Surroundings
  /** Called once, however many processes there are. */
  readonly onUp?: (addresses: Addresses) => void
}

/**
 * Runs Fig until it is told to stop: in this process alone, or as the primary of several, or as one of these. All three are
 * the same program with the same settings.
 * @throws AppError with what is wrong and what to do; nothing is left running then
 */
export async function runFig({ config, start, surroundings, onUp = () => undefined }: RunOptions): Promise<void> {
  if (isWorkerOfFig(surroundings)) return serveAsWorker(config, start, surroundings)
  // Below another program's cluster (PM2) we are its workers.
  if (config.workers > 1 && cluster.isPrimary) return serveWithWorkers(config, surroundings, onUp)
  return serveAlone(config, start, surroundings, onUp)
}

// --- internal ---

async function serveAlone(
  config: Config,
  start: StartFig,
  surroundings: Surroundings,
  onUp: (addresses: Addresses) => void,
): Promise<void> {
  const fig = await start(config)
  listenToControl(surroundings, {
    hangUp: () => void fig.reload(),
    renew: () =>
      fig.log.warn('one process serves, there is none to take over: start with --workers 2 to restart without a gap'),
  })
  onUp(fig)
  await untilStopped(surroundings, () => surroundings.exit(exitCodeAtOnce))
  await fig.close()
}
