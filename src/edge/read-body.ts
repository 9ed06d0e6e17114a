import type { Exchange } from '../exchange.ts'

export type BodyReading = 'read' | 'too-large' | 'client-left' | 'timeout'

/**
 * Reads the body into `exchange.body`, because a form field decides where the request goes. When it turns out larger than
 * `bytesMax`, what was read is put back, and the body streams on as if it had never been touched.
 */
export async function readBody(
  exchange: Exchange,
  limits: { readonly bytesMax: number; readonly idleTimeoutMs: number },
): Promise<BodyReading> {
  if (exchange.body !== undefined) {
    return 'read'
  }
  const { req } = exchange
  const announced = req.headers['content-length']
  if (announced !== undefined && Number(announced) > limits.bytesMax) {
    return 'too-large'
  }
  exchange.sendContinue()
  const chunks: Buffer[] = []
  const reading = await collect(exchange, chunks, limits)
  if (reading === 'read') {
    exchange.body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
  }
  return reading
}

// --- internal ---

function collect(
  { req }: Exchange,
  chunks: Buffer[],
  limits: { readonly bytesMax: number; readonly idleTimeoutMs: number },
): Promise<BodyReading> {
  let bytes = 0
  return new Promise((resolve) => {
    const settle = (reading: BodyReading): void => {
      clearTimeout(timer)
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      resolve(reading)
    }
    const timer = setTimeout(() => settle('timeout'), limits.idleTimeoutMs)
    const onData = (chunk: Buffer): void => {
      timer.refresh()
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > limits.bytesMax) {
        req.pause()
        settle('too-large')
        req.unshift(Buffer.concat(chunks))
      }
    }
    const onEnd = (): void => settle('read')
    const onClose = (): void => settle('client-left')
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}
