import { readScriptHead, type ScriptHead } from './script-head.ts'

export interface ScriptAnswerEvents {
  /** False: the body is not wanted. */
  onHead(head: ScriptHead): boolean
  onData(piece: Buffer): void
  /** More came than the Content-Length says; the rest is dropped. */
  onExcess(): void
}

/** Takes a script's output apart: the head, and as many bytes of a body as there are to be. */
export class ScriptAnswer {
  readonly #method: string
  readonly #events: ScriptAnswerEvents
  #held: Buffer | undefined
  #begun = false
  #headDone = false
  #dropsBody = false
  /** Bytes that are still to come, if the script said how many there are. */
  #left: number | undefined

  constructor(method: string, events: ScriptAnswerEvents) {
    this.#method = method
    this.#events = events
  }

  /** Some of it has come. */
  get begun(): boolean {
    return this.#begun
  }

  get headDone(): boolean {
    return this.#headDone
  }

  /** Bytes that the Content-Length announced and that did not come. */
  get missing(): number {
    return this.#left ?? 0
  }

  /** Returns what is wrong with the head. */
  push(piece: Buffer): string | undefined {
    this.#begun = true
    if (this.#headDone) {
      this.#passBody(piece)
      return undefined
    }
    const bytes = this.#held === undefined ? piece : Buffer.concat([this.#held, piece])
    const read = readScriptHead(bytes)
    if (read.kind === 'incomplete') {
      this.#held = bytes
      return undefined
    }
    if (read.kind === 'invalid') {
      return read.fault
    }
    this.#held = undefined
    this.#headDone = true
    const { status, length } = read.head
    this.#dropsBody = this.#method === 'HEAD' || status === 204 || status === 304
    this.#left = this.#dropsBody ? undefined : length
    if (!this.#events.onHead(read.head)) {
      this.#dropsBody = true
    } else if (read.end < bytes.length) {
      this.#passBody(bytes.subarray(read.end))
    }
    return undefined
  }

  // --- internal ---

  #passBody(piece: Buffer): void {
    if (this.#dropsBody) {
      return
    }
    if (this.#left === undefined || piece.length <= this.#left) {
      this.#left = this.#left === undefined ? undefined : this.#left - piece.length
      this.#events.onData(piece)
      return
    }
    const wanted = piece.subarray(0, this.#left)
    this.#left = 0
    this.#dropsBody = true
    if (wanted.length > 0) {
      this.#events.onData(wanted)
    }
    this.#events.onExcess()
  }
}
