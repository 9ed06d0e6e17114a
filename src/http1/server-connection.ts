import type { Socket } from 'node:net'
import type { ConnectionOwner } from './connection-owner.ts'
import { mayHaveEnded } from './header-lines.ts'
import type { Departure } from './message.ts'
import { persists } from './persistence.ts'
import { type HeadRefusal, headBytesMax, type RequestHead, readRequestHead } from './request-head.ts'
import { ServerStream, type StreamHost } from './server-stream.ts'
import { noteTransient } from './transient-memory.ts'
import { isWebSocketHandshake } from './websocket-handshake.ts'
import { writeTogether } from './write-together.ts'

/** Bytes of further requests that are held while one is being answered. */
const pipelinedBytesMax = 64 * 1024
/** Bytes of an answer that wait for a slow client before PHP is asked to wait too. */
const unsentBytesMax = 128 * 1024
/** A refused client may still be sending: it is listened to this long, so that it reads the answer and gets no reset. */
const lingerIdleMs = 2_000
const lingerTotalMs = 10_000

/**
 * One client's connection that speaks HTTP/1.x. One request at a time: what is pipelined behind it waits, so that answers
 * can't overtake each other and nothing behind a refused request is ever looked at.
 *
 * Life: (head -> exchange)* -> lingering -> closed. Lingering is the half-closed time in which what still comes is dropped.
 */
export class ServerConnection implements StreamHost {
  readonly socket: Socket
  readonly secure: boolean
  readonly #under: Socket | undefined
  readonly peer: string
  /** Requests so far. */
  requests = 0
  /** For the handler: what it knows of the peer, looked up once. */
  peerFacts: unknown = undefined
  readonly #owner: ConnectionOwner
  #stream: ServerStream | undefined
  #rest: Buffer | undefined
  #working = false
  #paused = false
  #inputEnded = false
  #lingering = false
  #clientPersists = true
  /** Bytes of a head that has not come whole. */
  #headBytesSeen = 0
  /** When the client must have done what it owes us; 0 for never. */
  #inputDeadline: number
  #outputDeadline = 0
  #lingerEnd = 0
  #bytesSentBefore = 0
  #bodyStartedAt = 0
  #bodyBytes = 0

  /** @param under the socket that this one speaks TLS over */
  constructor(socket: Socket, under: Socket | undefined, owner: ConnectionOwner) {
    this.socket = socket
    this.secure = under !== undefined
    this.#under = under
    this.#owner = owner
    this.peer = socket.remoteAddress ?? ''
    this.#inputDeadline = owner.now + owner.limits.headTimeoutMs
    // One set of listeners for all sockets: five closures for each of ten thousand idle ones would be megabytes.
    ;(socket as ConnectedSocket)[connectionOf] = this
    socket.on('data', onData)
    socket.on('end', onEnd)
    socket.on('error', onError)
    socket.on('close', onClose)
    socket.on('drain', onDrain)
  }

  /** No request is being answered, and none has begun to come. */
  get idle(): boolean {
    return this.#stream === undefined && this.#rest === undefined && !this.#lingering
  }

  get peerPort(): number {
    return this.socket.remotePort ?? 0
  }

  get localAddress(): string {
    return this.socket.localAddress ?? ''
  }

  get busy(): boolean {
    return this.#stream !== undefined
  }

  /** Closes a connection that waits for nothing; others end with their exchange, as mayPersist() says. */
  closeIfIdle(): void {
    if (this.idle) {
      this.#linger()
    }
  }

  destroy(): void {
    this.socket.destroy()
  }

  failed(error: unknown): void {
    this.socket.destroy()
    this.#owner.handler.onDefect(error)
  }

  /** By the coarse clock: whoever is late is answered 408, or cut. */
  checkDeadlines(now: number): void {
    if (this.#inputDeadline !== 0 && now >= this.#inputDeadline) {
      this.#onInputLate()
    }
    if (this.#outputDeadline !== 0 && now >= this.#outputDeadline) {
      this.#end('stalled', 'the client takes nothing')
    }
    if (this.#lingering && now >= this.#lingerEnd) {
      this.socket.destroy()
    }
  }

