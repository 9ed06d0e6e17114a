import { connect, type Socket } from 'node:net'
import { requestHeaders } from '../cases.ts'
import { BenchProblem } from '../problem.ts'

export interface IdleClients {
  /** How many the proxy has not hung up on. */
  connected(): number
  close(): void
}

/** Connects that many clients; each asks once, reads the answer, and then keeps its connection. */
export async function connectIdleClients(
  { host, port }: { readonly host: string; readonly port: number },
  count: number,
  signal: AbortSignal,
): Promise<IdleClients> {
  const sockets: Socket[] = []
  const close = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  try {
    while (sockets.length < count) {
      signal.throwIfAborted()
      const first = sockets.length
      const batch = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) =>
        connect({ host, port, localAddress: addressOf(first + index), noDelay: true }),
      )
      sockets.push(...batch)
      await Promise.all(batch.map(askOnce))
    }
  } catch (error) {
    close()
    throw error
  }
  return { connected: () => sockets.filter((socket) => socket.readyState === 'open').length, close }
}

// --- internal ---

const atOnce = 100
const patienceMs = 10_000

/** A hundred clients an address: a limit of connections per client is not what is measured. All of 127.0.0.0/8 is local. */
function addressOf(index: number): string {
  return `127.0.1.${1 + Math.floor(index / 100)}`
}

const head = [
  'GET /articles/4711 HTTP/1.1',
  'Host: bench.test',
  ...Object.entries(requestHeaders).map(([name, value]) => `${name}: ${value}`),
  '\r\n',
].join('\r\n')

function askOnce(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (why: string) => reject(new BenchProblem(`an idle client ${why}`, 'See its error output.'))
  const timer = setTimeout(() => fail(`got no answer within ${patienceMs / 1_000} s`), patienceMs)
  let answer = ''
  const read = (part: Buffer): void => {
    answer += part.toString('latin1')
    if (!isComplete(answer)) return
    socket.off('data', read).resume()
    if (/^HTTP\/1\.1 200 /.test(answer)) resolve()
    else fail(`was answered ${answer.split('\r\n', 1)[0]}`)
  }
  socket.on('data', read)
  socket.once('error', (error) => fail(`lost its connection: ${error.message}`))
  socket.once('close', () => fail('was hung up on'))
  socket.write(head)
  return promise.finally(() => clearTimeout(timer))
}

function isComplete(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /^content-length: *(\d+)\r$/im.exec(answer.slice(0, end + 2))?.[1]
  if (length !== undefined) return answer.length >= end + 4 + Number(length)
  return answer.endsWith('0\r\n\r\n')
}
