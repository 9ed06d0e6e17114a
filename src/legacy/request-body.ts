import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { Exchange } from '../exchange.ts'
import { ForwardError } from './causes.ts'

/** True when the head of the request announces a body. */
export function announcesBody(req: IncomingMessage): boolean {
  const { headers } = req
  if (headers['transfer-encoding'] !== undefined) {
    return true
  }
  const length = headers['content-length']
  return length !== undefined && length !== '0'
}

/**
 * The client's body on its way to PHP. It stands between the two because undici destroys the body that it was given when PHP
 * answers early or fails: destroying the request itself would cut the client off before it has read that answer.
 * The first read asks the client to go on, if it waits for that: by then the connection to PHP stands.
 */
export class RequestBody extends Readable {
  readonly #req: IncomingMessage
  readonly #exchange: Exchange
  readonly #idleTimer: NodeJS.Timeout

  constructor(exchange: Exchange, idleTimeoutMs: number) {
    super({ highWaterMark: 64 * 1024 })
    const { req } = exchange
    this.#req = req
    this.#exchange = exchange
    this.#idleTimer = setTimeout(this.#onIdle, idleTimeoutMs)
    req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onClose)
    req.pause()
  }

  override _read(): void {
    this.#exchange.sendContinue()
    this.#idleTimer.refresh()
    this.#req.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idleTimer)
    const req = this.#req
    req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).off('error', this.#onClose)
    // Whatever else the client sends is read and dropped, so that it comes to read the answer.
    req.on('error', ignore)
    req.resume()
    done(error)
  }

  // --- internal ---

  readonly #onData = (chunk: Buffer): void => {
    this.#idleTimer.refresh()
    if (!this.push(chunk)) {
      this.#req.pause()
    }
  }

  readonly #onEnd = (): void => {
    clearTimeout(this.#idleTimer)
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (!this.#req.complete) {
      this.destroy(new ForwardError('request-body-client'))
    }
  }

  /** While PHP does not take what the client sends (paused), the client is not to blame; PHP's own timeout runs. */
  readonly #onIdle = (): void => {
    if (this.#req.isPaused()) {
      this.#idleTimer.refresh()
      return
    }
    this.destroy(new ForwardError('request-body-timeout'))
  }
}

function ignore(): void {}
