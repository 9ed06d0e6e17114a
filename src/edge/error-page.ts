import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { type ErrorCode, errorCatalogue } from '../platform/index.ts'

export interface ErrorPage {
  readonly code: ErrorCode
  /** For the client's eyes: what was wrong with its request. Nothing about our insides. */
  readonly detail?: string
  readonly requestId?: string
  readonly retryAfterSeconds?: number
  /** Nothing more is read from this connection. */
  readonly close?: boolean
}

/** Answers with an error of Fig's own, as JSON or HTML, whichever the client prefers. Only before anything was written. */
export function sendErrorPage(req: IncomingMessage, res: ServerResponse, page: ErrorPage): void {
  const { status, body, contentType } = renderErrorPage(page, req.headers.accept)
  if (page.close === true || !req.complete) {
    res.shouldKeepAlive = false
  }
  const headers: string[] = ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(body))]
  headers.push('Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff')
  if (page.retryAfterSeconds !== undefined) {
    headers.push('Retry-After', String(page.retryAfterSeconds))
  }
  res.writeHead(status, STATUS_CODES[status] ?? 'Error', headers)
  res.end(body)
}

/** The same as bytes, for a connection on which no request could be read. */
export function errorPageBytes(page: ErrorPage, accept: string | undefined): string {
  const { status, body, contentType } = renderErrorPage(page, accept)
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    `Date: ${new Date().toUTCString()}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

// --- internal ---

interface Rendered {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

function renderErrorPage(page: ErrorPage, accept: string | undefined): Rendered {
  const { status, meaning } = errorCatalogue[page.code]
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`
  const text = page.detail === undefined ? meaning : `${meaning} (${page.detail})`
  if (prefersJson(accept)) {
    const error = { status, code: page.code, message: text, requestId: page.requestId }
    return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify({ error })}\n` }
  }
  const reference = page.requestId === undefined ? '' : `<p><small>Reference: ${escapeHtml(page.requestId)}</small></p>`
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:34em;padding:0 1em}</style></head>
<body><h1>${title}</h1><p>${escapeHtml(text)}</p>${reference}</body></html>
`
  return { status, contentType: 'text/html; charset=utf-8', body }
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
