import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastcgiAddress } from '../index.ts'
import { recordType } from '../records.ts'

// A server on a real socket that plays php-fpm, with answers of the test's choosing.

export interface PlayedConnection {
  readonly socket: Socket
  /** Everything that came, as records; `content` holds one character per byte. */
  readonly records: readonly { readonly type: number; readonly content: string }[]
  readonly closed: Promise<void>
  /** Resolves when there are so many records of this type. */
  has(type: number, count?: number): Promise<void>
}

export interface PlayedFpm extends AsyncDisposable {
  readonly address: FastcgiAddress
  readonly connections: readonly PlayedConnection[]
}

/** @param play called for each connection; `request` is the number of requests that have begun on it */
export async function playFpm(
  play: (connection: PlayedConnection, request: number) => void | Promise<void>,
): Promise<PlayedFpm> {
  const folder = mkdtempSync(join(tmpdir(), 'fig-played-'))
  const connections: PlayedConnection[] = []
  const server = createServer((socket) => {
    const connection = new Played(socket, (count) => void play(connection, count))
    connections.push(connection)
  })
  const path = join(folder, 'fpm.sock')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    address: { kind: 'unix', path },
    connections,
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) {
        socket.destroy()
      }
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function record(type: number, content: string | Buffer, padding = 0): Buffer {
  const bytes = Buffer.from(content)
  const header = Buffer.from([1, type, 0, 1, bytes.length >> 8, bytes.length & 255, padding, 0])
  return Buffer.concat([header, bytes, Buffer.alloc(padding)])
}

export function output(text: string | Buffer): Buffer {
  return record(recordType.output, text)
}

export function endRequest(status = 0): Buffer {
  return record(recordType.endRequest, Buffer.from([0, 0, 0, 0, status, 0, 0, 0]))
}

/** A whole answer. */
export function answer(text: string): Buffer {
  return Buffer.concat([output(text), output(''), endRequest()])
}

// --- internal ---

class Played implements PlayedConnection {
  readonly socket: Socket
  readonly records: { type: number; content: string }[] = []
  readonly closed: Promise<void>
  #bytes = Buffer.alloc(0)
  #waiting: (() => void)[] = []

  constructor(socket: Socket, onRequest: (count: number) => void) {
    this.socket = socket
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()))
    let begun = 0
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#readRecords()
      const count = this.records.filter(({ type }) => type === recordType.beginRequest).length
      for (; begun < count; begun += 1) {
        onRequest(begun + 1)
      }
      for (const wake of this.#waiting.splice(0)) {
        wake()
      }
    })
  }

  async has(type: number, count = 1): Promise<void> {
    while (this.records.filter((known) => known.type === type).length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #readRecords(): void {
    while (this.#bytes.length >= 8) {
      const length = this.#bytes.readUInt16BE(4)
      const end = 8 + length + (this.#bytes[6] as number)
      if (this.#bytes.length < end) {
        return
      }
      this.records.push({ type: this.#bytes[1] as number, content: this.#bytes.toString('latin1', 8, 8 + length) })
      this.#bytes = this.#bytes.subarray(end)
    }
  }
}
