import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answers, readyz } from './probes.ts'

describe('the probe of Fig', () => {
  let status = 200
  let body = '{}'
  const server = createServer((_, res) => {
    res.writeHead(status).end(body)
  })
  let url = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  it.each([
    ['ready', 200, { ready: true, problems: [], final: false }, true],
    [
      'waits, and for what',
      503,
      { ready: false, problems: ['sync: copying', 'edge: draining'], final: false },
      'sync: copying; edge: draining',
    ],
    [
      'will never be ready, and why',
      503,
      { ready: false, problems: ['sync: wrong mapping'], final: true },
      { final: 'sync: wrong mapping' },
    ],
  ])('tells that it is %s', async (_, code, answer, expected) => {
    status = code
    body = JSON.stringify(answer)
    expect(await readyz(url)).toEqual(expected)
    expect(await answers(`${url}/readyz`)).toBe(code === 200)
  })

  it('takes nobody there for not yet', async () => {
    expect(await readyz('http://127.0.0.1:1')).toBe('no answer yet')
  })
})
