/** Is it there yet? Every answer but yes only means "not yet". */
import { connect } from 'node:net'

/** A page answers 200. */
export async function answers(url: string): Promise<boolean> {
  return (await look(url))?.status === 200
}

/** Fig's own page: 200, or what it still waits for, or what it will never get over by itself. */
export async function readyz(operatorUrl: string): Promise<true | string | { readonly final: string }> {
  const seen = await look(`${operatorUrl}/readyz`)
  if (seen === undefined) return 'no answer yet'
  if (seen.status === 200) return true
  const { problems, final } = JSON.parse(seen.body) as { readonly problems: readonly string[]; readonly final: boolean }
  return final ? { final: problems.join('; ') } : problems.join('; ')
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

// --- internal ---

const probeTimeoutMs = 2_000

async function look(url: string): Promise<{ readonly status: number; readonly body: string } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) })
    return { status: response.status, body: await response.text() }
  } catch {
    return undefined // refused, or too slow
  }
}
