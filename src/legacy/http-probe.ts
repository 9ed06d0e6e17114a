import type { Socket } from 'node:net'
import { readResponseHead } from '../http1/index.ts'
import type { HealthCheck } from './upstream-call.ts'
import type { SocketListener } from './upstream-socket.ts'

/** Asks a server whether it is well, on a connection of its own. Never rejects. */
export function probeHttp(
  authority: string,
  open: (listener: SocketListener) => Socket,
  readyEvent: 'connect' | 'secureConnect',
  { path, timeoutMs }: HealthCheck,
): Promise<boolean> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    const settle = (healthy: boolean): void => {
      clearTimeout(timer)
      resolve(healthy)
      socket.destroy()
    }
    const onBytes = (bytes: Buffer): boolean => {
      received = Buffer.concat([received, bytes])
      const read = readResponseHead(received, 'GET')
      if (read.kind !== 'incomplete') {
        settle(read.kind === 'head' && read.head.status < 500)
      }
      // What was received is a copy.
      return true
    }
    const socket = open({ onBytes, onWriteFailed: () => false })
    const timer = setTimeout(() => settle(false), timeoutMs)
    socket.on(readyEvent, () => {
      if (path === undefined) {
        settle(true)
      } else {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`, 'latin1')
      }
    })
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
  })
}
