import { STATUS_CODES } from 'node:http'

/** The text behind a status, in the words that visitors of PHP sites know. */
export function reasonOf(status: number): string {
  return customary[status] ?? STATUS_CODES[status] ?? ''
}

// --- internal ---

/** nginx's words, where they differ from the register of RFC 9110. */
const customary: Readonly<Record<number, string>> = {
  302: 'Moved Temporarily',
  405: 'Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  416: 'Requested Range Not Satisfiable',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}
