import { expect, it } from 'vitest'
import { httpUpstream, rawClient, startEdge, until } from '../testing/edge-stack.ts'

const runningMax = 4

it('500 clients at once get 200 or 503 with Retry-After, and PHP never has more than it can bear', {
  timeout: 60_000,
}, async () => {
  let running = 0
  let most = 0
  await using php = await httpUpstream((_req, res) => {
    running += 1
    most = Math.max(most, running)
    setTimeout(() => {
      running -= 1
      res.end('page')
    }, 5)
  })
  await using edge = await startEdge({
    legacyUrl: php.url,
    legacy: { limits: { runningMax, waitingMax: 50, waitTimeoutMs: 10_000 } },
  })
  const clients = Array.from({ length: 500 }, () => rawClient(edge.port))
  for (const client of clients) {
    client.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n')
  }
  await until(() => clients.every(({ socket }) => socket.destroyed) || undefined, 'all answers', 30_000)
  const answers = clients.map((client) => client.text())
  const served = answers.filter((text) => /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n(?:4\r\npage\r\n0\r\n\r\n|page)$/.test(text))
  const refused = answers.filter((text) => /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: \d+\r\n/.test(text))
  expect(served.length + refused.length).toBe(500)
  expect(served.length).toBeGreaterThanOrEqual(runningMax + 50)
  expect(refused.length).toBeGreaterThan(0)
  expect(most).toBe(runningMax)
  const after = rawClient(edge.port)
  after.write('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n')
  await after.receives('page')
})

it('50 clients that leave while PHP works leave it free within 2 seconds', async () => {
  let open = 0
  await using php = await httpUpstream((_req, res) => {
    open += 1
    res.on('close', () => {
      open -= 1
    })
  })
  await using edge = await startEdge({ legacyUrl: php.url, legacy: { limits: { runningMax: 50 } } })
  const clients = Array.from({ length: 50 }, () => rawClient(edge.port))
  for (const client of clients) {
    client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
  }
  await until(() => open === 50 || undefined, '50 requests')
  for (const client of clients) {
    client.socket.resetAndDestroy()
  }
  await until(() => open === 0 || undefined, 'the end of all', 2_000)
})
