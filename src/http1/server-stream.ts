import { ChunkedDecoder } from './chunked-decoder.ts'
import type { HeaderList } from './header-list.ts'
import { headerBits } from './header-names.ts'
import type { ClientStream, Departure, IncomingFailure, IncomingSink } from './message.ts'
import type { RequestHead } from './request-head.ts'

/** What a stream needs of the connection that it runs on. */
export interface StreamHost {
  /** Writes at once; false when the client takes no more for now. */
  send(pieces: readonly (string | Buffer)[]): boolean
  /** Somebody reads the body now, or goes on reading. */
  wantsInput(): void
  holdInput(): void
  /** True when the connection may carry another request after this answer. */
  mayPersist(): boolean
  /** The whole of a body with a length has been received already. */
  hasReceived(bytes: number): boolean
  answerEnded(): void
  cut(): void
  /** Bytes that were sent and wait for the client. */
  readonly unsentBytes: number
  /** The Date header of this second. */
  dateLine(): string
}

/**
 * One request and its answer on a connection of HTTP/1.x. The request's body comes in through feed(), the answer's bytes are
 * collected and go out together at flush(): head, body and end of a usual answer are one write.
 */
export class ServerStream implements ClientStream {
  readonly head: RequestHead
  status = 0
  headSent = false
  closed = false
  bytesSent = 0
  onDrain: (() => void) | undefined = undefined
  onBegin: ((status: number, headers: HeaderList) => void) | undefined = undefined
  /** One listener, called once: how this exchange came to its end. */
  onDeparture: ((departure: Departure) => void) | undefined = undefined
  begun = false
  /** The end of the body was seen on the connection (bytes that were given back may still wait). */
  bodyEnded: boolean
  readonly #host: StreamHost
  readonly #bodyBytesMax: number
  #bodyBytes = 0
  #sink: IncomingSink | undefined
  #paused = false
  #awaitsContinue: boolean
  #bodyLeft: number
  readonly #decoder: ChunkedDecoder | undefined
  #returned: Buffer | undefined
  #delivered = false
  /** How the end of the answer is told; undefined before its head. */
  #framing: 'none' | 'length' | 'chunked' | 'until-close' | undefined
  #answerLeft = 0
  #persists = true
  #pieces: (string | Buffer)[] = []
  #collectedBytes = 0

  constructor(host: StreamHost, head: RequestHead, bodyBytesMax: number) {
    this.#host = host
    this.#bodyBytesMax = bodyBytesMax
    this.head = head
    this.bodyEnded = head.framing === 'none'
    this.#bodyLeft = head.length
    this.#decoder = head.framing === 'chunked' ? new ChunkedDecoder() : undefined
    // HTTP/1.0 knows no 1xx (RFC 9110 section 10.1.1).
    this.#awaitsContinue = (head.headers.bits & headerBits.expect) !== 0 && head.minor === 1 && !this.bodyEnded
  }

  // --- Incoming ---

  get complete(): boolean {
    return this.bodyEnded && this.#returned === undefined
  }

  read(sink: IncomingSink): void {
    this.#sink = sink
    this.#paused = false
    this.#sendContinue()
    this.#deliverReturned()
    if (this.bodyEnded) {
      this.#finishBody()
    } else if (!this.#paused) {
      this.#host.wantsInput()
    }
  }

  pause(): void {
    this.#paused = true
    this.#host.holdInput()
  }

  resume(): void {
    if (!this.#paused) {
      return
    }
    this.#paused = false
    this.#deliverReturned()
    if (this.#paused) {
      return
    }
    if (this.bodyEnded) {
      this.#finishBody()
    } else {
      this.#host.wantsInput()
    }
  }

  unread(chunk: Buffer): void {
    this.#returned = this.#returned === undefined ? chunk : Buffer.concat([chunk, this.#returned])
    this.#sink = undefined
  }

  discard(): void {
    this.#awaitsContinue = false
    this.read(dropAll)
  }

  // --- for the connection ---

  /** Somebody takes bytes at this moment. */
  get wantsInput(): boolean {
    return this.#sink !== undefined && !this.#paused
  }

