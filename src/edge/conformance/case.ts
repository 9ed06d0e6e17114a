/**
 * A conformance case is data: what the client sends, what PHP answers, and what each of them must see. `run-case.ts` is the
 * interpreter. All text stands for bytes, one character (U+0000 to U+00FF) per byte.
 */
export interface Case {
  readonly id: string
  /** A sentence. */
  readonly title: string
  /** RFC section, advisory, or number in the list of pitfalls. */
  readonly source: string
  readonly level: 'must' | 'should'
  readonly fig?: FigSetup
  readonly client: string | readonly ClientStep[]
  /** One script per request that PHP gets; the last one serves all that follow. Without any PHP echoes the request line. */
  readonly php?: readonly PhpScript[]
  /** Where the RFCs leave a choice, each allowed outcome. */
  readonly expect: Outcome | readonly Outcome[]
}

export interface FigSetup {
  readonly trusted?: readonly string[]
  /** All waits of Fig, in place of a minute. */
  readonly timeoutMs?: number
  readonly runningMax?: number
  readonly waitingMax?: number
  /** PHP is not there at all. */
  readonly phpGone?: boolean
}

export type ClientStep =
  /** Bytes to send. */
  | string
  | { readonly fill: number }
  /** Waits until this has been received. */
  | { readonly got: string | RegExp }
  /** Waits until PHP has received this. */
  | { readonly phpGot: string | RegExp }
  /** Waits until this many of PHP's connections are closed. */
  | { readonly phpClosed: number }
  /** Waits for this long, and for this long only to show that nothing happens meanwhile. */
  | { readonly quietMs: number }
  /** Sends bytes after a pause, unless the connection was closed meanwhile. */
  | { readonly tryAfterMs: number; readonly bytes: string }
  | 'half-close'
  | 'reset'
  | 'pause'
  | 'resume'
  /** Waits until the server has closed the connection. */
  | 'closed'

export type PhpScript = string | readonly PhpStep[]

export type PhpStep =
  | string
  | { readonly fill: number }
  /** Waits until this has been received on this connection. */
  | { readonly got: string | RegExp }
  /** Waits until the client has received this. */
  | { readonly clientGot: string | RegExp }
  /** First step only: answers on the head, not on the whole request. */
  | 'early'
  | 'fin'
  | 'reset'
  /** Stops, and starts, reading. */
  | 'pause'
  | 'resume'

export interface Outcome {
  /** What the client gets for its requests, in order. */
  readonly answers: readonly (AnswerExpectation | number)[]
  /**
   * The connection afterwards: `kept` is proven by another request on it; `cut` is a visible break, by a reset or in the
   * middle of the framing; `closed` is in good order. Absent: any.
   */
  readonly connection?: 'kept' | 'closed' | 'cut'
  /** What PHP sees. `nothing complete`: a request may have begun, but was broken off. Absent: not looked at. */
  readonly php?: 'nothing' | 'nothing complete' | readonly PhpExpectation[]
  /** Connections to PHP that carried requests of the case. */
  readonly phpConnections?: number
}

export interface MessageExpectation {
  /** All end-to-end lines: what the other side wrote and Fig passed on, in order. */
  readonly lines?: readonly string[]
  readonly has?: readonly (string | RegExp)[]
  /** All values of these headers, in order. */
  readonly values?: Readonly<Record<string, readonly string[]>>
  /** Names, or whole lines, that must not be there. */
  readonly lacks?: readonly string[]
  readonly body?: string | RegExp | { readonly length: number }
  readonly trailers?: readonly string[]
  readonly framing?: 'none' | 'length' | 'chunked' | 'end'
}

export interface AnswerExpectation extends MessageExpectation {
  /** One, or any of these; 200 where nothing is said. */
  readonly status?: number | readonly number[]
  /** The whole status line. */
  readonly start?: string
  /** Statuses of the interim answers before it. */
  readonly interim?: readonly number[]
}

export interface PhpExpectation extends MessageExpectation {
  /** The whole request line, or a part of it as an expression. */
  readonly start?: string | RegExp
}

/** `id, title, source` stand first in each row of a table. */
export type Label = readonly [id: string, title: string, source: string]

export const host = 'a.test'

