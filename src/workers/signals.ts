/** What Fig needs of the process it runs in. */
export type Surroundings = Pick<NodeJS.Process, 'env' | 'cwd' | 'stderr' | 'on'> & {
  readonly stdin: { readonly isTTY?: boolean }
  /** Ends the process at once. */
  exit(code: number): void
}

export interface ControlSignals {
  /** SIGHUP: read anew what may change while Fig runs. */
  readonly hangUp: () => void
  /** SIGUSR2: replace every worker, one after the other. */
  readonly renew: () => void
}

/** To be called before anything else: both signals end a process that does not listen to them. */
export function listenToControl(surroundings: Surroundings, { hangUp, renew }: ControlSignals): void {
  surroundings.on('SIGUSR2', renew)
  // At a terminal it says that the terminal is gone.
  if (surroundings.stdin.isTTY !== true) surroundings.on('SIGHUP', hangUp)
}

/** Resolves at the first SIGTERM or SIGINT; the second one does not wait for the drain. */
export function untilStopped(surroundings: Surroundings, stopAtOnce: () => void): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false
    const stop = (): void => {
      if (stopping) stopAtOnce()
      stopping = true
      resolve()
    }
    surroundings.on('SIGTERM', stop)
    surroundings.on('SIGINT', stop)
    if (surroundings.stdin.isTTY === true) surroundings.on('SIGHUP', () => resolve())
  })
}

/** 128 + SIGINT, as shells have it. */
export const exitCodeAtOnce = 130
