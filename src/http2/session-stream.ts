import { constants, type ServerHttp2Stream } from 'node:http2'
import {
  type ClientStream,
  type Departure,
  HeaderList,
  headerBits,
  headerName,
  type IncomingFailure,
  type IncomingSink,
  type RequestHead,
} from '../http1/index.ts'
import { answerFields, fieldsObject } from './answer-fields.ts'

/** What a stream needs of the session that it runs in. */
export interface StreamOwner {
  readonly limits: {
    readonly bodyIdleTimeoutMs: number
    readonly bodyBytesMax: number
    readonly bodyRateMin: number
    readonly answerIdleTimeoutMs: number
  }
  /** Coarse time: of the last tick. */
  readonly now: number
  /** Another stream of the session holds bytes that nobody reads, which may keep this one's from coming. */
  holdsInput(asking: SessionStream): boolean
  forget(stream: SessionStream): void
  destroy(): void
}

/** How long a stream that was reset may take to go. */
const closeTimeoutMs = 5_000

/**
 * One request and its answer over HTTP/2.
 *
 * Life: running -> answered (END_STREAM was sent) -> departed, when node:http2 has closed the stream. A body that nobody read
 * by then is refused with RST_STREAM(NO_ERROR), which leaves the answer valid (RFC 9113 section 8.1).
 */
export class SessionStream implements ClientStream {
  /** nghttp2 keeps what it has taken until the client's window allows it: nobody can tell. */
  readonly flushed = false
  readonly head: RequestHead
  status = 0
  headSent = false
  closed = false
  /** Bytes of the body, and of the head before it was compressed. */
  bytesSent = 0
  begun = false
  onDrain: (() => void) | undefined = undefined
  onBegin: ((status: number, headers: HeaderList) => void) | undefined = undefined
  onDeparture: ((departure: Departure) => void) | undefined = undefined
  readonly #stream: ServerHttp2Stream
  readonly #owner: StreamOwner
  // the body
  #sink: IncomingSink | undefined
  #listens = false
  #paused = false
  #bodyEnded: boolean
  #delivered: boolean
  #awaitsContinue: boolean
  #returned: Buffer | undefined
  #trailersIn: HeaderList | undefined
  #bodyBytes = 0
  #bodyStartedAt = 0
  #timedBytes = 0
  #inputDeadline = 0
  // the answer
  #framing: 'none' | 'length' | 'until-end' = 'until-end'
  /** Waits for the first piece of the body, or the end, to go out together with it. */
  #waitingHead: string[] | undefined
  #answerLeft = 0
  #ended = false
  #trailersOut: HeaderList | undefined
  #outputDeadline = 0
  /** END_STREAM has left. */
  #allSent = false
  #closeDeadline = 0

