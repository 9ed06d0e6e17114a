import { HeaderList } from '../../http1/index.ts'
import { reasonOf } from './reasons.ts'

export interface OwnPage {
  readonly status: number
  readonly reason: string
  readonly headers: HeaderList
  readonly body: Buffer
}

/** What a web server writes where neither a script nor a file answers: short, and without its name. */
export function pageOf(status: number, location?: string): OwnPage {
  const reason = reasonOf(status)
  const title = `${status} ${reason}`
  const lines = [
    `<html>`,
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ]
  const body = Buffer.from(lines.join('\r\n'))
  const headers = HeaderList.of('Content-Type', 'text/html', 'Content-Length', String(body.length))
  if (location !== undefined) {
    headers.append('Location', location)
  }
  return { status, reason, headers, body }
}
