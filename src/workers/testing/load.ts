import net, { type Socket } from 'node:net'

/** What happened under a load of visitors. */
export interface LoadResult {
  readonly answered: number
  /** One line per request that got no answer or a wrong one. */
  readonly failures: readonly string[]
  /** Connections that the server asked to close with an answer, or closed between two requests. */
  readonly reconnects: number
}

export interface Load {
  readonly answered: () => number
  stop(): Promise<LoadResult>
}

/** Visitors that keep their connection and send one request after the other, each when the one before is answered. */
export function startLoad(port: number, visitors: number): Load {
  const state = { running: true, answered: 0, reconnects: 0, failures: [] as string[] }
  const all = Array.from({ length: visitors }, (_, visitor) => visit(port, visitor, state))
  return {
    answered: () => state.answered,
    async stop() {
      state.running = false
      await Promise.all(all)
      return state
    },
  }
}

// --- internal ---

interface LoadState {
  running: boolean
  answered: number
  reconnects: number
  readonly failures: string[]
}

async function visit(port: number, visitor: number, state: LoadState): Promise<void> {
  let connection: Connection | undefined
  for (let request = 0; state.running; request += 1) {
    const path = `/${visitor}/${request}`
    if (connection === undefined || connection.closed) {
      if (connection !== undefined) state.reconnects += 1
      connection = undefined
    }
    try {
      connection ??= await Connection.open(port)
      const answer = await connection.ask(path)
      if (!answer.startsWith('HTTP/1.1 200 ') || !answer.endsWith(`page ${path}`)) throw new Error(answer.slice(0, 200))
      state.answered += 1
    } catch (error) {
      state.failures.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      connection?.destroy()
      connection = undefined
    }
  }
  connection?.destroy()
}

/** One keep-alive connection of a client that reads bytes, so that it sees exactly what a client sees. */
class Connection {
  readonly #socket: Socket
  #received = ''
  #waiting: { resolve(answer: string): void; reject(error: Error): void } | undefined
  closed = false

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('connect', () => resolve(new Connection(socket)))
      socket.once('error', reject)
    })
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk.toString('latin1')))
    socket.on('error', (error) => this.#fail(error))
    socket.on('end', () => this.#fail(new Error('closed without an answer')))
    socket.on('close', () => this.#fail(new Error('closed without an answer')))
  }

  ask(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`)
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = this.#received.slice(0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#received.length < end + 4 + length) return
    if (/\r\nconnection: close/i.test(head)) {
      this.closed = true
      this.#socket.end()
    }
    const answer = this.#received
    this.#received = ''
    this.#waiting?.resolve(answer)
    this.#waiting = undefined
  }

  #fail(error: Error): void {
    this.closed = true
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}
