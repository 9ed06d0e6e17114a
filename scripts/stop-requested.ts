/** A stop can come from the terminal, from a signal, or from the bootstrap: by a message, or by its death. */

export interface StopRequest {
  readonly signal: AbortSignal
  readonly requested: Promise<void>
  reason(): string
}

export function stopRequested(): StopRequest {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (reason: string): void => {
    controller.abort(reason)
    resolve()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(name))
  process.on('message', (message: { readonly stop?: string }) => {
    if (message.stop !== undefined) stop(message.stop)
  })
  process.on('disconnect', () => stop('the end of the launcher'))
  process.channel?.unref() // it alone is no reason to stay
  return { signal: controller.signal, requested: promise, reason: () => String(controller.signal.reason) }
}
