import { headerBits } from '../http1/index.ts'
import type { OutgoingRequest } from './upstream-call.ts'

/** The head of a request as it goes over the wire, one character per byte. */
export function renderHead({ method, target, headers, body }: OutgoingRequest, authority: string): string {
  let head = `${method} ${target} HTTP/1.1\r\n`
  if ((headers.bits & headerBits.host) === 0) {
    // From HTTP/1.0; towards PHP we speak HTTP/1.1, which needs one (RFC 9112 section 3.2).
    head += `Host: ${authority}\r\n`
  }
  head += headers.toLines()
  switch (body.kind) {
    case 'none':
      break
    case 'bytes':
      head += lengthLine(headers.bits, body.bytes.length)
      break
    case 'length':
      head += lengthLine(headers.bits, body.length)
      break
    case 'chunked':
      head += 'Transfer-Encoding: chunked\r\n'
  }
  return `${head}Connection: keep-alive\r\n\r\n`
}

// --- internal ---

/** Where the client gave the length its line is in the list, at the client's place. */
function lengthLine(bits: number, length: number): string {
  return (bits & headerBits.contentLength) === 0 ? `Content-Length: ${length}\r\n` : ''
}
