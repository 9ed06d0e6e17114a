/** Further Fig processes on a running stack, for tests that kill, restart or double it. The stack's end is theirs too. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { figPart, figUrl, operatorUrl } from './fig.ts'
import { startPart } from './part.ts'
import type { Ports } from './parts.ts'
import { endRecorded, type Place, readRecords } from './place.ts'
import { reserveFreePorts } from './ports.ts'
import type { StackDescription } from './stack.ts'

export interface FigProcess {
  readonly url: string
  readonly operatorUrl: string
  readonly pid: number
  /** How it ended, such as `signal SIGKILL`, wanted or not. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** The stack's own Fig is stopped, if it still runs, and started again with other settings on the same ports. */
export async function restartFig(
  stack: StackDescription,
  settings: Readonly<Record<string, string>> = {},
): Promise<FigProcess> {
  await endInstance(stack, 'fig')
  return startInstance(stack, 'fig', stack.ports, settings)
}

/** A Fig beside the stack's own: same databases and site, other ports and data folder. */
export async function startAnotherFig(
  stack: StackDescription,
  settings: Readonly<Record<string, string>> = {},
): Promise<FigProcess> {
  const reservation = await reserveFreePorts()
  const ports = { ...stack.ports, site: reservation.ports.site, operator: reservation.ports.operator }
  const instance = `fig-${randomBytes(3).toString('hex')}`
  const started = await startInstance(stack, instance, ports, { FIG_DATA_DIR: join(stack.dir, instance), ...settings })
  void started.ended.then(() => reservation.release())
  return started
}

// --- internal ---

async function startInstance(
  stack: StackDescription,
  instance: string,
  ports: Ports,
  settings: Readonly<Record<string, string>>,
): Promise<FigProcess> {
  const definition = figPart({ ...stack, ports, figSettings: settings })
  const context = { place: stack, signal: new AbortController().signal, onWaiting: () => undefined }
  const { pid, ended } = await startPart({ ...definition, instance }, context)
  return {
    url: figUrl(ports),
    operatorUrl: operatorUrl(ports),
    pid,
    ended,
    stop: () => endInstance(stack, instance),
  }
}

async function endInstance(place: Place, instance: string): Promise<void> {
  const records = readRecords(place.dir).filter(({ part, run }) => part === instance && run === place.run)
  await endRecorded(place.dir, records)
}
