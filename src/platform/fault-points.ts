import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from './error-codes.ts'

/** Places in the code where a drill may stop, delay or kill the process. To add one, add its name here. */
export const faultPointNames = [
  'edge.before-decision',
  'legacy.before-forward',
  'sync.before-mysql-commit',
  'sync.after-mysql-commit',
  'sync.after-postgres-commit',
  'sync.before-apply',
  'sync.before-checkpoint',
  'sync.after-checkpoint',
] as const

export type FaultPointName = (typeof faultPointNames)[number]
export type FaultAction = () => void | Promise<void>

/**
 * Does nothing unless the point was enabled at start or by a test; always await it.
 * Process-wide on purpose: `kill` ends the process, and a drill is set up once, at start.
 */
export function faultPoint(name: FaultPointName): void | Promise<void> {
  return armed.size === 0 ? undefined : armed.get(name)?.()
}

/**
 * Enables points from the start configuration, such as `sync.after-mysql-commit:kill,edge.before-decision:delay=200`.
 * Actions: `kill` (as kill -9), `throw`, `hang`, `delay=<milliseconds>`.
 */
export function enableFaultPoints(specification: string, options: { readonly production: boolean }): void {
  const wanted = specification
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (wanted.length > 0 && options.production) {
    throw new AppError('platform.fault-points-refused', `Fault points are refused in production: ${wanted.join(', ')}`)
  }
  for (const [name, action] of wanted.map(parseFaultPoint)) {
    armed.set(name, action)
  }
}

/** For tests in the same process: runs `action` at the point until the returned function is called. */
export function armFaultPoint(name: FaultPointName, action: FaultAction): () => void {
  armed.set(name, action)
  return () => {
    if (armed.get(name) === action) {
      armed.delete(name)
    }
  }
}

// --- internal ---

const armed = new Map<FaultPointName, FaultAction>()

function parseFaultPoint(text: string): readonly [FaultPointName, FaultAction] {
  const separator = text.lastIndexOf(':')
  const name = faultPointNames.find((known) => known === text.slice(0, separator))
  const action = faultAction(text.slice(separator + 1), name ?? '')
  if (name === undefined || action === undefined) {
    throw new AppError(
      'platform.fault-point-unknown',
      `"${text}" is not <point>:<action>. Points: ${faultPointNames.join(', ')}. Actions: kill, throw, hang, delay=<milliseconds>.`,
    )
  }
  return [name, action]
}

function faultAction(action: string, name: string): FaultAction | undefined {
  const delayMs = /^delay=(\d{1,7})$/.exec(action)?.[1]
  if (delayMs !== undefined) {
    return () => delay(Number(delayMs))
  }
  switch (action) {
    case 'kill':
      return () => {
        process.kill(process.pid, 'SIGKILL')
        // The signal is delivered asynchronously: nothing after this point may run.
        return new Promise(() => {})
      }
    case 'throw':
      return () => {
        throw new AppError('platform.fault-point-hit', `Fault point ${name} threw, as it was told to`)
      }
    case 'hang':
      return () => new Promise(() => {})
    default:
      return undefined
  }
}
