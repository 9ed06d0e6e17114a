import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Exchange } from '../exchange.ts'
import { AppError } from '../platform/index.ts'
import type { Route } from '../routing/index.ts'
import { webRequest } from './web-request.ts'
import { sendWebResponse } from './web-response.ts'

/** One run of a modern handler, as the composition root sees it when it puts the handler's services together. */
export interface ModernCall {
  readonly exchange: Exchange
  readonly params: Readonly<Record<string, string>>
  /** Aborts when the client leaves or the handler's time is up. */
  readonly signal: AbortSignal
  /** "Not this one": the handler returns it, and PHP answers. */
  readonly legacy: (reason: string) => Response
  readonly writes: WriteLedger
}

/** Where the composition root says that the handler writes: from then on PHP must not answer instead. */
export interface WriteLedger {
  /**
   * Before anything is committed.
   * @throws AppError 'edge.modern-failed' when the handler's time is over: PHP may be answering already
   */
  begin(): void
  /** Nothing of it was kept. */
  rolledBack(): void
}

/** Gives a handler its services (`c.env.fig`). */
export interface ModernHost {
  services(call: ModernCall): object
}

export type ModernOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'declined'; readonly why: string }
  /** Nothing was written to the client. */
  | { readonly kind: 'failed'; readonly error: AppError; readonly mayFallBack: boolean }

export interface ModernServer {
  serve(exchange: Exchange, route: Route, params: Readonly<Record<string, string>>): Promise<ModernOutcome>
}

/**
 * Runs a route's Hono handler and streams its answer. Nothing of the body is read before the handler asks, and nothing is
 * written before it returned: until then PHP may still have to answer.
 */
export function modernServer(host: ModernHost, options: { readonly timeoutMs: number }): ModernServer {
  const app = new Hono<{ Bindings: Bindings }>()
  app.all('*', (context) => context.env.run.handle(context))
  app.onError(answerOrThrow)
  return {
    serve: async (exchange, route, params) => {
      const run = new Run(exchange, route, params, options.timeoutMs)
      const response = await run.answer(() =>
        app.fetch(webRequest(exchange, run.call.signal), { fig: host.services(run.call), run }),
      )
      if (response !== undefined) {
        await sendWebResponse(exchange, response)
      }
      return run.outcome
    },
  }
}

// --- internal ---

interface Bindings {
  readonly fig: object
  readonly run: Run
}

type Handler = (context: Context) => Response | Promise<Response>

class Run {
  readonly call: ModernCall
  outcome: ModernOutcome
  readonly #exchange: Exchange
  readonly #route: Route
  readonly #timeoutMs: number
  readonly #deadline = new AbortController()
  readonly #declined = new WeakMap<Response, string>()
  #returned: Response | undefined
  #wrote = false
  #over = false

  constructor(exchange: Exchange, route: Route, params: Readonly<Record<string, string>>, timeoutMs: number) {
    this.#exchange = exchange
    this.#route = route
    this.#timeoutMs = timeoutMs
    this.outcome = this.#failed(new Error('the handler was not run'))
    this.call = {
      exchange,
      params,
      signal: AbortSignal.any([exchange.signal, this.#deadline.signal]),
      legacy: (reason) => this.#decline(reason),
      writes: {
        begin: () => {
          if (this.#over) {
            throw new AppError('edge.modern-failed', `route ${route.id}: a write was begun after the handler's time`)
          }
          this.#wrote = true
        },
        rolledBack: () => {
          this.#wrote = false
        },
      },
    }
  }

  /** What it returns is kept: for HEAD, Hono makes another Response of it, in which a refusal would not be known again. */
  async handle(context: Context): Promise<Response> {
    // The route table carries handlers without knowing what they are given; this is where they are given it.
    const handler = this.#route.modern as unknown as Handler
    this.#returned = await handler(context)
    return this.#returned
  }

  /** Runs the handler; undefined where nothing may be written, with the outcome set. */
  async answer(handle: () => Response | Promise<Response>): Promise<Response | undefined> {
    try {
      const response = await this.#inTime(handle)
      const why = this.#returned && this.#declined.get(this.#returned)
      if (why !== undefined) {
        this.outcome = { kind: 'declined', why }
        return undefined
      }
      this.outcome = { kind: 'answered' }
      return response
    } catch (error) {
      this.outcome = this.#failed(error)
      return undefined
    }
  }

  #decline(reason: string): Response {
    const response = new Response(null, { status: 204 })
    this.#declined.set(response, reason)
    return response
  }

  async #inTime(handle: () => Response | Promise<Response>): Promise<Response> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`the handler took longer than ${this.#timeoutMs} ms`)
        reject(error)
        this.#deadline.abort(error)
      }, this.#timeoutMs)
    })
    try {
      return await Promise.race([handle(), late])
    } finally {
      clearTimeout(timer)
      this.#over = true
    }
  }

  #failed(error: unknown): ModernOutcome {
    const { method, target } = this.#exchange
    const message = `the handler of route ${this.#route.id} failed at ${method} ${target.path}`
    return {
      kind: 'failed',
      error: new AppError('edge.modern-failed', message, { cause: error }),
      mayFallBack: !this.#wrote && isReplayable(this.#exchange),
    }
  }
}

/** A body that the handler has begun to read from the connection can't be given to PHP any more. */
function isReplayable({ incoming, body }: Exchange): boolean {
  return body !== undefined || !incoming.begun
}

/** HTTPException is Hono's way to answer, not a failure; anything else is for the caller, who may still ask PHP. */
function answerOrThrow(error: Error): Response {
  if (error instanceof HTTPException) {
    return error.getResponse()
  }
  throw error
}
