import { STATUS_CODES } from 'node:http'
import type { Answer, Exchange } from '../exchange.ts'
import { HeaderList, hopByHopBits } from '../http1/index.ts'

/** Sends what a modern handler returned. Resolves when the client has it, or is gone. */
export async function sendWebResponse(exchange: Exchange, response: Response): Promise<void> {
  const { answer } = exchange
  const headers = headersOf(response)
  const { status } = response
  const reason = response.statusText || STATUS_CODES[status] || ''
  if (response.body === null || answer.closed) {
    if (!headers.has('content-length') && exchange.method !== 'HEAD' && status !== 204 && status !== 304) {
      headers.append('Content-Length', '0')
    }
    await response.body?.cancel()
    answer.begin(status, reason, headers)
    answer.end()
    return
  }
  const reader = response.body.getReader()
  exchange.onLeave(() => {
    // Wakes the writer that waits for the client to take more.
    answer.onDrain?.()
    reader
      .cancel()
      .catch((error: unknown) => exchange.log.debug({ err: error }, 'a handler did not like being cancelled'))
  })
  try {
    await stream(answer, reader, (length) => {
      if (length !== undefined && !headers.has('content-length')) {
        headers.append('Content-Length', String(length))
      }
      answer.begin(status, reason, headers)
    })
  } catch (error) {
    exchange.log.error({ err: error }, 'the answer of a handler broke off')
    answer.cut()
  } finally {
    exchange.onLeave(undefined)
  }
}

// --- internal ---

/** Fetch has names in lower case; PHP's web server, and so the clients that look at bytes, have them in title case. */
function headersOf(response: Response): HeaderList {
  const headers = new HeaderList()
  for (const [name, value] of response.headers) {
    headers.append(titleCase(name), value)
  }
  headers.removeBits(hopByHopBits)
  return headers
}

const titles = new Map<string, string>([
  ['etag', 'ETag'],
  ['www-authenticate', 'WWW-Authenticate'],
  ['x-ua-compatible', 'X-UA-Compatible'],
  ['x-xss-protection', 'X-XSS-Protection'],
])

function titleCase(name: string): string {
  let title = titles.get(name)
  if (title === undefined) {
    title = name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    titles.set(name, title)
  }
  return title
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

async function stream(answer: Answer, reader: Reader, begin: (length: number | undefined) => void): Promise<void> {
  const first = await reader.read()
  if (first.done) {
    begin(0)
    answer.end()
    return
  }
  const second = reader.read()
  // A page is one piece: then its length is known, and it leaves in one write.
  const whole = await isOver(second)
  begin(whole ? first.value.byteLength : undefined)
  await write(answer, first.value)
  if (!whole) {
    answer.flush()
    for (let next = await second; !next.done; next = await reader.read()) {
      await write(answer, next.value)
      answer.flush()
    }
  }
  answer.end()
}

/** Of a stream that has more to come nobody knows when: it is not waited for. */
async function isOver(read: Promise<{ readonly done: boolean }>): Promise<boolean> {
  const later = new Promise<undefined>((resolve) => {
    setImmediate(resolve, undefined)
  })
  // A failure shows where the read is awaited next.
  const result = await Promise.race([read.catch(() => undefined), later])
  return result?.done === true
}

async function write(answer: Answer, bytes: Uint8Array): Promise<void> {
  const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!answer.write(chunk) && !answer.closed) {
    await drained(answer)
  }
}

/** Goes on also when the client leaves: what is written then goes nowhere. */
function drained(answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    answer.onDrain = () => {
      answer.onDrain = undefined
      resolve()
    }
  })
}
