import type { Incoming, IncomingFailure, IncomingSink } from '../exchange.ts'
import type { HeaderList } from '../http1/index.ts'
import type { Cause } from './causes.ts'
import type { UpstreamCall } from './upstream-call.ts'

/** Why a body ended before its end, as a cause. */
const causeOfBreak: Readonly<Record<IncomingFailure, Cause>> = {
  left: 'client-left',
  malformed: 'request-invalid',
  timeout: 'request-body-timeout',
  'too-large': 'request-body-too-large',
}

/** Feeds a client's body to PHP, as fast as PHP takes it. */
export class BodyFeed implements IncomingSink {
  readonly #incoming: Incoming
  readonly #call: UpstreamCall
  readonly #onBroken: (cause: Cause, error: Error) => void

  constructor(incoming: Incoming, call: UpstreamCall, onBroken: (cause: Cause, error: Error) => void) {
    this.#incoming = incoming
    this.#call = call
    this.#onBroken = onBroken
  }

  onData(chunk: Buffer): void {
    if (!this.#call.write(chunk)) {
      this.#incoming.pause()
    }
  }

  onEnd(trailers: HeaderList | undefined): void {
    this.#call.end(trailers)
  }

  onBroken(why: IncomingFailure, detail: string): void {
    this.#onBroken(causeOfBreak[why], new Error(detail))
  }
}
