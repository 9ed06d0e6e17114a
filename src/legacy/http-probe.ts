import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { readResponseHead } from '../http1/index.ts'
import type { HealthCheck } from './upstream-call.ts'

/** Asks a server whether it is well, on a connection of its own. Never rejects. */
export function probeHttp(
  { authority }: { readonly authority: string },
  connect: () => Socket,
  { path, timeoutMs }: HealthCheck,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect()
    let received = Buffer.alloc(0)
    const settle = (healthy: boolean): void => {
      clearTimeout(timer)
      resolve(healthy)
      socket.destroy()
    }
    const timer = setTimeout(() => settle(false), timeoutMs)
    socket.on(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      if (path === undefined) {
        settle(true)
      } else {
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`, 'latin1')
      }
    })
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const read = readResponseHead(received, 'GET')
      if (read.kind !== 'incomplete') {
        settle(read.kind === 'head' && read.head.status < 500)
      }
    })
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
  })
}
