/** Two copies of a site in the same state, and visitors who do everything on both at once. */
import { setTimeout as delay } from 'node:timers/promises'
import { type CompareOptions, compareAnswers, type Mask, textOf } from './compare.ts'
import { CookieJar } from './cookie-jar.ts'
import { type Answer, type Ask, type HttpClient, headerOf } from './http-client.ts'
import { CompatProblem } from './problem.ts'
import { type Both, both, bothAtOnce, type SideName, sideNames } from './sides.ts'
import type { Tally } from './tally.ts'

export interface PairOptions {
  readonly clients: Both<HttpClient>
  readonly masks: readonly Mask[]
  readonly acrossVersions: boolean
  readonly tally: Tally
  /** Sent with each request to the site itself: what a terminator of TLS in front of it would say. */
  readonly directHeaders?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

export class Pair {
  readonly #options: PairOptions

  constructor(options: PairOptions) {
    this.#options = options
  }

  visitor(headers: Readonly<Record<string, string>> = {}): Visitor {
    return new Visitor(this.#options, headers)
  }

  /** Names what follows, in the report. */
  async journey(name: string, walk: () => Promise<void>): Promise<void> {
    this.#options.tally.begin(name)
    try {
      await walk()
    } catch (error) {
      if (!(error instanceof UnexpectedPage)) throw error
      // It is told as a difference: a journey that ends early proves less than it says.
      this.#options.tally.count(error.message, { outcome: 'different', masks: [], differences: ['the journey ended'] })
    }
  }
}

/** A page has not what the journey needs, on either side. */
export class UnexpectedPage extends CompatProblem {
  constructor(message: string) {
    super(message, 'The application is not in the state that the journey expects: run it with --keep and look.')
  }
}

/** What is sent: the same to both sides, or made for each, such as a form with a token of its own. */
export type AskOfSide = Ask | ((side: SideName) => Ask)

/** One person with a browser, on both sides: cookies are kept, each side's own. */
export class Visitor {
  readonly #options: PairOptions
  readonly #jars = both(() => new CookieJar())
  readonly #headers: Readonly<Record<string, string>>

  constructor(options: PairOptions, headers: Readonly<Record<string, string>>) {
    this.#options = options
    this.#headers = { 'accept-encoding': 'gzip, deflate', 'user-agent': 'compat', ...headers }
  }

  async ask(askOfSide: AskOfSide): Promise<Both<Answer>> {
    this.#options.signal.throwIfAborted()
    const asks = both((side) => (typeof askOfSide === 'function' ? askOfSide(side) : askOfSide))
    if (!safeMethods.has(asks.direct.method ?? 'GET')) await nextSecond(this.#options.signal)
    const answers = await bothAtOnce((side) => this.#send(side, asks[side]))
    const options: CompareOptions = this.#options
    const { method = 'GET', target } = asks.direct
    this.#options.tally.count(`${method} ${target}${note(asks.direct)}`, compareAnswers(answers, options))
    return answers
  }

  get(target: string, headers: Readonly<Record<string, string>> = {}): Promise<Both<Answer>> {
    return this.ask({ target, headers })
  }

  /** Submits a form as a browser does. */
  post(target: string | Both<string>, fields: FormFields | ((side: SideName) => FormFields)): Promise<Both<Answer>> {
    return this.ask((side) => ({
      method: 'POST',
      target: typeof target === 'string' ? target : target[side],
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: encodeForm(typeof fields === 'function' ? fields(side) : fields),
    }))
  }

  cookie(side: SideName, name: string): string | undefined {
    return this.#jars[side].valueOf(name)
  }

  async #send(side: SideName, ask: Ask): Promise<Answer> {
    const jar = this.#jars[side]
    const cookie = jar.headerFor(ask.target)
    const headers = {
      ...(side === 'direct' ? this.#options.directHeaders : {}),
      ...this.#headers,
      ...(cookie === undefined ? {} : { cookie }),
      ...ask.headers,
    }
    const answer = await this.#options.clients[side].ask({ ...ask, headers }).catch((cause: unknown) => {
      throw new CompatProblem(`${side} does not answer ${ask.method ?? 'GET'} ${ask.target}: ${cause}`, 'See its log.')
    })
    jar.take(answer)
    return answer
  }
}

export type FormFields = Readonly<Record<string, string | readonly string[]>>

export function encodeForm(fields: FormFields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => [name, one]),
  )
  return new URLSearchParams(pairs).toString()
}

/** What a pattern's first group catches in each side's page. @throws UnexpectedPage where one has no such thing */
export function caught(answers: Both<Answer>, pattern: RegExp): Both<string> {
  for (const side of sideNames) {
    if (!pattern.test(textOf(answers[side]))) {
      throw new UnexpectedPage(`${side} answers ${answers[side].status} without ${pattern}`)
    }
  }
  return both((side) => pattern.exec(textOf(answers[side]))?.[1]?.replaceAll(/&(?:amp|#0?38);/g, '&') ?? '')
}

export function caughtHeader(answers: Both<Answer>, name: string): Both<string> {
  return both((side) => {
    const value = headerOf(answers[side], name)
    if (value === undefined) throw new UnexpectedPage(`${side} answers ${answers[side].status} without ${name}`)
    return value
  })
}

/** A journey that goes on after a refusal would compare one error page with another for the rest of its way. */
export function expectStatus(answers: Both<Answer>, status: number): Both<Answer> {
  for (const side of sideNames) {
    if (answers[side].status !== status) {
      throw new UnexpectedPage(`${side} answers ${answers[side].status}, not ${status}`)
    }
  }
  return answers
}

// --- internal ---

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND'])

/**
 * Lists are sorted by the second of a write, and what is of one second stands in any order: no two writes may fall into one
 * second on one side and into two on the other.
 */
async function nextSecond(signal: AbortSignal): Promise<void> {
  const second = (): number => Math.floor(Date.now() / 1_000)
  const now = second()
  while (second() === now) await delay(1_000 - (Date.now() % 1_000), undefined, { signal })
}

function note({ headers = {}, chunked, body }: Ask): string {
  const told = Object.entries(headers).filter(([name]) => name !== 'content-type' && name !== 'authorization')
  const words = told.map(([name, value]) => `${name}: ${value}`)
  if (body !== undefined) words.push(`${Buffer.byteLength(body)} bytes${chunked === true ? ' chunked' : ''}`)
  return words.length === 0 ? '' : ` (${words.join('; ')})`
}