  /** Only the end of the connection tells the client that it has everything. */
  get endsByClosing(): boolean {
    return this.#framing === 'until-close'
  }

  get persists(): boolean {
    return this.#persists
  }

  /** Takes the body's bytes of `chunk`; what stands behind the end of the body is returned. */
  feed(chunk: Buffer): Buffer | undefined {
    this.#awaitsContinue = false
    return this.#decoder === undefined ? this.#feedLength(chunk) : this.#feedChunks(chunk, this.#decoder)
  }

  /** The rest of a body that was received whole, and that nobody has asked for, is passed over. */
  skip(chunk: Buffer): Buffer | undefined {
    const left = this.#bodyLeft
    this.#bodyLeft = 0
    this.bodyEnded = true
    return chunk.length > left ? chunk.subarray(left) : undefined
  }

  /** Tells both halves that it is over. */
  depart(departure: Departure, detail: string): void {
    if (this.closed) {
      return
    }
    this.closed = true
    const sink = this.#sink
    this.#sink = undefined
    if (departure !== 'finished' && sink !== undefined && !this.#delivered) {
      this.#delivered = true
      sink.onBroken('left', detail)
    }
    this.onDeparture?.(departure)
  }

  breakBody(why: Exclude<IncomingFailure, 'left'>, detail: string): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#persists = false
    if (!this.#delivered) {
      this.#delivered = true
      sink?.onBroken(why, detail)
    }
  }

  // --- Answer ---

  get flushed(): boolean {
    return this.#pieces.length === 0 && this.#host.unsentBytes === 0
  }

  inform(status: number, headers: HeaderList): void {
    if (this.headSent || this.closed || this.head.minor === 0) {
      return
    }
    this.#send([`HTTP/1.1 ${status} ${reasonOfInformation[status] ?? 'Information'}\r\n${headers.toLines()}\r\n`])
  }

  begin(status: number, reason: string, headers: HeaderList): void {
    if (this.headSent || this.closed) {
      return
    }
    this.headSent = true
    this.status = status
    this.onBegin?.(status, headers)
    let head = `HTTP/1.1 ${status} ${reason}\r\n${headers.toLines()}`
    const framing = this.#frame(status, headers)
    this.#framing = framing
    if (framing === 'chunked') {
      head += 'Transfer-Encoding: chunked\r\n'
    }
    if ((headers.bits & headerBits.date) === 0) {
      head += this.#host.dateLine()
    }
    this.#persists =
      this.#persists &&
      framing !== 'until-close' &&
      (this.bodyEnded || (this.#decoder === undefined && this.#host.hasReceived(this.#bodyLeft))) &&
      this.#host.mayPersist()
    if (!this.#persists) {
      head += 'Connection: close\r\n\r\n'
    } else {
      head += this.head.minor === 0 ? 'Connection: keep-alive\r\n\r\n' : '\r\n'
    }
    this.#collect(head, head.length)
  }

  write(chunk: Buffer): boolean {
    if (this.closed || this.#framing === 'none' || chunk.length === 0) {
      return true
    }
    if (this.#framing === 'chunked') {
      this.#collect(`${chunk.length.toString(16)}\r\n`, 16)
      this.#collect(chunk, chunk.length)
      this.#collect('\r\n', 2)
    } else {
      if (this.#framing === 'length' && chunk.length > this.#answerLeft) {
        // More than was announced would be read as the next answer.
        this.flush()
        this.cut()
        return true
      }
      this.#answerLeft -= chunk.length
      this.#collect(chunk, chunk.length)
    }
    return this.#collectedBytes < flushBytes || this.#flush()
  }

  end(trailers?: HeaderList): void {
    if (this.closed) {
      return
    }
    if (this.#framing === 'length' && this.#answerLeft > 0) {
      this.cut()
      return
    }
    if (this.#framing === 'chunked') {
      this.#collect(trailers === undefined ? '0\r\n\r\n' : `0\r\n${trailers.toLines()}\r\n`, 5)
    }
    this.flush()
    this.#host.answerEnded()
  }

  flush(): void {
    this.#flush()
  }

  cut(): void {
    if (!this.closed) {
      this.#host.cut()
    }
  }

  // --- internal ---

  #sendContinue(): void {
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false
      if (!this.headSent && !this.closed) {
        this.#send(['HTTP/1.1 100 Continue\r\n\r\n'])
      }
    }
  }

  #deliverReturned(): void {
    const returned = this.#returned
    if (returned !== undefined && this.#sink !== undefined) {
      this.#returned = undefined
      this.begun = true
      this.#sink.onData(returned)
    }
  }

  #feedLength(chunk: Buffer): Buffer | undefined {
    const left = this.#bodyLeft
    const piece = chunk.length > left ? chunk.subarray(0, left) : chunk
    this.#bodyLeft = left - piece.length
    this.begun = true
    this.bodyEnded = this.#bodyLeft === 0
    this.#sink?.onData(piece)
    if (this.bodyEnded) {
      this.#finishBody()
    }
    return chunk.length > left ? chunk.subarray(left) : undefined
  }

  #feedChunks(chunk: Buffer, decoder: ChunkedDecoder): Buffer | undefined {
    const end = decoder.decode(chunk, 0, this.#onPiece)
    if (decoder.fault !== undefined) {
      this.bodyEnded = true
      this.breakBody('malformed', decoder.fault)
      return undefined
    }
    if (decoder.done) {
      this.bodyEnded = true
      this.#finishBody()
    }
    return end < chunk.length ? chunk.subarray(end) : undefined
  }

  readonly #onPiece = (piece: Buffer): void => {
    this.begun = true
    this.#bodyBytes += piece.length
    if (this.#bodyBytes > this.#bodyBytesMax) {
      this.breakBody('too-large', 'the body is larger than the limit')
    }
    if (this.#paused && this.#sink !== undefined) {
      // One read may hold many chunks; who asked for a pause gets what was read with it later.
      this.#returned = this.#returned === undefined ? piece : Buffer.concat([this.#returned, piece])
      return
    }
    this.#sink?.onData(piece)
  }

  #finishBody(): void {
    if (this.#returned !== undefined || this.#delivered || this.#sink === undefined) {
      return
    }
    const sink = this.#sink
    this.#sink = undefined
    this.#delivered = true
    sink.onEnd(this.#decoder?.trailers)
  }

  #frame(status: number, headers: HeaderList): 'none' | 'length' | 'chunked' | 'until-close' {
    if (this.head.method === 'HEAD' || status === 204 || status === 304) {
      return 'none'
    }
    if ((headers.bits & headerBits.contentLength) !== 0) {
      const length = headers.first('content-length')
      if (length !== undefined) {
        this.#answerLeft = Number(length)
        return 'length'
      }
    }
    return this.head.minor === 1 ? 'chunked' : 'until-close'
  }

  /** Texts that follow each other are one piece. */
  #collect(piece: string | Buffer, bytes: number): void {
    const last = this.#pieces.length - 1
    if (typeof piece === 'string' && typeof this.#pieces[last] === 'string') {
      this.#pieces[last] += piece
    } else {
      this.#pieces.push(piece)
    }
    this.#collectedBytes += bytes
  }

  #flush(): boolean {
    if (this.#pieces.length === 0) {
      return true
    }
    const pieces = this.#pieces
    this.#pieces = []
    this.#collectedBytes = 0
    return this.closed || this.#send(pieces)
  }

  #send(pieces: readonly (string | Buffer)[]): boolean {
    for (const piece of pieces) {
      this.bytesSent += piece.length
    }
    return this.#host.send(pieces)
  }
}

/** Collected bytes are sent on when they are this many: a large body is not gathered. */
const flushBytes = 48 * 1024

const reasonOfInformation: Readonly<Record<number, string | undefined>> = { 102: 'Processing', 103: 'Early Hints' }

const dropAll: IncomingSink = { onData: () => {}, onEnd: () => {}, onBroken: () => {} }
