import net, { type AddressInfo, type Socket } from 'node:net'
import type { PhpScript, PhpStep } from './case.ts'
import { type Parsed, parseRequest, type StrictHead, type StrictMessage } from './strict-parser.ts'
import { Received, type Watch } from './watch.ts'

/** The upstream of one case: keeps every byte per connection, parses strictly, and answers by script. */
export interface Php {
  readonly url: string
  readonly connections: readonly PhpConnection[]
  /** Steps that waited in vain. */
  readonly problems: readonly string[]
  close(): Promise<void>
}

export interface PhpOptions {
  readonly scripts: readonly PhpScript[]
  readonly clientGot: (part: string | RegExp) => boolean
  readonly port?: number
}

/** Paths of the interpreter's own requests: always echoed. */
export const ownTargets = /^[A-Z]+ \/(?:follow-up|barrier)[ ?]/

export function startPhp(watch: Watch, options: PhpOptions): Promise<Php> {
  const connections: PhpConnection[] = []
  const problems: string[] = []
  const next = { index: 0 }
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new PhpConnection(socket, { watch, options, problems, next })
    connections.push(connection)
    connection.serve().catch((error: unknown) => problems.push(`PHP's script: ${error}`))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        connections,
        problems,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            for (const connection of connections) {
              connection.destroy()
            }
          }),
      })
    })
  })
}

interface Shared {
  readonly watch: Watch
  readonly options: PhpOptions
  readonly problems: string[]
  /** Which script the next request gets. */
  readonly next: { index: number }
}

export class PhpConnection {
  readonly received = new Received()
  readonly requests: StrictMessage[] = []
  /** Why the bytes are no strict HTTP. */
  violation: string | undefined
  /** The request that has begun and is not complete. */
  begun: StrictHead | undefined
  begunBody: Buffer = Buffer.alloc(0)
  readonly #socket: Socket
  readonly #shared: Shared
  #at = 0

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket
    this.#shared = shared
    const end = (how: 'fin' | 'reset'): void => {
      this.received.ended ??= how
      shared.watch.notify()
    }
    socket.on('data', (chunk: Buffer) => {
      this.received.add(chunk)
      shared.watch.notify()
    })
    socket.on('error', () => end('reset'))
    socket.on('end', () => {
      end('fin')
      socket.end()
    })
    socket.on('close', () => end('fin'))
  }

  /** Requests of the case, without those of the interpreter. */
  get ofCase(): readonly StrictMessage[] {
    return this.requests.filter(({ start }) => !ownTargets.test(start))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async serve(): Promise<void> {
    while (this.received.ended === undefined) {
      const head = await this.#until(() => this.#head())
      if (head === undefined || head === 'over') {
        return
      }
      const script = this.#scriptFor(head)
      const early = script[0] === 'early' ? this.#run(script, head) : undefined
      const message = await this.#wholeMessage()
      if (message === undefined) {
        return
      }
      this.requests.push(message)
      this.begun = undefined
      this.#at = message.endsAt
      this.#shared.watch.notify()
      await (early ?? this.#run(script, head))
      if (script.some((step) => typeof step === 'string' && step.startsWith('HTTP/1.1 101'))) {
        return
      }
    }
  }

  // --- internal ---

  /** As long as the connection lasts: idle connections outlive the patience of single steps. */
  async #until<T>(ask: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = await this.#shared.watch.until(ask)
      if (found !== undefined || this.received.ended !== undefined) {
        return found
      }
    }
  }

  #parsed(): Parsed {
    const parsed = parseRequest(this.received.bytes, this.#at)
    if (parsed.kind === 'invalid') {
      this.violation ??= parsed.why
    } else if (parsed.kind === 'incomplete' && parsed.head !== undefined) {
      this.begun = parsed.head
      this.begunBody = parsed.bodySoFar ?? this.begunBody
    }
    return parsed
  }

  #head(): StrictHead | 'over' | undefined {
    const parsed = this.#parsed()
    if (parsed.kind === 'message') {
      return parsed.message
    }
    if (parsed.kind === 'invalid') {
      return 'over'
    }
    return parsed.head ?? (this.received.ended === undefined ? undefined : 'over')
  }

  async #wholeMessage(): Promise<StrictMessage | undefined> {
    const found = await this.#until(() => {
      const parsed = this.#parsed()
      if (parsed.kind === 'message') {
        return parsed.message
      }
      return parsed.kind === 'invalid' || this.received.ended !== undefined ? ('over' as const) : undefined
    })
    return found === 'over' ? undefined : found
  }

  #scriptFor({ start }: StrictHead): readonly PhpStep[] {
    const { scripts } = this.#shared.options
    if (ownTargets.test(start) || scripts.length === 0) {
      return echo(start)
    }
    const script = scripts[Math.min(this.#shared.next.index, scripts.length - 1)] as PhpScript
    this.#shared.next.index += 1
    return typeof script === 'string' ? [script] : script
  }

  async #run(script: readonly PhpStep[], { start }: StrictHead): Promise<void> {
    for (const step of script) {
      if (this.#socket.destroyed) {
        return
      }
      if (!(await this.#step(step))) {
        if (this.received.ended === undefined) {
          this.#shared.problems.push(`PHP, on ${start.slice(0, 60)}: waited in vain for ${describe(step)}`)
        }
        return
      }
    }
  }

  async #step(step: PhpStep): Promise<boolean> {
    const socket = this.#socket
    if (step === 'early') {
      return true
    }
    if (step === 'fin') {
      socket.end()
      return true
    }
    if (step === 'reset') {
      socket.resetAndDestroy()
      return true
    }
    if (step === 'pause' || step === 'resume') {
      socket[step]()
      return true
    }
    if (typeof step === 'string') {
      socket.write(Buffer.from(step, 'latin1'))
      return true
    }
    if ('fill' in step) {
      return fill(socket, step.fill)
    }
    const { watch, options } = this.#shared
    const seen = 'got' in step ? () => this.received.has(step.got) : () => options.clientGot(step.clientGot)
    return (await watch.until(() => seen() || undefined)) === true
  }
}

/** Writes as much as the other side takes, in pieces; false when it takes no more. */
export async function fill(socket: Socket, bytes: number): Promise<boolean> {
  for (let left = bytes; left > 0; left -= filler.length) {
    if (socket.destroyed || !socket.writable) {
      return false
    }
    if (!socket.write(left >= filler.length ? filler : filler.subarray(0, left))) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          socket.off('drain', done)
          socket.off('close', done)
          resolve()
        }
        socket.on('drain', done)
        socket.on('close', done)
      })
    }
  }
  return true
}

export function describe(step: unknown): string {
  return JSON.stringify(step, (_key, value: unknown) => (value instanceof RegExp ? String(value) : value))
}

// --- internal ---

const filler = Buffer.alloc(64 * 1024, 'x')

function echo(start: string): readonly PhpStep[] {
  const [method = '', target = ''] = start.split(' ')
  const body = `${method} ${target}`
  return [`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${method === 'HEAD' ? '' : body}`]
}