  // --- for its stream ---

  send(pieces: readonly (string | Buffer)[]): boolean {
    const { socket } = this
    const [first] = pieces
    if (pieces.length === 1 && first !== undefined) {
      typeof first === 'string' ? socket.write(first, 'latin1') : socket.write(first)
    } else {
      writeTogether(socket, pieces)
    }
    // Not writableNeedDrain: that is set by every large write, also by one that the system has taken whole already.
    if (socket.writableLength < unsentBytesMax) {
      return true
    }
    this.#outputDeadline = this.#owner.now + this.#owner.limits.answerIdleTimeoutMs
    return false
  }

  wantsInput(): void {
    const { now, limits } = this.#owner
    if (this.#bodyStartedAt === 0) {
      this.#bodyStartedAt = now
      this.#bodyBytes = 0
    }
    this.#inputDeadline = now + limits.bodyIdleTimeoutMs
    this.#work()
  }

  holdInput(): void {
    // The client is not to blame while nobody reads.
    this.#inputDeadline = 0
    this.#bodyStartedAt = 0
    this.#setPaused(true)
  }

  mayPersist(): boolean {
    const { draining, limits } = this.#owner
    const over = this.#inputEnded && this.#rest === undefined
    return !draining && this.requests < limits.requestsMax && this.#clientPersists && !over && !this.#owner.letsGo()
  }

  hasReceived(bytes: number): boolean {
    return this.#rest !== undefined && this.#rest.length >= bytes
  }

  answerEnded(): void {
    if (this.socket.writableLength === 0) {
      this.#finish()
    } else {
      // The last bytes wait for the client: it is not over yet.
      this.socket.write('', () => this.#finish())
    }
  }

  cut(): void {
    this.#end('cut', 'the answer was cut')
  }

  get unsentBytes(): number {
    return this.socket.writableLength
  }

  dateLine(): string {
    return this.#owner.dateLine()
  }

  // --- what its socket says ---

  received(chunk: Buffer): void {
    if (this.#lingering) {
      this.#inputDeadline = this.#owner.now + lingerIdleMs
      return
    }
    this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#work()
  }

  inputEnded(): void {
    this.#inputEnded = true
    const stream = this.#stream
    if (this.#lingering || (stream === undefined && this.#rest === undefined)) {
      this.socket.destroySoon()
    } else if (stream === undefined) {
      this.#refuse({ kind: 'bad-request', detail: 'the request breaks off' })
    } else if (stream.bodyEnded) {
      this.#watchHalfClosed(stream)
    } else {
      this.#endIfCutShort(stream)
    }
  }

  closed(): void {
    this.#inputDeadline = 0
    this.#outputDeadline = 0
    this.#owner.forget(this)
    this.#stream?.depart('left', 'the client closed the connection')
    this.#stream = undefined
  }

  drained(): void {
    this.#outputDeadline = 0
    this.#stream?.onDrain?.()
  }

  // --- internal ---

  /** Goes through what was received as far as it can be used now. */
  #work(): void {
    if (this.#working) {
      return
    }
    this.#working = true
    while (this.#rest !== undefined && !this.#lingering) {
      const stream = this.#stream
      if (stream === undefined ? !this.#readHead(this.#rest) : !this.#feed(stream, this.#rest)) {
        break
      }
    }
    this.#working = false
    const stream = this.#stream
    if (this.#inputEnded && stream !== undefined) {
      this.#endIfCutShort(stream)
    }
    const held = this.#rest !== undefined && stream !== undefined
    this.#setPaused(held && (stream.bodyEnded ? (this.#rest as Buffer).length > pipelinedBytesMax : !stream.wantsInput))
  }

