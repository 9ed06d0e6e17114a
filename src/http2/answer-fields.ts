import type { HeaderList } from '../http1/index.ts'

/**
 * The fields of an answer's HEADERS frame (RFC 9113 section 8.2): lower case, nothing that is about a connection of HTTP/1.1.
 * Order and duplicates stay.
 * @returns name, value, name, value, …
 */
export function answerFields(status: number, headers: HeaderList): string[] {
  const fields = [':status', String(status)]
  headers.forEach((_written, value, key) => {
    // RFC 9110 section 8.6: no length with 204; clients take one for a malformed answer.
    if (!connectionNames.has(key) && !(status === 204 && key === 'content-length')) {
      fields.push(key, value)
    }
  })
  return fields
}

/** The same for what node:http2 takes as an object only: interim answers and trailers. */
export function fieldsObject(headers: HeaderList): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null)
  headers.forEach((_written, value, key) => {
    if (!connectionNames.has(key)) {
      const known = fields[key]
      fields[key] = known === undefined ? value : [...(typeof known === 'string' ? [known] : known), value]
    }
  })
  return fields
}

// --- internal ---

const connectionNames: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
])
