import type { Client, Notification } from 'pg'
import type { Logger } from '../platform/index.ts'
import { parseGtidPosition } from './capture/gtid.ts'
import type { WaitablePosition } from './waitable-position.ts'

/** A process that stands by waits for a position: its text. The leader stores its progress when it has got there. */
export const wantedPositionChannel = 'fig_wanted_position'

/** What other processes wait for, heard on the applier's connection. */
export class WantedPositions {
  readonly #client: Client
  readonly #applied: WaitablePosition
  readonly #log: Logger
  readonly #onDue: () => void
  readonly #closing = new AbortController()
  #waiting = 0
  #due = false

  /** `onDue` is called when a position that somebody wants has been reached. */
  constructor(client: Client, applied: WaitablePosition, log: Logger, onDue: () => void) {
    this.#client = client
    this.#applied = applied
    this.#log = log
    this.#onDue = onDue
    client.on('notification', this.#hear)
  }

  /** True once after each time that the progress is to be stored. */
  takeDue(): boolean {
    const due = this.#due
    this.#due = false
    return due
  }

  close(): void {
    this.#client.off('notification', this.#hear)
    this.#closing.abort()
  }

  // --- internal ---

  readonly #hear = ({ channel, payload = '' }: Notification): void => {
    if (channel !== wantedPositionChannel || this.#waiting >= waitingMax) return
    this.#waiting += 1
    void this.#wait(payload).finally(() => {
      this.#waiting -= 1
    })
  }

  async #wait(text: string): Promise<void> {
    try {
      const wanted = parseGtidPosition(text)
      const options = { timeoutMs: waitTimeoutMs, signal: this.#closing.signal }
      if (!(await this.#applied.reached(wanted, options))) return
      this.#due = true
      this.#onDue()
    } catch (error) {
      this.#log.warn({ err: error }, 'somebody asks for a position that is none')
    }
  }
}

/** Who waits longer has given up by then. */
const waitTimeoutMs = 2000
const waitingMax = 1000