  constructor(stream: ServerHttp2Stream, head: RequestHead, owner: StreamOwner) {
    this.#stream = stream
    this.#owner = owner
    this.head = head
    this.#bodyEnded = head.framing === 'none'
    this.#delivered = this.#bodyEnded
    this.#awaitsContinue = (head.headers.bits & headerBits.expect) !== 0 && !this.#bodyEnded
    stream.on('close', this.#onClose)
    stream.on('drain', this.#onDrain)
    stream.on('finish', this.#onFinish)
  }

  // --- Incoming ---

  get complete(): boolean {
    return this.#bodyEnded && this.#returned === undefined
  }

  /** Bytes that came wait for somebody to go on reading. */
  get holdsInput(): boolean {
    return !this.#bodyEnded && this.#listens && (this.#paused || this.#sink === undefined)
  }

  read(sink: IncomingSink): void {
    this.#sink = sink
    this.#paused = false
    this.#sendContinue()
    this.#deliver()
  }

  pause(): void {
    this.#paused = true
    // The client is not to blame while nobody reads.
    this.#inputDeadline = 0
    this.#bodyStartedAt = 0
    this.#stream.pause()
  }

  resume(): void {
    if (this.#paused) {
      this.#paused = false
      this.#deliver()
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

  // --- Answer ---

  inform(status: number, headers: HeaderList): void {
    if (!this.headSent && status > 101 && status < 200 && this.#isOpen()) {
      this.#stream.additionalHeaders({ ...fieldsObject(headers), ':status': status })
    }
  }

  begin(status: number, _reason: string, headers: HeaderList): void {
    if (this.headSent || this.closed) {
      return
    }
    this.headSent = true
    this.status = status
    this.onBegin?.(status, headers)
    this.#framing = this.#frame(status, headers)
    this.#waitingHead = answerFields(status, headers)
  }

  write(chunk: Buffer): boolean {
    if (this.#framing === 'none' || chunk.length === 0 || this.#ended || !this.#isOpen()) {
      return true
    }
    if (this.#framing === 'length') {
      if (chunk.length > this.#answerLeft) {
        this.cut()
        return true
      }
      this.#answerLeft -= chunk.length
    }
    this.#sendHead(false)
    this.bytesSent += chunk.length
    const takesMore = this.#stream.write(chunk)
    if (!takesMore) {
      this.#outputDeadline = this.#owner.now + this.#owner.limits.answerIdleTimeoutMs
    }
    return takesMore
  }

  end(trailers?: HeaderList): void {
    if (this.#ended || !this.#isOpen()) {
      return
    }
    if (this.#framing === 'length' && this.#answerLeft > 0) {
      this.cut()
      return
    }
    this.#ended = true
    this.#trailersOut = this.#framing === 'until-end' ? trailers : undefined
    this.#sendHead(this.#trailersOut === undefined)
    this.#stream.end()
    this.#outputDeadline = this.#owner.now + this.#owner.limits.answerIdleTimeoutMs
  }

  flush(): void {
    if (this.#framing !== 'none' && !this.#ended && this.#isOpen()) {
      this.#sendHead(false)
    }
  }

  cut(): void {
    this.#break('cut', constants.NGHTTP2_INTERNAL_ERROR, 'the answer was cut')
  }

  // --- for the session ---

  checkDeadlines(now: number): void {
    if (this.#inputDeadline !== 0 && now >= this.#inputDeadline) {
      this.#onInputLate(now)
    }
    if (this.#outputDeadline !== 0 && now >= this.#outputDeadline) {
      this.#break('stalled', constants.NGHTTP2_CANCEL, 'the client takes nothing')
    }
    if (this.#ended) {
      this.#closeUnread()
    }
    if (this.#closeDeadline !== 0 && now >= this.#closeDeadline) {
      // The client takes nothing of the whole session: not even our RST_STREAM leaves.
      this.#owner.destroy()
    }
  }

  // --- internal ---

  #isOpen(): boolean {
    return !this.closed && !this.#stream.closed && !this.#stream.destroyed
  }

  // the body

  #sendContinue(): void {
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false
      if (!this.headSent && this.#isOpen()) {
        this.#stream.additionalHeaders({ ':status': 100 })
      }
    }
  }

  /** Hands over what is here, and lets the rest come. */
  #deliver(): void {
    const returned = this.#returned
    if (returned !== undefined) {
      this.#returned = undefined
      this.begun = true
      this.#sink?.onData(returned)
      if (this.#paused || this.#sink === undefined) {
        return
      }
    }
    if (this.#bodyEnded) {
      this.#finishBody()
      return
    }
    const { now, limits } = this.#owner
    this.#inputDeadline = now + limits.bodyIdleTimeoutMs
    if (this.#bodyStartedAt === 0) {
      this.#bodyStartedAt = now
      this.#timedBytes = 0
    }
    this.#listen()
    this.#stream.resume()
  }

  #listen(): void {
    if (!this.#listens) {
      this.#listens = true
      this.#stream.on('trailers', this.#onTrailers)
      this.#stream.on('data', this.#onData)
      this.#stream.on('end', this.#onEnd)
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#awaitsContinue = false
    if (this.#delivered) {
      return
    }
    if (this.#paused || this.#sink === undefined) {
      this.#returned = this.#returned === undefined ? chunk : Buffer.concat([this.#returned, chunk])
      this.#stream.pause()
      return
    }
    this.begun = true
    this.#bodyBytes += chunk.length
    this.#timedBytes += chunk.length
    if (this.#bodyBytes > this.#owner.limits.bodyBytesMax) {
      this.#breakBody('too-large', 'the body is larger than the limit')
      return
    }
    this.#inputDeadline = this.#owner.now + this.#owner.limits.bodyIdleTimeoutMs
    this.#checkRate()
    this.#sink?.onData(chunk)
  }

  /** A client that sends a byte now and then is never idle, and holds a PHP worker all the same. */
  #checkRate(): void {
    const { bodyIdleTimeoutMs, bodyRateMin } = this.#owner.limits
    const elapsedMs = this.#owner.now - this.#bodyStartedAt
    if (elapsedMs > bodyIdleTimeoutMs && this.#timedBytes * 1000 < bodyRateMin * elapsedMs) {
      this.#breakBody('timeout', 'the body comes too slowly')
    }
  }

