import { describe, expect, it } from 'vitest'
import type { AppError } from '../platform/index.ts'
import {
  httpUpstream,
  rawClient,
  rawUpstream,
  startEdge,
  switchingProtocols,
  until,
  webSocketHandshake,
} from './testing/edge-stack.ts'

describe('a drain', () => {
  it('finishes what runs, closes kept-alive connections, takes no new ones, and says so on /readyz', async () => {
    let finish = (): void => {}
    await using upstream = await httpUpstream((_req, res) => {
      finish = () => res.end('finished')
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const idle = rawClient(edge.port)
    await until(() => (finish.toString().includes('finished') ? true : undefined), 'the request at PHP')
    const closing = edge.close()
    expect((await fetch(`${edge.operatorUrl}/readyz`)).status).toBe(503)
    const late = rawClient(edge.port)
    expect(await late.closed()).toBe('reset')
    await idle.closed()
    finish()
    await client.closed()
    expect(client.text()).toMatch(/Connection: close\r\n[\s\S]*finished/)
    await closing
  })

  it('closes a connection whose answer had begun before, once the answer is complete', async () => {
    let finish = (): void => {}
    await using upstream = await httpUpstream((_req, res) => {
      res.write('begun,')
      finish = () => res.end('finished')
    })
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.receives('begun,')
    const closing = edge.close()
    finish()
    await client.closed()
    expect(client.text()).toContain('finished')
    await closing
  })

  it('does not wait for WebSockets, which never end by themselves', async () => {
    await using upstream = await rawUpstream((socket) => socket.write(switchingProtocols))
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write(webSocketHandshake)
    await client.receives('101')
    await edge.close()
    await client.closed()
  })

  it('cuts what is left at its deadline', async () => {
    await using upstream = await httpUpstream(() => {})
    await using edge = await startEdge({ legacyUrl: upstream.url })
    const client = rawClient(edge.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => (client.socket.bytesWritten > 0 ? true : undefined), 'the request')
    const deadline = new AbortController()
    const closing = edge.close(deadline.signal)
    deadline.abort()
    await closing
    await client.closed()
  })
})

describe('the operator listener', () => {
  it('tells health, readiness, figures and state, and nothing on the public port', async () => {
    let problem: string | undefined = 'not heard from yet'
    await using upstream = await httpUpstream((req, res) => res.writeHead(404).end(`PHP ${req.url}`))
    await using edge = await startEdge({
      legacyUrl: upstream.url,
      readiness: [{ name: 'flags', problem: () => problem, final: () => problem === 'wrong for good' }],
    })
    const ask = (path: string): Promise<Response> => fetch(`${edge.operatorUrl}${path}`)
    expect((await ask('/healthz')).status).toBe(200)
    const waiting = await ask('/readyz')
    expect(waiting.status).toBe(503)
    expect(await waiting.json()).toEqual({ ready: false, problems: ['flags: not heard from yet'], final: false })
    problem = 'wrong for good'
    expect(await (await ask('/readyz')).json()).toMatchObject({ ready: false, final: true })
    problem = undefined
    expect((await ask('/readyz')).status).toBe(200)
    for (const path of ['/healthz', '/readyz', '/metrics', '/status']) {
      expect(await (await fetch(`${edge.url}${path}`)).text()).toBe(`PHP ${path}`)
    }
    await edge.logged(({ path }) => path === '/status')
    expect(await (await ask('/metrics')).text()).toContain(
      'fig_requests_total{target="legacy",route="none",status="4xx"} 4',
    )
    expect(await (await ask('/status')).json()).toMatchObject({ draining: false, requestsRunning: 0, problems: [] })
    expect((await ask('/other')).status).toBe(404)
    expect((await fetch(`${edge.operatorUrl}/healthz`, { method: 'POST' })).status).toBe(405)
  })
})

describe('opening the listeners', () => {
  it('says which port is taken, and leaves nothing open', async () => {
    await using upstream = await httpUpstream((_req, res) => res.end())
    await expect(startEdge({ legacyUrl: upstream.url, settings: { port: upstream.port } })).rejects.toThrow(
      `the public listener: port ${upstream.port} on 127.0.0.1 is taken`,
    )
    const failed = startEdge({ legacyUrl: upstream.url, settings: { operatorPort: upstream.port } })
    await expect(failed).rejects.toMatchObject({ code: 'edge.port-in-use' } satisfies Partial<AppError>)
  })

  it('says that the host is not of this machine', async () => {
    await using upstream = await httpUpstream((_req, res) => res.end())
    const failed = startEdge({ legacyUrl: upstream.url, settings: { host: '203.0.113.1' } })
    await expect(failed).rejects.toThrow('203.0.113.1 is no address of this machine')
  })
})
