import type { Exchange, IncomingFailure } from '../exchange.ts'

export type BodyReading =
  | { readonly kind: 'read' }
  /** What was read was put back: the body streams on as if it had never been touched. */
  | { readonly kind: 'too-large-to-look-at' }
  | { readonly kind: 'broken'; readonly why: IncomingFailure; readonly detail: string }

/** Reads the body into `exchange.body`, because a form field decides where the request goes. */
export async function readBody(exchange: Exchange, bytesMax: number): Promise<BodyReading> {
  if (exchange.body !== undefined) {
    return { kind: 'read' }
  }
  if (exchange.request.length > bytesMax) {
    return { kind: 'too-large-to-look-at' }
  }
  const chunks: Buffer[] = []
  const reading = await collect(exchange, chunks, bytesMax)
  if (reading.kind === 'read') {
    exchange.body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  }
  return reading
}

// --- internal ---

function collect({ incoming }: Exchange, chunks: Buffer[], bytesMax: number): Promise<BodyReading> {
  let bytes = 0
  let over = false
  return new Promise((resolve) => {
    incoming.read({
      onData: (chunk) => {
        if (over) {
          incoming.unread(chunk)
          return
        }
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > bytesMax) {
          over = true
          incoming.pause()
          incoming.unread(Buffer.concat(chunks))
          resolve({ kind: 'too-large-to-look-at' })
        }
      },
      onEnd: () => resolve({ kind: 'read' }),
      onBroken: (why, detail) => resolve({ kind: 'broken', why, detail }),
    })
  })
}
