import type { MysqlPosition } from './mysql-position.ts'
import type { WaitablePosition } from './waitable-position.ts'

/** Waits until Postgres holds everything that MySQL had acknowledged at the call. False when it did not get there in time. */
export async function waitUntilCaughtUp(
  position: MysqlPosition,
  applied: Pick<WaitablePosition, 'reached'>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  if (options.signal?.aborted === true) return false
  const started = performance.now()
  const target = await within(position.now(), options)
  if (target === undefined) return false
  return applied.reached(target, { ...options, timeoutMs: options.timeoutMs - (performance.now() - started) })
}

/** What the query answers, or undefined when time is up or the caller left; errors of the query come through. */
export function within<T>(
  query: Promise<T>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = () => end(() => resolve(undefined))
    const timer = setTimeout(giveUp, options.timeoutMs)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', giveUp)
      settle()
    }
    options.signal?.addEventListener('abort', giveUp, { once: true })
    query.then(
      (answer) => end(() => resolve(answer)),
      (error: unknown) => end(() => reject(error)),
    )
  })
}
