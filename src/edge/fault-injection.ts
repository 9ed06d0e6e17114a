import type { Answer, Exchange } from '../exchange.ts'
import type { HeaderList } from '../http1/index.ts'
import { AppError } from '../platform/index.ts'

/** Something that goes wrong on purpose, for drills. */
export interface InjectedFault {
  /** A route's id, `*` for every request, or `none` for requests that no route takes. */
  readonly route: string
  readonly kind: 'latency' | 'error' | 'cut'
  /** Milliseconds of latency; the bytes of the body after which it is cut. Nothing for errors. */
  readonly amount: number
  /** Of a hundred requests. */
  readonly percent: number
}

/**
 * `mod-page:latency=300@50,*:error@1,none:cut=1000` -> faults.
 * @throws AppError 'edge.fault-injection-invalid' with the entry and the forms that are known
 */
export function parseFaults(entries: readonly string[]): readonly InjectedFault[] {
  return entries.map((entry) => {
    const parts = /^([^:]+):(latency|error|cut)(?:=(\d+))?(?:@(\d{1,3}))?$/.exec(entry.trim())
    const [, route = '', kind = '', amount, percent = '100'] = parts ?? []
    if (parts === null || (kind === 'latency' && amount === undefined) || Number(percent) > 100) {
      throw new AppError('edge.fault-injection-invalid', `"${entry}" is no fault to inject`)
    }
    return { route, kind: kind as InjectedFault['kind'], amount: Number(amount ?? 0), percent: Number(percent) }
  })
}

export type Struck =
  | { readonly kind: 'go-on' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'cut'; readonly bytes: number }

export type Injector = (exchange: Exchange, routeId: string | null) => Promise<Struck> | undefined

/** Undefined where there is nothing to inject, which costs the path of a request one test. */
export function faultInjector(faults: readonly InjectedFault[]): Injector | undefined {
  if (faults.length === 0) {
    return undefined
  }
  return (exchange, routeId) => {
    const struck = faults.filter(
      ({ route, percent }) => (route === '*' || route === (routeId ?? 'none')) && Math.random() * 100 < percent,
    )
    return struck.length === 0 ? undefined : strike(exchange, struck)
  }
}

/** Passes `bytes` of the body on, then breaks the connection as a crashing PHP would. */
export class BreakingAnswer implements Answer {
  readonly #answer: Answer
  #left: number

  constructor(answer: Answer, bytes: number) {
    this.#answer = answer
    this.#left = bytes
  }

  get status(): number {
    return this.#answer.status
  }

  get headSent(): boolean {
    return this.#answer.headSent
  }

  get closed(): boolean {
    return this.#answer.closed
  }

  get flushed(): boolean {
    return this.#answer.flushed
  }

  get bytesSent(): number {
    return this.#answer.bytesSent
  }

  get onDrain(): (() => void) | undefined {
    return this.#answer.onDrain
  }

  set onDrain(listener: (() => void) | undefined) {
    this.#answer.onDrain = listener
  }

  inform(status: number, headers: HeaderList): void {
    this.#answer.inform(status, headers)
  }

  begin(status: number, reason: string, headers: HeaderList): void {
    this.#answer.begin(status, reason, headers)
  }

  write(chunk: Buffer): boolean {
    this.#left -= chunk.length
    if (this.#left >= 0) {
      return this.#answer.write(chunk)
    }
    this.#answer.write(chunk.subarray(0, chunk.length + this.#left))
    this.#answer.flush()
    this.#answer.cut()
    return true
  }

  end(): void {
    // A body shorter than the limit is cut at its end.
    this.#answer.flush()
    this.#answer.cut()
  }

  flush(): void {
    this.#answer.flush()
  }

  cut(): void {
    this.#answer.cut()
  }
}

// --- internal ---

async function strike(exchange: Exchange, faults: readonly InjectedFault[]): Promise<Struck> {
  for (const { kind, amount } of faults) {
    if (kind === 'latency') {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, amount)
        exchange.signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve(undefined)
        })
      })
    }
  }
  if (faults.some(({ kind }) => kind === 'error')) {
    return { kind: 'fail' }
  }
  const cut = faults.find(({ kind }) => kind === 'cut')
  return cut === undefined ? { kind: 'go-on' } : { kind: 'cut', bytes: cut.amount }
}
