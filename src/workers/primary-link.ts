import cluster from 'node:cluster'
import { type Assignment, opened, primaryVariable, sealed, type ToPrimary, type ToWorker } from './messages.ts'
import type { Surroundings } from './signals.ts'
import { beatMs } from './worker-process.ts'

/** True in a process that a Fig primary has started, false below any other program that uses node:cluster. */
export function isWorkerOfFig({ env }: Surroundings): boolean {
  return cluster.isWorker && env[primaryVariable] !== undefined
}

/** What a worker is asked for while it serves. */
export type Command = Extract<ToWorker, { kind: 'ask' | 'reload' | 'let-go' }>

/** A worker's end of the pipe to its primary. Gives a sign of life as long as the event loop turns. */
export class PrimaryLink {
  readonly assignment: Promise<Assignment>
  /** The primary has told it to drain, or is gone. */
  readonly stopped: Promise<'told' | 'orphaned'>

  constructor(onCommand: (command: Command) => void, connections: () => number) {
    const assigned = Promise.withResolvers<Assignment>()
    const stopped = Promise.withResolvers<'told' | 'orphaned'>()
    this.assignment = assigned.promise
    this.stopped = stopped.promise
    process.on('message', (received: unknown) => {
      const message = opened<ToWorker>(received)
      switch (message?.kind) {
        case 'assign':
          return assigned.resolve(message)
        case 'drain':
          return stopped.resolve('told')
        case 'ask':
        case 'let-go':
        case 'reload':
          return onCommand(message)
      }
    })
    cluster.worker?.on('disconnect', () => {
      // Node ends a worker that lost its primary at once, in the middle of its answers, unless it believes that it was told to.
      if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
      stopped.resolve('orphaned')
    })
    void this.send({ kind: 'listens' })
    setInterval(() => void this.send({ kind: 'beat', connections: connections() }), beatMs).unref()
  }

  /** Resolves when the message is on its way, or when nobody is there to read it. */
  send(message: ToPrimary): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected || process.send === undefined) return resolve()
      process.send(sealed(message), () => resolve())
    })
  }
}
