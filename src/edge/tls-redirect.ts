import type { Socket } from 'node:net'
import type { Exchange, RequestFacts } from '../exchange.ts'
import { HeaderList } from '../http1/index.ts'

/** Where a request should have come by https; undefined where it did, or where its host is not known. */
export function httpsUrl(
  { client, target }: Pick<RequestFacts, 'client' | 'target'>,
  port: number,
): string | undefined {
  if (client.proto === 'https' || client.host === '') {
    return undefined
  }
  const name = client.host.replace(/:\d+$/, '')
  return `https://${name}${port === 443 ? '' : `:${port}`}${target.raw}`
}

/** 308 keeps method and body. Browsers remember it: for an hour, so that it can be taken back. */
export function redirect({ answer }: Pick<Exchange, 'answer'>, url: string): void {
  answer.begin(308, reason, headersTo(url))
  answer.end()
}

/** The same to a WebSocket handshake. */
export function redirectUpgrade(socket: Socket, url: string): void {
  socket.on('error', () => socket.destroy())
  socket.resume()
  socket.end(`HTTP/1.1 308 ${reason}\r\n${headersTo(url).toLines()}Connection: close\r\n\r\n`, 'latin1', () =>
    socket.destroySoon(),
  )
}

// --- internal ---

const reason = 'Permanent Redirect'

function headersTo(url: string): HeaderList {
  return HeaderList.of('Location', url, 'Cache-Control', 'max-age=3600', 'Content-Length', '0')
}
