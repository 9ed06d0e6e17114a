import { close, constants, fstat, open, read } from 'node:fs'
import type { HeaderList } from '../../http1/index.ts'
import type { Cause } from '../causes.ts'
import type { CallEvents, OutgoingRequest, UpstreamCall } from '../upstream-call.ts'
import { type DocumentTree, fileName } from './document-tree.ts'
import { type FileAnswer, type Piece, planFileAnswer } from './file-answer.ts'
import { pageOf } from './own-page.ts'
import type { StaticFile } from './resolve-target.ts'
import type { FastcgiSite } from './site.ts'

export interface FileCallParts {
  readonly request: OutgoingRequest
  readonly site: FastcgiSite
  readonly tree: DocumentTree
  readonly events: CallEvents
  readonly onDone: () => void
}

/** Answers a request with a file, or with a page of our own; no script is asked, or one has asked for it. */
export class FileCall implements UpstreamCall {
  readonly reused = false
  readonly #parts: FileCallParts
  #pieces: readonly Piece[] = []
  #piece = 0
  #position = 0
  #file: number | undefined
  #isReading = false
  #isPaused = false
  #isDone = false

  constructor(parts: FileCallParts) {
    this.#parts = parts
  }

  /** @param given what a script said about the file that it hands over */
  sendFile(file: StaticFile, given?: HeaderList): void {
    const { method } = this.#parts.request
    if (given === undefined && method !== 'GET' && method !== 'HEAD') {
      this.sendPage(405)
      return
    }
    this.#open(file, given, undefined)
  }

  sendPage(status: number, location?: string): void {
    const { site, tree } = this.#parts
    const page = site.errorPages?.[status]
    if (page !== undefined && tree.look(page) === 'file') {
      this.#open({ file: tree.root + page, address: page, expires: undefined }, undefined, status)
      return
    }
    this.#sendPlainPage(status, location)
  }

  /** A body is of no interest here. */
  write(): boolean {
    return true
  }

  end(): void {}

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#send()
  }

  abort(): void {
    this.#finish()
  }

  /** A disk has no deadlines. */
  checkDeadline(): void {}

  fail(cause: Cause, error: Error | undefined): void {
    if (this.#finish()) {
      this.#parts.events.onFailure(cause, error)
    }
  }

  // --- internal ---

  #sendPlainPage(status: number, location?: string): void {
    const { reason, headers, body } = pageOf(status, location)
    process.nextTick(() => this.#begin({ status, reason, headers, body: [body] }))
  }

  #open(file: StaticFile, given: HeaderList | undefined, status: number | undefined): void {
    open(fileName(file.file), constants.O_RDONLY | constants.O_NONBLOCK, (error, descriptor) => {
      if (error !== null) {
        // A page that can't be read must not be looked for once more.
        status === undefined ? this.sendPage(error.code === 'EACCES' ? 403 : 404) : this.#sendPlainPage(status)
        return
      }
      this.#file = descriptor
      fstat(descriptor, (statError, stats) => {
        if (statError !== null || !stats.isFile()) {
          this.#sendPlainPage(status ?? 404)
          return
        }
        const { request, site } = this.#parts
        const facts = { ...file, size: stats.size, modifiedMs: stats.mtimeMs }
        const question = { method: request.method, headers: request.headers, given, status }
        this.#begin(planFileAnswer(facts, question, site.files ?? {}))
      })
    })
  }

  #begin({ status, reason, headers, body }: FileAnswer): void {
    if (this.#isDone) {
      this.#closeFile()
      return
    }
    this.#pieces = this.#parts.request.method === 'HEAD' ? [] : body
    this.#parts.events.onHead({ status, reason, headers })
    this.#send()
  }

  #send(): void {
    while (!this.#isDone && !this.#isPaused && !this.#isReading) {
      const piece = this.#pieces[this.#piece]
      if (piece === undefined) {
        this.#finish()
        this.#parts.events.onEnd(undefined)
      } else if (Buffer.isBuffer(piece)) {
        this.#piece += 1
        this.#parts.events.onData(piece)
      } else if (piece.from + this.#position >= piece.to) {
        this.#piece += 1
        this.#position = 0
      } else {
        this.#read(piece.from + this.#position, piece.to)
      }
    }
  }

  #read(at: number, to: number): void {
    const file = this.#file
    if (file === undefined) {
      return
    }
    this.#isReading = true
    const chunk = Buffer.allocUnsafe(Math.min(readBytes, to - at))
    read(file, chunk, 0, chunk.length, at, (error, bytes) => {
      this.#isReading = false
      if (this.#isDone) {
        this.#closeFile()
      } else if (error !== null || bytes === 0) {
        this.fail('answer-body-upstream', error ?? new Error('the file became shorter while it was sent'))
      } else {
        this.#position += bytes
        this.#parts.events.onData(chunk.subarray(0, bytes))
        if (!this.#isDone) {
          this.#parts.events.onBatchEnd()
        }
        this.#send()
      }
    })
  }

  /** False when it had ended before. */
  #finish(): boolean {
    if (this.#isDone) {
      return false
    }
    this.#isDone = true
    if (!this.#isReading) {
      this.#closeFile()
    }
    this.#parts.onDone()
    return true
  }

  #closeFile(): void {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) {
      close(file, () => {})
    }
  }
}

// --- internal ---

const readBytes = 64 * 1024
