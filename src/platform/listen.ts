import type { Server } from 'node:net'
import { AppError } from './error-codes.ts'

/** Opens a listener and gives its URL; what can go wrong is said so that the operator can act. */
export function listen(server: Server, name: string, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(listenError(error, name, host, port))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      resolve(urlOf(server, host))
    })
  })
}

// --- internal ---

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = address === null || typeof address === 'string' ? 0 : address.port
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

function listenError(error: NodeJS.ErrnoException, name: string, host: string, port: number): AppError {
  if (error.code === 'EADDRINUSE') {
    return new AppError('edge.port-in-use', `the ${name} listener: port ${port} on ${host} is taken`, { cause: error })
  }
  const reasons: Readonly<Record<string, string>> = {
    EACCES: `this user may not open port ${port}`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    ENOTFOUND: `the host name ${host} is not known`,
  }
  const reason = reasons[error.code ?? ''] ?? error.message
  return new AppError('edge.listen-failed', `the ${name} listener: ${reason}`, { cause: error })
}
