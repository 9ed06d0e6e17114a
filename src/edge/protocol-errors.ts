import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorCode } from '../platform/index.ts'
import { errorPageBytes, sendErrorPage } from './error-page.ts'

/** The exchange that a connection is busy with, if any; 'refused' when its last request was refused already. */
export type CurrentExchange = (
  socket: Socket,
) => { readonly req: IncomingMessage; readonly res: ServerResponse } | 'refused' | undefined

/**
 * Answers what node's parser could not read. The answer must not overtake, or pass for, the answer to an earlier request on the
 * same connection: that one is finished first, then the connection is closed.
 */
export function answerProtocolErrors(
  server: Server,
  current: CurrentExchange,
  refused: (socket: Socket, code: ErrorCode, cause: string) => void,
): void {
  server.on('clientError', (error: ParserError, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const exchange = current(socket)
    if (exchange === 'refused') {
      return
    }
    const code = refusalCode(error)
    refused(socket, code, error.code ?? error.message)
    if (exchange === undefined) {
      closeWith(socket, errorPageBytes({ code }, acceptOf(error)))
    } else if (exchange.req.complete) {
      exchange.res.once('close', () => closeWith(socket, errorPageBytes({ code }, acceptOf(error))))
    } else if (exchange.res.headersSent) {
      socket.destroy()
    } else {
      sendErrorPage(exchange.req, exchange.res, { code, close: true })
      exchange.res.once('finish', () => socket.destroy())
    }
  })
}

// --- internal ---

interface ParserError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

const byParserCode: Readonly<Record<string, ErrorCode | undefined>> = {
  HPE_HEADER_OVERFLOW: 'edge.headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'edge.body-too-large',
  HPE_INVALID_METHOD: 'edge.not-implemented',
  ERR_HTTP_REQUEST_TIMEOUT: 'edge.request-timeout',
}

function refusalCode(error: ParserError): ErrorCode {
  return byParserCode[error.code ?? ''] ?? 'edge.bad-request'
}

/** The request could not be read, but what it accepts can often be seen. */
function acceptOf(error: ParserError): string | undefined {
  return /\r\naccept:([^\r\n]*)/i.exec(error.rawPacket?.toString('latin1') ?? '')?.[1]
}

function closeWith(socket: Socket, answer: string): void {
  if (socket.writable) {
    socket.end(answer, () => socket.destroy())
  }
}
