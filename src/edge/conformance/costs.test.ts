import { describe, expect, it } from 'vitest'
import { answer, get, ok, request } from './case.ts'
import { Client } from './client.ts'
import { startPhp } from './php.ts'
import { startFig } from './proxy.ts'
import { Watch } from './watch.ts'

/**
 * What one message may cost. Work that grows with the square of a length lets one client, or one page of PHP's, stop everybody:
 * heads as large as Fig lets in, made for such faults, must cost little more than ordinary ones of that size. The limit leaves room for a
 * busy machine: with such a fault it is seconds.
 */
const costMaxMs = 600
const tries = 3

const heads: Readonly<Record<string, string>> = {
  'many names in Connection and many headers': get('/', `Connection: ${'a,'.repeat(14_000)}b`, ...lines(5_000, 'b: c')),
  'commas in Connection': get('/', `Connection: ${','.repeat(30_000)}`),
  'white space in Connection': get('/', `Connection: X,${' '.repeat(30_000)}Y`),
  'the same header again and again': get('/', ...lines(9_000, 'a: b')),
  'many cookies': get('/', `Cookie: ${'fig_visitor=; '.repeat(4_000)}`),
  'many lines of cookies': get('/', ...lines(2_500, 'Cookie: fig_visitor=;;')),
  'many forwarding headers': get('/', ...lines(2_500, 'X-Forwarded-For: 6.6.6.6')),
  'many names with underscores': get('/', ...lines(5_000, 'x_y: z')),
  'many dots in the path': get(`/${'a/../'.repeat(5_000)}`),
  'many encoded dots in the path': get(`/${'%2e%2e/'.repeat(4_000)}`),
  'many slashes in the path': get('/'.repeat(30_000)),
  'many pairs in the query': get(`/?${'a[]=1&'.repeat(5_000)}`),
  'a refused head with a long Accept': get('/', `Accept: ${'application/'.repeat(2_500)}`, 'X : y'),
  'a refused head with white space': get('/', `X: ${' '.repeat(60_000)}\x01`),
  'chunks of one byte': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `${'1\r\nx\r\n'.repeat(8_000)}0\r\n\r\n`,
  ),
  'many trailers': request('POST / HTTP/1.1', ['Transfer-Encoding: chunked'], `0\r\n${'a: b\r\n'.repeat(4_000)}\r\n`),
}

const answers: Readonly<Record<string, string>> = {
  'white space in a header and a space before a colon': answer(
    [`X: a${' '.repeat(60_000)}b`, 'Y : z', 'Content-Length: 2'],
    'ok',
  ),
  'white space in a header and a control byte': answer([`X: a${'\t'.repeat(60_000)}\x01`, 'Content-Length: 2'], 'ok'),
  'many folds': answer([`X: a${'\r\n b'.repeat(20_000)}`, 'Content-Length: 2'], 'ok'),
  'many names in Connection and many headers': answer(
    [`Connection: ${'a,'.repeat(14_000)}b`, ...lines(5_000, 'b: c'), 'Content-Length: 2'],
    'ok',
  ),
  'many cookies': answer([...lines(5_000, 'Set-Cookie: a=b'), 'Content-Length: 2'], 'ok'),
  'chunks of one byte': answer(['Transfer-Encoding: chunked'], `${'1\r\nx\r\n'.repeat(8_000)}0\r\n\r\n`),
}

describe('a head that was made to be costly', () => {
  for (const [what, bytes] of Object.entries(heads)) {
    it(`costs a client's neighbours nothing: ${what}`, async () => {
      expect(await costOf(bytes, ok)).toBeLessThan(costMaxMs)
    })
  }
  for (const [what, php] of Object.entries(answers)) {
    it(`costs PHP's neighbours nothing: ${what}`, async () => {
      expect(await costOf(get(), php)).toBeLessThan(costMaxMs)
    })
  }
})

// --- internal ---

function lines(count: number, line: string): readonly string[] {
  return Array.from({ length: count }, () => line)
}

/** The quickest of some tries: other work of the machine is not counted. */
async function costOf(bytes: string, php: string): Promise<number> {
  const watch = new Watch(15_000)
  const upstream = await startPhp(watch, { scripts: [php], clientGot: () => false })
  const fig = await startFig(upstream.url, {})
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < tries; i += 1) {
    const client = new Client(fig.port, watch)
    const begin = performance.now()
    client.send(bytes)
    await watch.until(() => client.received.ended ?? (client.answers().complete.length > 0 || undefined))
    best = Math.min(best, performance.now() - begin)
    client.destroy()
  }
  await fig.close()
  await upstream.close()
  return best
}
