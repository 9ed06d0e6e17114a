import net, { type AddressInfo, type Socket } from 'node:net'
import { parseRequest, type StrictMessage, valuesOf } from '../strict-parser.ts'
import type { Watch } from '../watch.ts'
import type { FuzzAnswer } from './generate.ts'

export interface SeenRequest {
  readonly serial: number
  readonly method: string
  readonly message: StrictMessage
  readonly answer: FuzzAnswer
}

/** The upstream of one lane: parses strictly, numbers requests, and answers as the case of the moment says. */
export class FuzzPhp {
  readonly #server: net.Server
  readonly #watch: Watch
  readonly #open = new Set<Connection>()
  #answer: (serial: number, method: string) => FuzzAnswer = () => plainAnswer
  #seen: SeenRequest[] = []
  #problems: string[] = []
  #serial = 0

  constructor(watch: Watch) {
    this.#watch = watch
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`)
      })
    })
  }

  begin(answer: (serial: number, method: string) => FuzzAnswer): void {
    this.#answer = answer
    this.#seen = []
    this.#problems = []
  }

  get seen(): readonly SeenRequest[] {
    return this.#seen
  }

  get problems(): readonly string[] {
    return this.#problems
  }

  get openConnections(): number {
    return this.#open.size
  }

  /** Connections that carry half a request: Fig must end them when their client has gone. */
  get unfinished(): number {
    return [...this.#open].filter(({ pending }) => pending.length > 0).length
  }

  /** What a changed answer has left in an unknown state is not used again. */
  endOdd(): void {
    for (const connection of this.#open) {
      if (connection.odd) {
        connection.socket.destroy()
      }
    }
  }

  close(): Promise<void> {
    for (const { socket } of this.#open) {
      socket.destroy()
    }
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  // --- internal ---

  #accept(socket: Socket): void {
    const connection: Connection = { socket, pending: Buffer.alloc(0), odd: false }
    this.#open.add(connection)
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      this.#open.delete(connection)
      this.#watch.notify()
    })
    socket.on('data', (chunk: Buffer) => {
      connection.pending = connection.pending.length === 0 ? chunk : Buffer.concat([connection.pending, chunk])
      this.#read(connection)
      this.#watch.notify()
    })
  }

  #read(connection: Connection): void {
    while (connection.pending.length > 0 && !connection.odd) {
      const parsed = parseRequest(connection.pending, 0)
      if (parsed.kind === 'incomplete') {
        return
      }
      if (parsed.kind === 'invalid') {
        this.#problems.push(`PHP got what is no strict HTTP: ${parsed.why}`)
        connection.socket.destroy()
        return
      }
      connection.pending = connection.pending.subarray(parsed.message.endsAt)
      this.#reply(connection, parsed.message)
    }
  }

  #reply(connection: Connection, message: StrictMessage): void {
    this.#serial += 1
    const serial = this.#serial
    const method = message.start.slice(0, message.start.indexOf(' '))
    for (const name of ['X-Request-Id', 'X-Forwarded-For', 'X-Forwarded-Proto']) {
      if (valuesOf(message, name).length !== 1) {
        this.#problems.push(
          `PHP got a request that Fig did not write: ${[message.start, ...message.lines].join(' | ')}`,
        )
      }
    }
    const answer = this.#answer(serial, method)
    this.#seen.push({ serial, method, message, answer })
    const { socket } = connection
    connection.odd = answer.kind !== 'valid' || answer.connection !== 'keep'
    socket.write(Buffer.from(answer.bytes, 'latin1'))
    if (answer.connection === 'fin') {
      socket.end()
    } else if (answer.connection === 'reset') {
      socket.resetAndDestroy()
    }
  }
}

// --- internal ---

interface Connection {
  readonly socket: Socket
  pending: Buffer
  /** Its last answer was none to go on from. */
  odd: boolean
}

const plainAnswer: FuzzAnswer = {
  bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  connection: 'keep',
  kind: 'valid',
}
