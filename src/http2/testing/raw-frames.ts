import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

// Frames of HTTP/2 written by hand, for what a well-behaved client never sends.

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const

export type FrameType = keyof typeof frameTypes

export const endStream = 1
export const acknowledged = 1
export const endHeaders = 4

export const preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export function frame(type: FrameType, flags: number, streamId: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload)
  const head = Buffer.alloc(9)
  head.writeUIntBE(bytes.length, 0, 3)
  head[3] = frameTypes[type]
  head[4] = flags
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, bytes])
}

export type Fields = readonly (readonly [name: string, value: string])[]

/** Literals without index and without Huffman code (RFC 7541 section 6.2.2): any byte can be said. */
export function headerBlock(fields: Fields): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]))
}

export function headers(streamId: number, fields: Fields, flags: number = endStream | endHeaders): Buffer {
  return frame('headers', flags, streamId, headerBlock(fields))
}

export function reset(streamId: number, code: number): Buffer {
  return frame('reset', 0, streamId, uint32(code))
}

export function windowUpdate(streamId: number, bytes: number): Buffer {
  return frame('window', 0, streamId, uint32(bytes))
}

/** @param settings id and value of each (RFC 9113 section 6.5.2) */
export function settings(...settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = settings.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]))
  return frame('settings', 0, 0, Buffer.concat(payload))
}

/** The fields of a usual GET, with some of them changed or added. */
export function getFields(...more: Fields): Fields {
  const usual: Fields = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/'],
    [':authority', 'site.example'],
  ]
  const names = new Set(more.map(([name]) => name))
  return [...usual.filter(([name]) => !names.has(name)), ...more].toSorted(
    ([a], [b]) => Number(b.startsWith(':')) - Number(a.startsWith(':')),
  )
}

export interface Frame {
  readonly type: FrameType
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

/** A connection that sends what it is given and keeps what comes back. */
export class RawSession implements Disposable {
  readonly socket: Socket
  readonly frames: Frame[] = []
  closed = false
  #rest: Buffer = Buffer.alloc(0)

  /** @param socket connected, or about to be; an own one to `port` by default */
  constructor(port: number, socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
    socket.on('end', () => {
      this.closed = true
    })
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
  }

  /** A session that has said hello. */
  static open(port: number, firstSettings: Buffer = settings()): RawSession {
    const session = new RawSession(port)
    session.send(preface, firstSettings)
    return session
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** Frames of one stream, of one type. */
  of(type: FrameType, streamId?: number): readonly Frame[] {
    return this.frames.filter((frame) => frame.type === type && (streamId === undefined || frame.streamId === streamId))
  }

  body(streamId: number): string {
    return Buffer.concat(this.of('data', streamId).map(({ payload }) => payload)).toString('latin1')
  }

  /** How a stream ended: by its last frame, or by the code of a RST_STREAM, or with the connection. */
  async end(streamId: number): Promise<'ended' | 'closed' | number> {
    return until(() => {
      const code = this.of('reset', streamId)[0]?.payload.readUInt32BE(0)
      const whole = this.frames.some(
        ({ type, streamId: id, flags }) =>
          id === streamId && (type === 'data' || type === 'headers') && (flags & 1) === 1,
      )
      return whole ? 'ended' : (code ?? (this.closed ? 'closed' : undefined))
    }, `the end of stream ${streamId}`)
  }

  /** The code of the GOAWAY that ended the session; undefined when it was closed without. */
  async goaway(): Promise<number | undefined> {
    await until(() => this.closed || undefined, 'the end of the session')
    return this.of('goaway').at(-1)?.payload.readUInt32BE(4)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #onData(chunk: Buffer): void {
    let rest = Buffer.concat([this.#rest, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const length = rest.readUIntBE(0, 3)
      const type = typeNames[rest[3] as number]
      if (type !== undefined) {
        const streamId = rest.readUInt32BE(5)
        this.frames.push({ type, flags: rest[4] as number, streamId, payload: rest.subarray(9, 9 + length) })
      }
      rest = rest.subarray(9 + length)
    }
    this.#rest = rest
  }
}

/** Asks again until there is an answer; fails loudly. */
export async function until<T>(ask: () => T | undefined, what: string, timeoutMs = 5_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = ask()
    if (answer !== undefined) {
      return answer
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    }
    await delay(5)
  }
}

// --- internal ---

const typeNames: readonly (FrameType | undefined)[] = Object.keys(frameTypes) as FrameType[]

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** RFC 7541 section 5.1 and 5.2. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  const length: number[] = []
  let left = bytes.length
  if (left < 127) {
    length.push(left)
  } else {
    length.push(127)
    for (left -= 127; left >= 128; left = Math.floor(left / 128)) {
      length.push((left % 128) + 128)
    }
    length.push(left)
  }
  return Buffer.concat([Buffer.from(length), bytes])
}
