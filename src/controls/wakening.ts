/** A pause that can be ended from outside. A wake while nobody sleeps ends the next pause at once: none is lost. */
export class Wakening {
  #woken = false
  #rise: (() => void) | undefined

  wake(): void {
    this.#woken = true
    this.#rise?.()
  }

  async sleep(forMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#woken && !signal.aborted) {
      const over = Promise.withResolvers<void>()
      const timer = setTimeout(over.resolve, forMs)
      this.#rise = over.resolve
      signal.addEventListener('abort', this.#rise, { once: true })
      await over.promise
      clearTimeout(timer)
      signal.removeEventListener('abort', this.#rise)
      this.#rise = undefined
    }
    this.#woken = false
  }
}
