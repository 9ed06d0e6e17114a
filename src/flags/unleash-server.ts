import { type Definitions, parseDefinitions } from './definitions.ts'

export interface UnleashServerOptions {
  /** With its path: 'http://127.0.0.1:4242/api'. */
  readonly url: string
  readonly token: string
  readonly requestTimeoutMs: number
  readonly refreshIntervalMs: number
}

/** What became of one request for the flags. Every one of the failures can pass. */
export type Poll =
  | { readonly outcome: 'changed'; readonly definitions: Definitions }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'failed'; readonly problem: PollProblem; readonly detail: string }

export type PollProblem = 'unreachable' | 'timeout' | 'token-refused' | 'bad-status' | 'bad-answer'

/** The client API of Unleash, as far as Fig needs it. Remembers the version it got, so that an unchanged state costs nothing. */
export function connectToUnleash(options: UnleashServerOptions): (signal: AbortSignal) => Promise<Poll> {
  const endpoint = `${options.url.replace(/\/+$/, '')}/client/features`
  const headers = {
    authorization: options.token,
    accept: 'application/json',
    'unleash-appname': 'fig',
    'unleash-instanceid': `fig-${process.pid}`,
    'unleash-interval': String(options.refreshIntervalMs),
    // From 4.2 on segments come beside the features instead of being copied into each.
    'unleash-client-spec': '5.2.0',
  }
  let etag: string | undefined
  return async (closing) => {
    const timeout = AbortSignal.timeout(options.requestTimeoutMs)
    try {
      const response = await fetch(endpoint, {
        headers: etag === undefined ? headers : { ...headers, 'if-none-match': etag },
        signal: AbortSignal.any([timeout, closing]),
        redirect: 'error', // The token must not follow a redirect.
      })
      const poll = await readAnswer(response)
      if (poll.outcome === 'changed') etag = response.headers.get('etag') ?? undefined
      return poll
    } catch (error) {
      return failedToFetch(error, timeout.aborted ? options.requestTimeoutMs : undefined)
    }
  }
}

// --- internal ---

async function readAnswer(response: Response): Promise<Poll> {
  if (response.status === 304) return { outcome: 'unchanged' }
  if (response.status === 200) {
    const definitions = parseDefinitions(jsonOrUndefined(await response.text()))
    if (definitions !== undefined) return { outcome: 'changed', definitions }
    return { outcome: 'failed', problem: 'bad-answer', detail: 'the answer is no flag state' }
  }
  await response.body?.cancel()
  const problem = response.status === 401 || response.status === 403 ? 'token-refused' : 'bad-status'
  return { outcome: 'failed', problem, detail: `status ${response.status}` }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // An answer that is no JSON is one that holds no flag state; the caller reports it.
  }
}

function failedToFetch(error: unknown, timedOutAfterMs: number | undefined): Poll {
  if (timedOutAfterMs !== undefined)
    return { outcome: 'failed', problem: 'timeout', detail: `no answer within ${timedOutAfterMs} ms` }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const detail = cause instanceof Error ? (errorCode(cause) ?? cause.message) : String(cause)
  return { outcome: 'failed', problem: 'unreachable', detail }
}

function errorCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