  readonly #onTrailers = (_headers: unknown, _flags: number, fields: unknown): void => {
    this.#trailersIn = trailerList(fields as readonly string[])
  }

  readonly #onEnd = (): void => {
    const { aborted, rstCode } = this.#stream
    if (aborted || rstCode !== constants.NGHTTP2_NO_ERROR || this.#bodyBytes < this.head.length) {
      // Node ends the readable side of a stream that was reset, too; its close event follows.
      return
    }
    this.#bodyEnded = true
    this.#inputDeadline = 0
    this.#finishBody()
  }

  #finishBody(): void {
    if (this.#returned === undefined && !this.#delivered && this.#sink !== undefined) {
      const sink = this.#sink
      this.#sink = undefined
      this.#delivered = true
      sink.onEnd(this.#trailersIn)
    }
  }

  #breakBody(why: IncomingFailure, detail: string): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#inputDeadline = 0
    this.#stream.pause()
    if (!this.#delivered) {
      this.#delivered = true
      sink?.onBroken(why, detail)
    }
  }

  #onInputLate(now: number): void {
    if (this.#owner.holdsInput(this)) {
      // The window of the session may be taken up by a body that we don't read: not this body's fault.
      this.#inputDeadline = now + this.#owner.limits.bodyIdleTimeoutMs
      this.#bodyStartedAt = now
      this.#timedBytes = 0
    } else {
      this.#breakBody('timeout', 'the body did not come in time')
    }
  }

  // the answer

  #frame(status: number, headers: HeaderList): 'none' | 'length' | 'until-end' {
    // 205: node:http2 ends the stream with the head, as RFC 9110 section 15.3.6 has no body there.
    if (this.head.method === 'HEAD' || status === 204 || status === 205 || status === 304) {
      return 'none'
    }
    const length = (headers.bits & headerBits.contentLength) === 0 ? undefined : headers.first('content-length')
    if (length === undefined) {
      return 'until-end'
    }
    this.#answerLeft = Number(length)
    return 'length'
  }

  #sendHead(isAll: boolean): void {
    const fields = this.#waitingHead
    if (fields === undefined) {
      return
    }
    this.#waitingHead = undefined
    for (const field of fields) {
      this.bytesSent += field.length
    }
    const endStream = isAll || this.#framing === 'none'
    const waitForTrailers = !endStream && this.#framing === 'until-end'
    if (waitForTrailers) {
      this.#stream.once('wantTrailers', this.#onWantTrailers)
    }
    this.#stream.respond(fields, { endStream, waitForTrailers })
  }

  /** Without trailers this ends the stream by an empty DATA frame. */
  readonly #onWantTrailers = (): void => {
    if (this.#isOpen()) {
      this.#stream.sendTrailers(this.#trailersOut === undefined ? {} : fieldsObject(this.#trailersOut))
    }
  }

  readonly #onDrain = (): void => {
    this.#outputDeadline = 0
    this.onDrain?.()
  }

  /** Everything was handed to the session. */
  readonly #onFinish = (): void => {
    if (this.#ended) {
      setImmediate(() => this.#closeUnread())
    }
  }

  /** Once END_STREAM is out the rest of the request is not waited for. */
  #closeUnread(): void {
    if (this.#isOpen() && this.#stream.writableFinished && this.#stream.state.localClose === 1) {
      this.#allSent = true
      this.#dropInput()
      this.#stream.close(constants.NGHTTP2_NO_ERROR)
    }
  }

  /** node:http2 closes a stream only when everything that came was read. */
  #dropInput(): void {
    this.#sink = undefined
    this.#delivered = true
    this.#stream.resume()
  }

  #break(departure: Departure, code: number, detail: string): void {
    if (!this.closed) {
      this.#depart(departure, detail)
      this.#dropInput()
      this.#stream.close(code)
      this.#closeDeadline = this.#owner.now + closeTimeoutMs
    }
  }

  readonly #onClose = (): void => {
    const { rstCode, writableFinished } = this.#stream
    const finished = this.#ended && writableFinished && (this.#allSent || rstCode === constants.NGHTTP2_NO_ERROR)
    this.#closeDeadline = 0
    this.#depart(finished ? 'finished' : 'left', 'the client took its request back')
    this.#owner.forget(this)
  }

  /** Tells both halves that it is over. */
  #depart(departure: Departure, detail: string): void {
    if (this.closed) {
      return
    }
    this.closed = true
    this.#inputDeadline = 0
    this.#outputDeadline = 0
    const sink = this.#sink
    this.#sink = undefined
    if (departure !== 'finished' && sink !== undefined && !this.#delivered) {
      this.#delivered = true
      sink.onBroken('left', detail)
    }
    this.onDeparture?.(departure)
  }
}

const dropAll: IncomingSink = { onData: () => {}, onEnd: () => {}, onBroken: () => {} }

/** Names that are no tokens never come here; pseudo-headers in trailers are an error that nghttp2 answers. */
function trailerList(fields: readonly string[]): HeaderList {
  const list = new HeaderList()
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = headerName(fields[i] as string)
    if (name !== undefined) {
      list.add(name, fields[i + 1] as string)
    }
  }
  return list
}
