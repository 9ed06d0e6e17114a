import { randomBytes } from 'node:crypto'
import { close, constants, open, read, unlinkSync, write } from 'node:fs'
import { join } from 'node:path'

/** What is held in memory; beyond that a body goes to the disk. */
export const spoolMemoryBytesMax = 64 * 1024

export interface SpoolOptions {
  /** Where the file is made. It has no name there for longer than the opening takes. */
  readonly directory: string
  readonly bytesMax: number
  /** Bytes are taken again, after send() said false. */
  readonly onDrain: () => void
  /** Everything is there, after end(). */
  readonly onComplete: (length: number) => void
  /** The body is larger than `bytesMax`. */
  readonly onTooLarge: () => void
  /** The disk does not take it. */
  readonly onFailure: (error: Error) => void
}

/**
 * Collects a body whose length is not known before its end: php-fpm reads as many bytes as CONTENT_LENGTH says, so without
 * one it finds an empty body, or waits for ever. Small ones stay in memory; the file of a large one loses its name as soon as it is
 * open, so that nothing is left of it however this process ends.
 */
export class Spool {
  readonly #options: SpoolOptions
  #held: Buffer[] = []
  #heldBytes = 0
  #length = 0
  #file: number | undefined
  #fileBytes = 0
  #isBusy = false
  #hasEnded = false
  #isClosed = false
  #wantsDrain = false

  constructor(options: SpoolOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#length
  }

  /** False: wait for onDrain. */
  send(chunk: Buffer): boolean {
    if (this.#isClosed) {
      return true
    }
    this.#length += chunk.length
    if (this.#length > this.#options.bytesMax) {
      this.discard()
      this.#options.onTooLarge()
      return true
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes > spoolMemoryBytesMax || this.#file !== undefined) {
      this.#toDisk()
    }
    this.#wantsDrain = this.#isBusy && this.#heldBytes > spoolMemoryBytesMax
    return !this.#wantsDrain
  }

  end(): void {
    this.#hasEnded = true
    this.#step()
  }

  /** Reads on from `at`; answers with an empty buffer at the end. Once complete. */
  read(at: number, done: (error: Error | null, chunk: Buffer) => void): void {
    if (this.#file === undefined) {
      const all = Buffer.concat(this.#held)
      process.nextTick(done, null, all.subarray(at))
      return
    }
    const chunk = Buffer.allocUnsafe(readBytes)
    read(this.#file, chunk, 0, readBytes, at, (error, bytes) => done(error, chunk.subarray(0, bytes)))
  }

  discard(): void {
    this.#isClosed = true
    this.#held = []
    if (!this.#isBusy && this.#file !== undefined) {
      close(this.#file, () => {})
      this.#file = undefined
    }
  }

  // --- internal ---

  #step(): void {
    if (this.#isBusy) {
      return
    }
    if (this.#isClosed) {
      this.discard()
    } else if (this.#file !== undefined && this.#held.length > 0) {
      this.#toDisk()
    } else if (this.#hasEnded) {
      this.#options.onComplete(this.#length)
    } else if (this.#wantsDrain) {
      this.#wantsDrain = false
      this.#options.onDrain()
    }
  }

  #toDisk(): void {
    if (this.#isBusy) {
      return
    }
    this.#isBusy = true
    if (this.#file === undefined) {
      this.#open()
      return
    }
    const bytes = Buffer.concat(this.#held)
    this.#held = []
    this.#heldBytes = 0
    this.#writeAll(this.#file, bytes)
  }

  #open(): void {
    const path = join(this.#options.directory, `fig-upload-${randomBytes(12).toString('hex')}`)
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    open(path, flags, 0o600, (error, file) => {
      if (error !== null) {
        this.#fail(error)
        return
      }
      this.#file = file
      try {
        unlinkSync(path)
      } catch (unlinkError) {
        this.#fail(unlinkError as Error)
        return
      }
      this.#isBusy = false
      this.#step()
    })
  }

  #writeAll(file: number, bytes: Buffer): void {
    write(file, bytes, 0, bytes.length, this.#fileBytes, (error, written) => {
      if (error !== null) {
        this.#fail(error)
        return
      }
      this.#fileBytes += written
      if (written < bytes.length) {
        this.#writeAll(file, bytes.subarray(written))
        return
      }
      this.#isBusy = false
      this.#step()
    })
  }

  #fail(error: Error): void {
    const wasClosed = this.#isClosed
    this.#isBusy = false
    this.discard()
    if (!wasClosed) {
      this.#options.onFailure(error)
    }
  }
}

// --- internal ---

const readBytes = 64 * 1024
