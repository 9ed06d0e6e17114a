/** A person with a browser of their own, who notices everything that a visitor should never have to see. */
import type { BrowserContext, ConsoleMessage, Page, Request, Response } from '@playwright/test'
import type { Answer, AnswerLog } from './answer-log.ts'

export class Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** Error pages, failed requests, complaints of the console, requests to other hosts. */
  readonly troubles: string[] = []
  readonly #answers: AnswerLog
  readonly #siteUrl: string
  /** Requests that match a route. */
  #asked = 0

  /** @param siteUrl where everything that the browser asks for has to be */
  static async arrive(context: BrowserContext, answers: AnswerLog, siteUrl: string): Promise<Visitor> {
    return new Visitor(context, await context.newPage(), answers, siteUrl)
  }

  private constructor(context: BrowserContext, page: Page, answers: AnswerLog, siteUrl: string) {
    this.context = context
    this.page = page
    this.#answers = answers
    this.#siteUrl = siteUrl
    context.on('request', (request) => this.#noticeRequest(request))
    context.on('response', (response) => this.#noticeResponse(response))
    context.on('requestfailed', (request) => this.#noticeFailure(request))
    context.on('console', (message) => this.#noticeConsole(message))
    context.on('weberror', (error) => this.troubles.push(`script: ${error.error().message}`))
  }

  /** The page's HTML and status without showing it: quicker than a browser can, with the same cookies. */
  async fetch(path: string): Promise<{ readonly html: string; readonly headers: Readonly<Record<string, string>> }> {
    const answer = await this.context.request.get(path, { maxRedirects: 0 })
    this.#noticeAsked('GET', answer.url(), undefined)
    if (answer.status() !== 200) this.troubles.push(`${answer.status()} ${answer.url()}`)
    return { html: await answer.text(), headers: answer.headers() }
  }

  /** Who answered this visitor meanwhile. Nobody else may be asking. */
  async answersDuring(visit: () => Promise<unknown>): Promise<readonly Answer[]> {
    const [before, askedBefore] = [(await this.#answers.read()).length, this.#asked]
    await visit()
    const answers = (await this.#answers.read()).slice(before)
    const asked = this.#asked - askedBefore
    if (answers.length !== asked)
      throw new Error(`${asked} requests were made, but these were answered: ${JSON.stringify(answers)}`)
    return answers
  }

  async cookie(name: string): Promise<string | undefined> {
    const cookies = await this.context.cookies()
    return cookies.find((cookie) => cookie.name === name)?.value
  }

  // --- internal ---

  #noticeRequest(request: Request): void {
    if (new URL(request.url()).origin !== this.#siteUrl) this.troubles.push(`left the site: ${request.url()}`)
    else this.#noticeAsked(request.method(), request.url(), request.postData() ?? undefined)
  }

  #noticeAsked(method: string, url: string, form: string | undefined): void {
    if (matchesRoute(method, new URL(url, this.#siteUrl), new URLSearchParams(form))) this.#asked++
  }

  #noticeResponse(response: Response): void {
    if (response.status() >= 400) this.troubles.push(`${response.status()} ${response.url()}`)
  }

  #noticeFailure(request: Request): void {
    const reason = request.failure()?.errorText ?? ''
    // Pictures of a page that is left before they have come.
    if (reason !== 'net::ERR_ABORTED') this.troubles.push(`${reason} ${request.url()}`)
  }

  #noticeConsole(message: ConsoleMessage): void {
    if (message.type() === 'error' || message.type() === 'warning') this.troubles.push(`console: ${message.text()}`)
  }
}

/** The routes of routes.config.ts, as far as these tests ask for them. */
function matchesRoute(method: string, { pathname, searchParams }: URL, form: URLSearchParams): boolean {
  if (method === 'POST') return pathname === '/ajax.php' && /^(?:endorse|abstain)$/.test(form.get('action') ?? '')
  if (pathname === '/index.php') return searchParams.get('page') === 'mod'
  return /^\/[a-z0-9]+\/mods\/\d{1,9}\/?$/.test(pathname)
}
