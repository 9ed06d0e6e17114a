import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context } from 'hono'
import { sessionHeaders } from './member.ts'

const compress = promisify(gzip)

/** An HTML answer with the headers that legacy page_header() and ob_gzhandler send. */
export async function htmlResponse(
  context: Pick<Context, 'req'>,
  html: string,
  hasSession: boolean,
): Promise<Response> {
  const headers = {
    Server: 'nginx',
    'Content-Type': 'text/html; charset=UTF-8',
    'X-UA-Compatible': 'IE=edge',
    Vary: 'Accept-Encoding',
    ...sessionHeaders(hasSession),
  }
  if (!acceptsGzip(context.req.header('accept-encoding'))) return new Response(html, { headers })
  const body = await compress(html, { level: 6 })
  return new Response(new Uint8Array(body), { headers: { ...headers, 'Content-Encoding': 'gzip' } })
}

// --- internal ---

/** As PHP's zlib does: the word anywhere in the header counts, whatever its weight. */
function acceptsGzip(header: string | undefined): boolean {
  return /gzip/i.test(header ?? '')
}
