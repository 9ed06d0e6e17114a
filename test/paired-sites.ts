/** The same request to the legacy site directly and through Fig, made fair: what a page depends on is put back in between. */
import { expect } from 'vitest'
import { comparableHeaders, decodedBody, type RawAnswer, RawClient, type RawRequest } from './raw-http.ts'

export interface PairedRequest extends RawRequest {
  readonly target: string
  /** Puts back what this request changes, so that both sides meet the same state. Runs before each of the two. */
  readonly restore?: () => void | Promise<void>
  /** What the request has left behind, to be the same after both: a session, the rows of a table. */
  readonly leaves?: () => unknown
}

export class PairedSites {
  readonly #client = new RawClient(16)
  readonly #siteUrl: string
  readonly #figUrl: string
  readonly #host: string
  readonly #normalise: (answer: RawAnswer) => RawAnswer
  #compared = 0

  /** @param normalise takes out of both answers what may differ */
  constructor(
    urls: { readonly siteUrl: string; readonly figUrl: string },
    host = 'www.modvault.example',
    normalise: (answer: RawAnswer) => RawAnswer = (answer) => answer,
  ) {
    this.#siteUrl = urls.siteUrl
    this.#figUrl = urls.figUrl
    this.#host = host
    this.#normalise = normalise
  }

  /** How many requests have gone through Fig. */
  get compared(): number {
    return this.#compared
  }

  /** Fails where Fig's answer differs in anything. Returns the answer of the site itself. */
  async expectSame(request: PairedRequest): Promise<RawAnswer> {
    const [direct, throughFig] = await withinOneHour(async () => {
      return [await this.#ask(this.#siteUrl, request), await this.#ask(this.#figUrl, request)] as const
    })
    expectSame(`${request.method ?? 'GET'} ${request.target}`, direct, throughFig)
    return direct.answer
  }

  close(): void {
    this.#client.close()
  }

  async #ask(origin: string, { target, restore, leaves, ...request }: PairedRequest): Promise<Observed> {
    await restore?.()
    const headers = { host: this.#host, ...request.headers }
    if (origin === this.#figUrl) this.#compared += 1
    const answer = this.#normalise(await this.#client.send(origin, target, { ...request, headers }))
    return { answer, left: await leaves?.() }
  }
}

/** Runs `work` once more where an hour began meanwhile: links to downloads and the API's allowance are of the hour. */
export async function withinOneHour<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const hour = hourNow()
    const result = await work()
    if (hour === hourNow()) return result
  }
}

// --- internal ---

interface Observed {
  readonly answer: RawAnswer
  readonly left: unknown
}

function hourNow(): number {
  return Math.floor(Date.now() / 3_600_000)
}

function expectSame(label: string, direct: Observed, throughFig: Observed): void {
  const [expected, found] = [comparable(direct), comparable(throughFig)]
  const difference = firstDifference(expected.body, found.body)
  // Bodies of a megabyte are no help in a report.
  expect({ label, ...found, body: difference?.found }).toEqual({ label, ...expected, body: difference?.expected })
}

/** All of an answer that has to be the same. */
function comparable({ answer, left }: Observed) {
  const beginsSession = answer.headers.some(([name, value]) => /^set-cookie$/i.test(name) && newSession.test(value))
  const headers = comparableHeaders(answer)
  const masked = headers.map((line) => masks.reduce((text, mask) => text.replace(mask, '$1…'), line))
  // With a token in it, the compressed bytes are never the same twice.
  const body = beginsSession ? decodedBody(answer).toString('latin1').replace(newToken, '$1…') : latin1(answer)
  const boundary = headers.findLast((line) => partBoundary.test(line))?.replace(partBoundary, '$2')
  return {
    status: answer.status,
    reason: answer.reason,
    headers: masked,
    body: boundary === undefined ? body : body.replaceAll(boundary, '…'),
    left,
  }
}

function latin1(answer: RawAnswer): string {
  return answer.body.toString('latin1')
}

function firstDifference(expected: string, found: string): { expected: string; found: string } | undefined {
  if (expected === found) return undefined
  let at = 0
  while (expected[at] === found[at]) at += 1
  const excerpt = (text: string) => `${text.length} bytes, from ${at}: ${text.slice(Math.max(0, at - 60), at + 200)}`
  return { expected: excerpt(expected), found: excerpt(found) }
}

/** The id of a session that begins here is random. */
const newSession = /(PHPSESSID=)(?!deleted)[^;]+/
/** And so is its token: in the forms, and in the link of the header that logs out. */
const newToken = /(name="csrf" value="|\/logout\?csrf=)[0-9a-f]{32}/g
/** Selector and validator of a login that is remembered are random; it lasts for 30 days from now. */
const newRemembering = /(MVREMEMBER=)(?!deleted)[^;]+; expires=[^;]+/
/** nginx numbers the boundaries of its answers in several parts. */
const partBoundary = /^(content-type: multipart\/byteranges; boundary=)(\d{20})$/i

const masks = [newSession, newRemembering, partBoundary]
