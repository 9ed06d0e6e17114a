import type { Connection } from './connection.ts'
import { contentBytesMax, inputHeader } from './records.ts'
import type { Spool } from './spool.ts'

/** The body of a request on its way to php-fpm. */
export class ScriptInput {
  /** Everything was sent. */
  isWhole: boolean
  /** php-fpm takes no more for now. */
  isBlocked = false
  readonly #connection: Connection
  #spool: Spool | undefined
  #spoolSent = 0

  constructor(connection: Connection, hasBody: boolean) {
    this.#connection = connection
    this.isWhole = !hasBody
  }

  /** False: wait for drained(). */
  send(chunk: Buffer): boolean {
    if (this.isWhole) {
      return true
    }
    for (let from = 0; from < chunk.length; from += contentBytesMax) {
      const content = chunk.subarray(from, from + contentBytesMax)
      this.isBlocked = !this.#connection.write(inputHeader(content.length), content)
    }
    return !this.isBlocked
  }

  end(): void {
    if (!this.isWhole) {
      this.isWhole = true
      this.#connection.write(inputHeader(0))
    }
  }

  /** @param onEnd an error, where the file of the spool can't be read */
  sendSpool(spool: Spool, onEnd: (error: Error | undefined) => void): void {
    this.#spool = spool
    spool.read(this.#spoolSent, (error, chunk) => {
      if (this.#spool === undefined) {
        return
      }
      if (error !== null || (chunk.length === 0 && this.#spoolSent < spool.length)) {
        onEnd(error ?? new Error('the spooled body became shorter'))
        return
      }
      this.#spoolSent += chunk.length
      const isTaken = this.send(chunk)
      if (this.#spoolSent === spool.length) {
        this.end()
        onEnd(undefined)
      } else if (isTaken) {
        this.sendSpool(spool, onEnd)
      }
    })
  }

  stop(): void {
    this.isWhole = true
    this.#spool = undefined
  }
}
