import type { HealthCheck } from '../upstream-call.ts'
import type { FastcgiAddress } from './address.ts'
import { Connection, type ConnectionUser } from './connection.ts'
import { encodeRequest } from './records.ts'
import { readScriptHead } from './script-head.ts'

/**
 * Asks php-fpm whether it is well, on a connection of its own. Never rejects. The path is that of `ping.path`, which a
 * worker answers without any script; php-fpm's 404 for another path is a sign of life too.
 */
export function probeFastcgi(address: FastcgiAddress, { path, timeoutMs }: HealthCheck): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = new Connection(address, () => {})
    let received = Buffer.alloc(0)
    const settle = (healthy: boolean): void => {
      clearTimeout(timer)
      connection.destroy()
      resolve(healthy)
    }
    const timer = setTimeout(() => settle(false), timeoutMs)
    const user: ConnectionUser = {
      onConnected: () => {
        const bytes = path === undefined ? undefined : encodeRequest(pingParameters(path), false, false)
        bytes === undefined ? settle(true) : connection.write(bytes)
      },
      onOutput: (piece) => {
        received = Buffer.concat([received, piece])
        const read = readScriptHead(received)
        if (read.kind !== 'incomplete') {
          settle(read.kind === 'head' && read.head.status < 500)
        }
      },
      onErrorOutput: () => {},
      onEndRequest: () => settle(false),
      onDrain: () => {},
      onReadEnd: () => {},
      onFault: () => settle(false),
      onClosed: () => settle(false),
    }
    connection.use(user)
  })
}

// --- internal ---

function pingParameters(path: string): readonly string[] {
  return ['SCRIPT_FILENAME', path, 'SCRIPT_NAME', path, 'REQUEST_URI', path, 'REQUEST_METHOD', 'GET']
}