/** A request as text; Host is added. */
export function request(line: string, lines: readonly string[] = [], body = ''): string {
  return `${[line, `Host: ${host}`, ...lines].join('\r\n')}\r\n\r\n${body}`
}

export function get(target = '/', ...lines: readonly string[]): string {
  return request(`GET ${target} HTTP/1.1`, lines)
}

export function post(body: string, ...lines: readonly string[]): string {
  return request('POST / HTTP/1.1', [`Content-Length: ${body.length}`, ...lines], body)
}

export function chunked(body: string, ...lines: readonly string[]): string {
  return request('POST / HTTP/1.1', ['Transfer-Encoding: chunked', ...lines], body)
}

export function answer(lines: readonly string[], body = '', start = 'HTTP/1.1 200 OK'): string {
  return `${[start, ...lines].join('\r\n')}\r\n\r\n${body}`
}

export const ok = answer(['Content-Length: 2'], 'ok')

/** Stands behind every request that must be refused: whoever reads it was smuggled to. */
export const behind = `GET /behind HTTP/1.1\r\nHost: ${host}\r\n\r\n`

/** A refusal: an error page, the connection closed, nothing behind it read, nothing whole at PHP. */
export function refused(status: number | readonly number[] = 400): Outcome {
  return { answers: [{ status }], connection: 'closed', php: 'nothing complete' }
}

export type RefusalRow = readonly [...Label, bytes: string, status?: number | readonly number[]]
export type PassingRow = readonly [...Label, bytes: string, php: PhpExpectation]
export type EitherRow = readonly [...Label, bytes: string, php: PhpExpectation, status: number | readonly number[]]

/** Requests that break a rule in their head: PHP hears nothing of them, and nothing behind them is read. */
export function refusals(rows: readonly RefusalRow[]): readonly Case[] {
  return rows.map(([id, title, source, bytes, status = 400]) => ({
    id,
    title,
    source,
    level: 'must',
    client: `${bytes}${behind}`,
    expect: { answers: [{ status }], connection: 'closed', php: 'nothing' },
  }))
}

/** Requests that PHP gets as described, on a connection that is kept. */
export function passing(rows: readonly PassingRow[]): readonly Case[] {
  return rows.map(([id, title, source, bytes, php]) => ({
    id,
    title,
    source,
    level: 'must',
    client: bytes,
    expect: passed(php),
  }))
}

/** Where the RFC leaves it open: PHP gets the request as described, or the client gets a refusal. */
export function either(rows: readonly EitherRow[]): readonly Case[] {
  return rows.map(([id, title, source, bytes, php, status]) => ({
    id,
    title,
    source,
    level: 'must',
    client: bytes,
    expect: [passed(php), refused(status)],
  }))
}

export function passed(php: PhpExpectation): Outcome {
  return { answers: [200], connection: 'kept', php: [php] }
}

export function should(items: readonly Case[]): readonly Case[] {
  return items.map((item) => ({ ...item, level: 'should' }))
}

export type AnswerRow = readonly [...Label, php: PhpScript, answer: AnswerExpectation, client?: string]

/** Answers of PHP that the client gets as described, on a connection that is kept. */
export function answering(rows: readonly AnswerRow[]): readonly Case[] {
  return rows.map(([id, title, source, php, expected, client = get()]) => ({
    id,
    title,
    source,
    level: 'must',
    client,
    php: [php],
    expect: { answers: [expected], connection: 'kept' },
  }))
}

export type BadAnswerRow = readonly [...Label, php: PhpScript, instead?: AnswerExpectation | undefined, client?: string]

/** Answers that no client may get: 502 in their place, or what is described. */
export function badAnswers(rows: readonly BadAnswerRow[]): readonly Case[] {
  return rows.map(([id, title, source, php, instead, client = get()]) => ({
    id,
    title,
    source,
    level: 'must',
    client,
    php: [php],
    expect: [{ answers: [502] }, ...(instead === undefined ? [] : [{ answers: [instead] }])],
  }))
}

/** Answers that break off: the client sees the break, and never a complete answer. */
export function cutAnswers(rows: readonly (readonly [...Label, php: PhpScript, client?: string])[]): readonly Case[] {
  return rows.map(([id, title, source, php, client = get()]) => ({
    id,
    title,
    source,
    level: 'must',
    client,
    php: [php],
    expect: { answers: [], connection: 'cut' },
  }))
}
