import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFaults } from './fault-injection.ts'
import { type EdgeUnderTest, exchangeRaw, httpUpstream, startEdge, type Upstream } from './testing/edge-stack.ts'

describe('a drill', () => {
  let upstream: Upstream
  const edges: EdgeUnderTest[] = []
  beforeAll(async () => {
    upstream = await httpUpstream((_req, res) => {
      res.writeHead(200, ['Content-Length', '1000'])
      res.end('x'.repeat(1000))
    })
  })
  afterAll(async () => {
    for (const edge of edges) await edge[Symbol.asyncDispose]()
    await upstream[Symbol.asyncDispose]()
  })

  async function answerUnder(...injectedFaults: readonly string[]): Promise<string> {
    const edge = await startEdge({ legacyUrl: upstream.url, settings: { injectedFaults } })
    edges.push(edge)
    return exchangeRaw(edge.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  }

  it('answers with an error instead of PHP', async () => {
    const answer = await answerUnder('none:error')
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*/)
    expect(answer).toContain('on purpose')
  })

  it('cuts the body so that the client can tell', async () => {
    const answer = await answerUnder('*:cut=100')
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer.split('\r\n\r\n')[1]).toBe('x'.repeat(100))
  })

  it('delays', async () => {
    const before = performance.now()
    expect(await answerUnder('*:latency=300')).toMatch(/^HTTP\/1\.1 200 /)
    expect(performance.now() - before).toBeGreaterThanOrEqual(299)
  })

  it('strikes only what it names, and as often as it says', async () => {
    expect(await answerUnder('other:error', '*:error@0')).toMatch(/^HTTP\/1\.1 200 /)
  })

  it.each(['mod-page', 'a:latency', 'a:error@101', 'a:explode', ''])('refuses %j with the forms it knows', (entry) => {
    expect(() => parseFaults([entry])).toThrow('is no fault to inject')
  })
})
