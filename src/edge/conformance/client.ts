import net, { type Socket } from 'node:net'
import type { ClientStep } from './case.ts'
import { describe, fill } from './php.ts'
import { parseResponse, type StrictMessage } from './strict-parser.ts'
import { Received, type Watch } from './watch.ts'

export interface Answer {
  readonly message: StrictMessage
  readonly status: number
  readonly interim: readonly StrictMessage[]
}

export interface Answers {
  readonly complete: readonly Answer[]
  readonly violation: string | undefined
  /** Bytes behind the last complete answer. */
  readonly rest: Buffer
}

/** The client of one case: sends what its steps say, keeps what comes back. */
export class Client {
  readonly received = new Received()
  readonly #socket: Socket
  readonly #watch: Watch
  #sent = ''

  constructor(port: number, watch: Watch) {
    this.#watch = watch
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    const end = (how: 'fin' | 'reset'): void => {
      this.received.ended ??= how
      watch.notify()
    }
    this.#socket.on('data', (chunk: Buffer) => {
      this.received.add(chunk)
      watch.notify()
    })
    this.#socket.on('error', () => end('reset'))
    this.#socket.on('end', () => end('fin'))
    this.#socket.on('close', () => end('fin'))
  }

  send(bytes: string): void {
    this.#sent += bytes
    if (this.#socket.destroyed || this.#socket.writableEnded) {
      return
    }
    this.#socket.write(Buffer.from(bytes, 'latin1'))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Runs the steps; tells which one waited in vain. */
  async run(
    steps: readonly ClientStep[],
    php: { got(part: string | RegExp): boolean; closed(): number },
  ): Promise<string | undefined> {
    for (const step of steps) {
      if (!(await this.#step(step, php))) {
        return `the client waited in vain for ${describe(step)}; it got ${JSON.stringify(this.received.bytes.toString('latin1', 0, 500))}`
      }
    }
    return undefined
  }

  /** What was received, read as answers to what was sent. */
  answers(): Answers {
    const heads = [...this.#sent.matchAll(/(?:^|\n)([A-Za-z]+) [^\r\n]+ HTTP\/1\.\d\r\n/g)].map(
      ([, method = '']) => method,
    )
    const { bytes, ended } = this.received
    const complete: Answer[] = []
    let interim: StrictMessage[] = []
    let at = 0
    while (at < bytes.length) {
      const parsed = parseResponse(bytes, at, heads[complete.length] ?? 'GET', ended === 'fin')
      if (parsed.kind === 'invalid') {
        return { complete, violation: parsed.why, rest: bytes.subarray(at) }
      }
      if (parsed.kind === 'incomplete') {
        break
      }
      const { message } = parsed
      const status = Number(message.start.slice(9, 12))
      at = message.endsAt
      if (status < 200 && status !== 101) {
        interim.push(message)
        continue
      }
      complete.push({ message, status, interim })
      interim = []
      if (status === 101) {
        break
      }
    }
    return { complete, violation: undefined, rest: bytes.subarray(at) }
  }

  // --- internal ---

  async #step(step: ClientStep, php: { got(part: string | RegExp): boolean; closed(): number }): Promise<boolean> {
    const socket = this.#socket
    if (step === 'half-close') {
      socket.end()
      return true
    }
    if (step === 'reset') {
      // Only once everything is on its way.
      await new Promise<void>((resolve) => socket.write('', () => resolve()))
      socket.resetAndDestroy()
      return true
    }
    if (step === 'pause' || step === 'resume') {
      socket[step]()
      return true
    }
    const { received } = this
    if (step === 'closed') {
      return (await this.#watch.until(() => received.ended)) !== undefined
    }
    if (typeof step === 'string') {
      this.send(step)
      return true
    }
    if ('fill' in step) {
      await fill(socket, step.fill)
      return true
    }
    if ('tryAfterMs' in step) {
      if (received.ended === undefined) {
        await new Promise((resolve) => setTimeout(resolve, step.tryAfterMs))
        this.send(step.bytes)
      }
      return true
    }
    if ('quietMs' in step) {
      await new Promise((resolve) => setTimeout(resolve, step.quietMs))
      return received.ended === undefined
    }
    const seen =
      'got' in step
        ? () => received.has(step.got)
        : 'phpGot' in step
          ? () => php.got(step.phpGot)
          : () => php.closed() >= step.phpClosed
    return (await this.#watch.until(() => seen() || undefined)) === true
  }
}
