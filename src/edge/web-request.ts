import type { Exchange, Incoming } from '../exchange.ts'

/**
 * The request as modern handlers see it.
 * @throws TypeError where the Fetch standard has no such request (TRACE, for one)
 */
export function webRequest(exchange: Exchange, signal: AbortSignal): Request {
  const { client, method, request, target } = exchange
  const headers = new Headers()
  request.headers.forEach((name, value) => {
    headers.append(name, value)
  })
  const body = method === 'GET' || method === 'HEAD' ? null : bodyOf(exchange)
  const url = `${client.proto}://${client.host || 'localhost'}${percentEncodeBytes(target.raw)}`
  return new Request(url, { method, headers, body, signal, ...(body === null ? {} : { duplex: 'half' }) })
}

// --- internal ---

/** Bytes of the upper half stand for themselves in the request line; a URL holds them percent-encoded. */
function percentEncodeBytes(raw: string): string {
  return raw.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}

function bodyOf({ body, request, incoming }: Exchange): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null {
  if (body !== undefined) {
    return new Uint8Array(body)
  }
  return request.framing === 'none' ? null : streamOf(incoming)
}

/** Reads no byte before the handler asks: until then PHP may still have to answer. */
function streamOf(incoming: Incoming): ReadableStream<Uint8Array> {
  let started = false
  let over = false
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (started) {
          incoming.resume()
          return
        }
        started = true
        incoming.read({
          onData: (chunk) => {
            controller.enqueue(new Uint8Array(chunk))
            if ((controller.desiredSize ?? 0) <= 0) {
              incoming.pause()
            }
          },
          onEnd: () => {
            over = true
            controller.close()
          },
          onBroken: (why, detail) => {
            over = true
            controller.error(new Error(`the body broke off (${why}): ${detail}`))
          },
        })
      },
      cancel() {
        if (!over) {
          incoming.discard()
        }
      },
    },
    { highWaterMark: 0 },
  )
}
