/** Tells everybody who waits in one case that something has happened: no wait is for time, none is for ever. */
export class Watch {
  readonly #waiting = new Set<() => void>()
  readonly #patienceMs: number

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  notify(): void {
    for (const look of [...this.#waiting]) {
      look()
    }
  }

  /** The first answer that is not undefined; undefined when patience ends. */
  until<T>(ask: () => T | undefined): Promise<T | undefined> {
    const first = ask()
    if (first !== undefined) {
      return Promise.resolve(first)
    }
    return new Promise((resolve) => {
      const settle = (answer: T | undefined): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(answer)
      }
      const look = (): void => {
        const answer = ask()
        if (answer !== undefined) {
          settle(answer)
        }
      }
      const timer = setTimeout(settle, this.#patienceMs, undefined)
      this.#waiting.add(look)
    })
  }
}

/** What one socket has received, and how it ended. */
export class Received {
  #store: Buffer = Buffer.alloc(16 * 1024)
  #length = 0
  ended: 'fin' | 'reset' | undefined

  add(chunk: Buffer): void {
    if (this.#length + chunk.length > this.#store.length) {
      // Doubled, so that large bodies are not copied again and again.
      const larger = Buffer.alloc(Math.max(this.#store.length * 2, this.#length + chunk.length))
      this.#store.copy(larger, 0, 0, this.#length)
      this.#store = larger
    }
    chunk.copy(this.#store, this.#length)
    this.#length += chunk.length
  }

  get bytes(): Buffer {
    return this.#store.subarray(0, this.#length)
  }

  has(part: string | RegExp, from = 0): boolean {
    return typeof part === 'string'
      ? this.bytes.indexOf(part, from, 'latin1') !== -1
      : part.test(this.bytes.toString('latin1', from))
  }
}