  #setPaused(paused: boolean): void {
    if (paused !== this.#paused) {
      this.#paused = paused
      paused ? this.socket.pause() : this.socket.resume()
    }
  }

  /** False when there is no more to do with what is here. */
  #feed(stream: ServerStream, chunk: Buffer): boolean {
    if (stream.bodyEnded || !stream.wantsInput) {
      return false
    }
    this.#rest = undefined
    const rest = stream.feed(chunk)
    this.#rest =
      rest === undefined || this.#rest === undefined ? (rest ?? this.#rest) : Buffer.concat([rest, this.#rest])
    if (stream.bodyEnded) {
      this.#inputDeadline = 0
      this.#bodyStartedAt = 0
    } else if (this.#bodyStartedAt !== 0) {
      this.#bodyBytes += chunk.length - (rest?.length ?? 0)
      noteTransient(chunk.length)
      this.#inputDeadline = this.#owner.now + this.#owner.limits.bodyIdleTimeoutMs
      this.#checkRate(this.#bodyBytes, this.#owner.now - this.#bodyStartedAt)
    }
    return true
  }

  /** A client that sends a byte now and then is never idle, and holds a PHP worker all the same. */
  #checkRate(bytes: number, elapsedMs: number): void {
    const { bodyIdleTimeoutMs, bodyRateMin } = this.#owner.limits
    if (elapsedMs > bodyIdleTimeoutMs && bytes * 1000 < bodyRateMin * elapsedMs) {
      this.#stream?.breakBody('timeout', 'the body comes too slowly')
    }
  }

  #readHead(bytes: Buffer): boolean {
    if (this.#headBytesSeen > 0 && !mayHaveEnded(bytes, this.#headBytesSeen, headBytesMax) && !this.#inputEnded) {
      this.#headBytesSeen = bytes.length
      return false
    }
    const read = readRequestHead(bytes)
    switch (read.kind) {
      case 'incomplete':
        if (bytes.length > headBytesMax + 16) {
          this.#refuse({ kind: 'head-too-large', detail: 'the head is too large' })
        } else if (this.#inputEnded) {
          this.#refuse({ kind: 'bad-request', detail: 'the request breaks off' })
        } else {
          if (this.#headBytesSeen === 0) {
            this.#inputDeadline = this.#owner.now + this.#owner.limits.headTimeoutMs
          }
          this.#headBytesSeen = bytes.length
        }
        return false
      case 'refused':
        this.#refuse(read.refusal)
        return false
      case 'head':
        this.#rest = read.end < bytes.length ? bytes.subarray(read.end) : undefined
        this.#start(read.head)
        return true
    }
  }

  #start(head: RequestHead): void {
    this.requests += 1
    this.#headBytesSeen = 0
    this.#inputDeadline = 0
    this.#clientPersists = persists(head)
    if (isWebSocketHandshake(head)) {
      this.#upgrade(head)
      return
    }
    const stream = new ServerStream(this, head, this.#owner.limits.bodyBytesMax)
    this.#stream = stream
    if (this.#inputEnded) {
      this.#watchHalfClosed(stream)
    }
    this.#owner.handler.onRequest(stream, this)
  }

  /** No more will come, and what is here is not the whole request. */
  #endIfCutShort(stream: ServerStream): void {
    if (this.#inputEnded && !stream.bodyEnded && this.#rest === undefined) {
      this.#end('left', 'the client closed the connection in the middle of its request')
    }
  }

  /** Who is gone and who has only closed its half look alike until bytes are sent: without any for a while, it is gone. */
  #watchHalfClosed({ bytesSent }: ServerStream): void {
    this.#bytesSentBefore = bytesSent
    this.#inputDeadline = this.#owner.now + this.#owner.limits.halfCloseTimeoutMs
  }

  #upgrade(head: RequestHead): void {
    const rest = this.#rest ?? Buffer.alloc(0)
    const { socket } = this
    this.#rest = undefined
    this.#lingering = true
    this.#lingerEnd = Number.POSITIVE_INFINITY
    socket.pause()
    socket.off('data', onData).off('end', onEnd).off('drain', onDrain).off('close', onClose)
    this.#owner.forget(this)
    this.#owner.handler.onUpgrade(head, this, rest)
  }

  /** Everything of an answer has left. */
  #finish(): void {
    const stream = this.#stream
    if (stream === undefined) {
      return
    }
    this.#outputDeadline = 0
    const persists = stream.persists && this.#passBody(stream)
    this.#stream = undefined
    stream.depart('finished', '')
    if (!persists || this.#owner.draining || (this.#inputEnded && this.#rest === undefined)) {
      this.#linger()
      return
    }
    const { now, limits } = this.#owner
    this.#inputDeadline = now + (this.#rest === undefined ? limits.keepAliveTimeoutMs : limits.headTimeoutMs)
    if (this.#rest !== undefined || this.#paused) {
      this.#work()
    }
  }

  /** True when nothing of the request's body is left that could be taken for another request. */
  #passBody(stream: ServerStream): boolean {
    if (!stream.bodyEnded && this.#rest !== undefined) {
      this.#rest = stream.skip(this.#rest)
    }
    return stream.bodyEnded
  }

  #end(departure: Departure, detail: string): void {
    const stream = this.#stream
    this.#stream = undefined
    this.#inputDeadline = 0
    this.#outputDeadline = 0
    if (departure === 'cut' && stream?.endsByClosing !== true) {
      // What was sent arrives; a length not reached, or a missing last chunk, shows that it is not all.
      this.#linger()
    } else if (departure === 'cut' && !this.socket.destroyed) {
      // Here an ordinary close would be the end of the answer: only a reset can't be mistaken for it. Over TLS a missing
      // close_notify shows the same, but many clients don't look.
      const socket = this.#under ?? this.socket
      socket.resetAndDestroy()
    } else {
      this.socket.destroy()
    }
    stream?.depart(departure, detail)
  }

  #onInputLate(): void {
    const stream = this.#stream
    this.#inputDeadline = 0
    if (this.#lingering) {
      this.socket.destroy()
    } else if (stream === undefined) {
      this.#rest === undefined ? this.#linger() : this.#refuse('head-timeout')
    } else if (!stream.bodyEnded) {
      stream.breakBody('timeout', 'the body did not come in time')
    } else if (this.#inputEnded) {
      if (stream.bytesSent === this.#bytesSentBefore) {
        this.#end('left', 'the client closed the connection')
      } else {
        this.#watchHalfClosed(stream)
      }
    }
  }

  #refuse(refusal: HeadRefusal | 'head-timeout'): void {
    const seen = this.#rest?.toString('latin1', 0, 8192) ?? ''
    const answer = this.#owner.handler.onRefused(refusal, /\r\naccept:([^\r\n]*)/i.exec(seen)?.[1])
    const method = seen.startsWith('HEAD ') ? 'HEAD' : 'GET'
    const head = `HTTP/1.1 ${answer.status} ${answer.reason}\r\n${answer.headers.toLines()}${this.dateLine()}Connection: close\r\n\r\n`
    this.#rest = undefined
    this.send(method === 'HEAD' ? [head] : [head, answer.body])
    this.#linger()
  }

  /** Says that it is over, and listens a while: closing at once would reset what the client has not read yet. */
  #linger(): void {
    if (this.#lingering) {
      return
    }
    this.#lingering = true
    this.#rest = undefined
    this.#lingerEnd = this.#owner.now + lingerTotalMs
    this.#inputDeadline = this.#owner.now + lingerIdleMs
    this.socket.end()
    if (this.#inputEnded) {
      this.socket.destroySoon()
    }
    this.#setPaused(false)
  }
}

const connectionOf = Symbol('connection')
type ConnectedSocket = Socket & { [connectionOf]?: ServerConnection }

/** A defect of ours costs the connection on which it shows, not the process and all its other visitors. */
function onData(this: ConnectedSocket, chunk: Buffer): void {
  const connection = this[connectionOf]
  try {
    connection?.received(chunk)
  } catch (error) {
    connection?.failed(error)
  }
}

function onEnd(this: ConnectedSocket): void {
  this[connectionOf]?.inputEnded()
}

function onError(this: Socket): void {
  this.destroy()
}

function onClose(this: ConnectedSocket): void {
  this[connectionOf]?.closed()
}

function onDrain(this: ConnectedSocket): void {
  this[connectionOf]?.drained()
}
