/** Is it there yet? Every answer but yes only means "not yet". */
import { connect } from 'node:net'

const probeTimeoutMs = 2_000

/** A page answers 200. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}

export type Listener = { readonly path: string } | { readonly port: number; readonly greeting: boolean }

/** A connection is taken; with `greeting`, the server has spoken first, which MariaDB does once it serves. */
export function connects(listener: Listener): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const waitsForGreeting = 'greeting' in listener && listener.greeting
  const socket = connect('path' in listener ? listener : { host: '127.0.0.1', port: listener.port })
  socket.setTimeout(probeTimeoutMs, () => resolve(false))
  socket.once(waitsForGreeting ? 'data' : 'connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  socket.once('close', () => resolve(false))
  void promise.then(() => socket.destroy())
  return promise
}
