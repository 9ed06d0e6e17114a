import { STATUS_CODES } from 'node:http'
import type { Exchange } from '../exchange.ts'
import { HeaderList, type RefusalAnswer } from '../http1/index.ts'
import { type ErrorCode, errorCatalogue } from '../platform/index.ts'

export interface ErrorPage {
  readonly code: ErrorCode
  /** For the client's eyes: what was wrong with its request. Nothing about our insides. */
  readonly detail?: string
  readonly requestId?: string
  readonly retryAfterSeconds?: number
}

/** Answers with an error of Fig's own, as JSON or HTML, whichever the client prefers. Only before anything was written. */
export function sendErrorPage({ request, answer }: Pick<Exchange, 'request' | 'answer'>, page: ErrorPage): void {
  const { status, reason, headers, body } = errorAnswer(page, request.headers.get('accept'))
  answer.begin(status, reason, headers)
  answer.write(body)
  answer.end()
}

/** The same for a connection on which no request could be read. */
export function errorAnswer(page: ErrorPage, accept: string | undefined): RefusalAnswer {
  const { status, meaning } = errorCatalogue[page.code]
  const reason = STATUS_CODES[status] ?? 'Error'
  const text = page.detail === undefined ? meaning : `${meaning} (${page.detail})`
  const json = prefersJson(accept)
  const body = Buffer.from(json ? jsonPage(page, status, text) : htmlPage(page, `${status} ${reason}`, text))
  const headers = HeaderList.of(
    ...['Content-Type', json ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8'],
    ...['Content-Length', String(body.length)],
    ...['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'],
  )
  if (status === 405) {
    headers.append('Allow', allowedMethods)
  }
  if (page.retryAfterSeconds !== undefined) {
    headers.append('Retry-After', String(page.retryAfterSeconds))
  }
  return { status, reason, headers, body }
}

/** What Fig itself says of the server as a whole; PHP may take more, or less. */
export const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

// --- internal ---

function jsonPage({ code, requestId }: ErrorPage, status: number, message: string): string {
  return `${JSON.stringify({ error: { status, code, message, requestId } })}\n`
}

function htmlPage({ requestId }: ErrorPage, title: string, text: string): string {
  const reference = requestId === undefined ? '' : `<p><small>Reference: ${escapeHtml(requestId)}</small></p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:34em;padding:0 1em}</style></head>
<body><h1>${title}</h1><p>${escapeHtml(text)}</p>${reference}</body></html>
`
}

/** JSON where it is named before HTML; browsers name HTML, and a client that takes anything gets HTML too. */
function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) {
    return false
  }
  const json = accept.search(/application\/(?:[\w.-]+\+)?json/i)
  const html = accept.search(/text\/html|application\/xhtml/i)
  return json !== -1 && (html === -1 || json < html)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
