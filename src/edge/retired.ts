import { STATUS_CODES } from 'node:http'
import { HeaderList } from '../http1/index.ts'
import { type Route, redirectLocation } from '../routing/index.ts'
import type { EdgeExchange } from './edge-exchange.ts'
import { sendErrorPage } from './error-page.ts'

/**
 * What was retired has no way back to PHP: it is gone, is somewhere else, or is answered by its handler alone.
 * @returns true where the request is answered; false where the handler is to
 */
export function answerRetired(
  exchange: EdgeExchange,
  { retired }: Route,
  params: Readonly<Record<string, string>>,
): boolean {
  switch (retired?.kind) {
    case 'gone':
      sendErrorPage(exchange, { code: 'edge.gone', requestId: exchange.id })
      return true
    case 'redirect': {
      const { status, to } = retired
      const headers = HeaderList.of('Location', redirectLocation(to, params), 'Content-Length', '0')
      exchange.answer.begin(status, STATUS_CODES[status] ?? 'Moved', headers)
      exchange.answer.end()
      return true
    }
    default:
      return false
  }
}
