import type { Logger } from './logger.ts'

export type ShutdownOutcome = 'clean' | 'failed' | 'deadline'
/** `signal` aborts when the deadline has passed: give up waiting and cut what is left. */
export type CloseStep = (signal: AbortSignal) => void | Promise<void>

/**
 * Closes parts in the reverse order in which they were added, one after the other, within one deadline. A part that fails
 * to close does not keep the others open. Running it twice returns the first run.
 */
export interface Shutdown {
  add(name: string, close: CloseStep): void
  run(): Promise<ShutdownOutcome>
}

export function createShutdown(options: { readonly log: Logger; readonly deadlineMs: number }): Shutdown {
  const steps: { readonly name: string; readonly close: CloseStep }[] = []
  let running: Promise<ShutdownOutcome> | undefined
  return {
    add: (name, close) => {
      steps.push({ name, close })
    },
    run: () => {
      running ??= closeAll(steps.toReversed(), options.log, options.deadlineMs)
      return running
    },
  }
}

// --- internal ---

async function closeAll(
  steps: readonly { readonly name: string; readonly close: CloseStep }[],
  log: Logger,
  deadlineMs: number,
): Promise<ShutdownOutcome> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deadlineMs)
  let failed = false
  for (const { name, close } of steps) {
    try {
      await closeWithin(close, deadline.signal)
    } catch (error) {
      failed = true
      log.error({ err: error, part: name }, 'a part did not close')
    }
  }
  clearTimeout(timer)
  if (deadline.signal.aborted) {
    log.warn({ deadlineMs }, 'the deadline of the shutdown has passed')
    return 'deadline'
  }
  return failed ? 'failed' : 'clean'
}

/** After the deadline each part still gets its close call, and one turn of grace to cut what it holds. */
async function closeWithin(close: CloseStep, deadline: AbortSignal): Promise<void> {
  const closed = Promise.resolve(close(deadline))
  let onDeadline = () => {}
  const cut = new Promise<'cut'>((resolve) => {
    onDeadline = () => setImmediate(() => resolve('cut'))
    deadline.aborted ? onDeadline() : deadline.addEventListener('abort', onDeadline, { once: true })
  })
  try {
    const outcome = await Promise.race([closed, cut])
    if (outcome === 'cut') {
      closed.catch(() => {})
      throw new Error('still open at the deadline')
    }
  } finally {
    deadline.removeEventListener('abort', onDeadline)
  }
}
