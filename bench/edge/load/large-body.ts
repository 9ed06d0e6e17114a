import { type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { requestHeaders } from '../cases.ts'
import { BenchProblem } from '../problem.ts'
import { repeated } from './repeated.ts'

/** @throws BenchProblem where not every byte arrives */
export async function upload(origin: string, bytes: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { ...requestHeaders, 'Content-Type': 'application/octet-stream', 'Content-Length': bytes }
  const sent = request(`${origin}/large/in`, { method: 'POST', agent: false, headers, signal }, resolve)
  sent.once('error', reject)
  const [answer] = await Promise.all([promise, pipeline(Readable.from(repeated(bytes), { objectMode: false }), sent)])
  expectBytes('upload', Number(await text(answer)), bytes, answer.statusCode)
}

/** @throws BenchProblem where not every byte arrives */
export async function download(origin: string, bytes: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(`${origin}/large/${bytes}`, { agent: false, headers: requestHeaders, signal }, resolve)
  sent.once('error', reject)
  sent.end()
  const answer = await promise
  let arrived = 0
  for await (const part of answer as AsyncIterable<Buffer>) arrived += part.length
  expectBytes('download', arrived, bytes, answer.statusCode)
}

// --- internal ---

function expectBytes(what: string, arrived: number, bytes: number, status: number | undefined): void {
  if (arrived !== bytes || status !== 200)
    throw new BenchProblem(`${what}: ${arrived} of ${bytes} bytes arrived, status ${status}.`, 'See its error output.')
}
