import type { Logger } from '../../platform/index.ts'

const linesMax = 20
const lineBytesMax = 2_000

/** Writes what PHP says beside its answer (FastCGI's STDERR) to the log, line by line, up to a bound for each request. */
export class ErrorOutput {
  readonly #log: Logger
  readonly #script: string
  #line = ''
  #lines = 0
  #dropped = 0

  constructor(log: Logger, script: string) {
    this.#log = log
    this.#script = script
  }

  push(piece: Buffer): void {
    const lines = (this.#line + piece.toString('latin1')).split('\n')
    this.#line = lines.pop() as string
    for (const line of lines) {
      this.#write(line)
    }
    // The rest of a line that is too long is not kept either.
    this.#line = this.#line.slice(0, lineBytesMax + 1)
  }

  end(): void {
    this.#write(this.#line)
    this.#line = ''
    if (this.#dropped > 0) {
      this.#log.warn({ script: this.#script, lines: this.#dropped }, 'PHP said more than is logged for one request')
      this.#dropped = 0
    }
  }

  // --- internal ---

  #write(bytes: string): void {
    const line = Buffer.from(bytes.slice(0, lineBytesMax), 'latin1').toString('utf8').trimEnd()
    if (line === '') {
      return
    }
    if (this.#lines === linesMax) {
      this.#dropped += 1
      return
    }
    this.#lines += 1
    this.#log.warn({ script: this.#script, said: line }, 'PHP said')
  }
}
