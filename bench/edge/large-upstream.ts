/**
 * Takes and gives bodies of any size, and keeps none: POST answers with the number of bytes that came, GET /large/<bytes>
 * gives that many. Its first argument is the port.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { repeated } from './load/repeated.ts'

const server = createServer((req, res) => {
  answer(req, res).catch(() => res.destroy())
})
server.listen(Number(process.argv[2]), '127.0.0.1')

// --- internal ---

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method === 'POST') {
    const bytes = await countBytes(req)
    res.end(String(bytes))
    return
  }
  await text(req)
  const bytes = Number(/^\/large\/(\d+)$/.exec(req.url ?? '')?.[1] ?? 0)
  res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes })
  await pipeline(repeated(bytes), res)
}

async function countBytes(req: IncomingMessage): Promise<number> {
  let bytes = 0
  for await (const part of req as AsyncIterable<Buffer>) bytes += part.length
  return bytes
}
