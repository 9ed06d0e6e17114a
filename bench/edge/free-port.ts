import { createServer } from 'node:net'

/**
 * Below the range that the kernel hands out by itself: thousands of outgoing connections come and go here, and one of them
 * could have the port by the time a proxy wants to listen on it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * portCount)
    if (!handedOut.has(port) && (await isFree(port))) {
      handedOut.add(port)
      return port
    }
  }
}

// --- internal ---

const firstPort = 16_400
const portCount = 15_600
const handedOut = new Set<number>()

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}
