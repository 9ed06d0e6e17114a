import { connect, type Socket } from 'node:net'
import type { FastcgiAddress } from './address.ts'
import { RecordDecoder, type RecordSink } from './records.ts'

/** Who has a connection to himself for one request. */
export interface ConnectionUser extends RecordSink {
  onConnected(): void
  onDrain(): void
  /** One read was handed over. */
  onReadEnd(): void
  /** The bytes that came are no FastCGI. */
  onFault(fault: string): void
  /** The connection is gone. `error` is what the system said. */
  onClosed(error: Error | undefined): void
}

/** One connection to php-fpm, which is one of its workers as long as it is open. */
export class Connection {
  /** It carried requests before this one. */
  reused = false
  isConnected = false
  readonly #socket: Socket
  readonly #decoder: RecordDecoder
  #user: ConnectionUser | undefined
  #error: Error | undefined

  constructor(address: FastcgiAddress, onGone: (connection: Connection) => void) {
    const where = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
    this.#socket = connect({ ...where, noDelay: true })
    this.#decoder = new RecordDecoder({
      onOutput: (piece) => this.#user?.onOutput(piece),
      onErrorOutput: (piece) => this.#user?.onErrorOutput(piece),
      onEndRequest: (status) => this.#user?.onEndRequest(status),
    })
    this.#socket
      .on('connect', () => {
        this.isConnected = true
        this.#user?.onConnected()
      })
      .on('data', (bytes: Buffer) => this.#read(bytes))
      .on('drain', () => this.#user?.onDrain())
      .on('error', (error) => {
        this.#error = error
      })
      .on('close', () => {
        onGone(this)
        const user = this.#user
        this.#user = undefined
        user?.onClosed(this.#error)
      })
  }

  /** The last request was read to its very end. */
  get isClean(): boolean {
    return this.#decoder.atBoundary && !this.#socket.destroyed && !this.#socket.readableEnded
  }

  use(user: ConnectionUser): void {
    this.#user = user
  }

  /** No events from here on. */
  release(): void {
    this.#user = undefined
    this.#socket.resume()
  }

  /** False: wait for onDrain. */
  write(...pieces: readonly Buffer[]): boolean {
    this.#socket.cork()
    let isTaken = true
    for (const piece of pieces) {
      isTaken = this.#socket.write(piece)
    }
    this.#socket.uncork()
    return isTaken
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** php-fpm looks at its connection only when it writes, so a closed one says as much as ABORT_REQUEST would. */
  destroy(): void {
    this.#user = undefined
    this.#socket.destroy()
  }

  // --- internal ---

  #read(bytes: Buffer): void {
    const user = this.#user
    if (user === undefined) {
      // Nobody asked for anything.
      this.#socket.destroy()
      return
    }
    const fault = this.#decoder.push(bytes)
    if (fault !== undefined) {
      this.#user?.onFault(fault)
      this.destroy()
      return
    }
    user.onReadEnd()
  }
}
