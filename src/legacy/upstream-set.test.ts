import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { exchangeRaw, nobody, playPhp, startLegacy, until } from './testing/legacy-stack.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const answer = (text: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`

describe('several upstreams', () => {
  it('take turns, and the one with the fewest requests is first', async () => {
    const waiting: Socket[] = []
    await using one = await playPhp((socket) => waiting.push(socket))
    await using two = await playPhp((socket) => socket.write(answer('two')))
    await using stack = await startLegacy({ urls: [one.url, two.url] })
    const stuck: Promise<string>[] = []
    while (waiting.length === 0) {
      stuck.push(exchangeRaw(stack.port, get))
      await until(() => waiting.length > 0 || stack.outcomes.length === stuck.length || undefined, 'a request')
    }
    const before = two.heads.length
    for (let i = 0; i < 4; i += 1) {
      expect(await exchangeRaw(stack.port, get)).toMatch(/two$/)
    }
    expect([one.heads.length, two.heads.length - before]).toEqual([1, 4])
    waiting[0]?.write(answer('one'))
    await Promise.all(stuck)
    expect((await stack.metrics.text()).body).toContain(`fig_legacy_upstream_running{upstream="${one.url.origin}"} 0`)
  })

  it('share equally when they are equal', async () => {
    await using one = await playPhp((socket) => socket.write(answer('one')))
    await using two = await playPhp((socket) => socket.write(answer('two')))
    await using stack = await startLegacy({ urls: [one.url, two.url] })
    for (let i = 0; i < 6; i += 1) {
      await exchangeRaw(stack.port, get)
    }
    expect([one.heads.length, two.heads.length]).toEqual([3, 3])
  })

  it('stand in for one that can not be reached, for writes too, as nothing was sent', async () => {
    await using two = await playPhp((socket) => socket.write(answer('two')))
    await using stack = await startLegacy({ urls: [await nobody(), two.url], health: { failuresMax: 100 } })
    for (let i = 0; i < 4; i += 1) {
      const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc'
      expect(await exchangeRaw(stack.port, post)).toMatch(/two$/)
    }
    expect(two.heads).toHaveLength(4)
  })

  it('lose one that fails again and again, and get it back when it answers its health check', async () => {
    const gone = await nobody()
    await using two = await playPhp((socket) => socket.write(answer('two')))
    await using stack = await startLegacy({
      urls: [gone, two.url],
      health: { failuresMax: 2, backOffMs: 30, path: '/health' },
    })
    for (let i = 0; i < 6; i += 1) {
      expect(await exchangeRaw(stack.port, get)).toMatch(/two$/)
    }
    const state = async (): Promise<string> => (await stack.metrics.text()).body
    expect(await state()).toContain(`fig_legacy_upstream_ejected{upstream="${gone.origin}"} 1`)
    const left = stack.log.filter(({ msg }) => msg === 'an upstream is left out')
    expect(left).toMatchObject([{ upstream: gone.origin, cause: 'connect-refused', level: 'warn' }])
    let healthy = false
    const heads: string[] = []
    const back = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        heads.push(String(chunk))
        socket.write(String(chunk).includes('/health') && !healthy ? 'HTTP/1.1 503 X\r\n\r\n' : answer('one'))
      })
    })
    await new Promise<void>((resolve) => back.listen(Number(gone.port), '127.0.0.1', resolve))
    await until(() => heads[0], 'a health check')
    expect(heads[0]).toMatch(/^GET \/health HTTP\/1\.1\r\nHost: 127/)
    expect(stack.log.some(({ msg }) => msg === 'an upstream is used again')).toBe(false)
    healthy = true
    await until(() => stack.log.find(({ msg }) => msg === 'an upstream is used again'), 'the return')
    const texts = [await exchangeRaw(stack.port, get), await exchangeRaw(stack.port, get)]
    expect(texts.some((text) => text.endsWith('one'))).toBe(true)
    await stack.close()
    back.close()
  })

  it('are all tried when all are ejected: no 502 without an attempt', async () => {
    const urls = [await nobody(), await nobody()]
    await using stack = await startLegacy({ urls, health: { failuresMax: 1, backOffMs: 60_000 } })
    expect(await exchangeRaw(stack.port, get)).toContain('connect-refused')
    expect(stack.log.filter(({ msg }) => msg === 'an upstream is left out')).toHaveLength(2)
    const back = createServer((socket) => socket.on('data', () => socket.write(answer('back'))))
    await new Promise<void>((resolve) => back.listen(Number(urls[0]?.port), '127.0.0.1', resolve))
    expect(await exchangeRaw(stack.port, get)).toMatch(/back$/)
    // Whoever answers is used again, without waiting for a check.
    expect(stack.log.filter(({ msg }) => msg === 'an upstream is used again')).toHaveLength(1)
    await stack.close()
    back.close()
  })

  it('are asked from time to time where that is configured, before a visitor meets the failure', async () => {
    const dead = await nobody()
    await using two = await playPhp((socket) => socket.write(answer('two')))
    await using stack = await startLegacy({ urls: [dead, two.url], health: { failuresMax: 2, intervalMs: 20 } })
    const line = await until(() => stack.log.find(({ msg }) => msg === 'an upstream is left out'), 'the ejection')
    expect(line).toMatchObject({ upstream: dead.origin, cause: 'health-check' })
  })
})

describe('one upstream', () => {
  it('is never left out: there is no other', async () => {
    const url = await nobody()
    await using stack = await startLegacy({ url, health: { failuresMax: 1 } })
    await exchangeRaw(stack.port, get)
    await exchangeRaw(stack.port, get)
    expect(stack.log.filter(({ msg }) => msg === 'an upstream is left out')).toEqual([])
  })
})

describe('addresses', () => {
  it('are refused when they can not be used', async () => {
    await expect(startLegacy({})).rejects.toMatchObject({ code: 'config.invalid' })
    await expect(startLegacy({ url: new URL('ftp://a/') })).rejects.toMatchObject({ code: 'config.invalid' })
  })
})
