import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestFig, type TestFig } from './test-fig.ts'

const routes = `
const text = (body, more = {}) => new Response(body, { ...more, headers: { 'content-type': 'text/plain', ...more.headers } })
export default {
  routes: [
    { id: 'same', match: 'GET /same', flag: 'pages', modern: (c) => text('a\\nb at ' + c.env.fig.origin) },
    { id: 'line', match: 'GET /line', flag: 'pages', modern: () => text('a\\nB\\n' + 'x\\n'.repeat(9)) },
    { id: 'status', match: 'GET /status', flag: 'pages', modern: () => text('', { status: 201 }) },
    { id: 'header', match: 'GET /header', flag: 'pages', modern: () => text('', { headers: { 'x-made-by': 'handler' } }) },
    { id: 'declined', match: 'GET /declined', flag: 'pages', modern: (c) => c.env.fig.legacy('has-video') },
    { id: 'broken', match: 'GET /broken', flag: 'pages', modern: () => { throw new Error('broken on purpose') } },
    { id: 'form', match: 'POST /form', flag: 'forms', modern: async (c) => text((await c.req.parseBody()).word) },
  ],
}
`

/** PHP, as far as this is about it. */
const answers: Readonly<Record<string, (request: http.IncomingMessage) => string>> = {
  '/same': ({ headers }) => `a\nb at http://${headers['x-forwarded-host'] ?? headers.host}`,
  '/line': () => `a\nb\n${'y\n'.repeat(9)}`,
}

describe('a Fig for the tests of a site', () => {
  let folder: string
  let legacy: http.Server
  let fig: TestFig
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fig-test-fig-'))
    writeFileSync(join(folder, 'routes.config.mjs'), routes)
    legacy = http.createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      response.setHeader('content-type', 'text/plain')
      response.end(answers[request.url ?? '']?.(request) ?? new URLSearchParams(body).get('word') ?? '')
    })
    await new Promise<void>((resolve) => void legacy.listen(0, '127.0.0.1', resolve))
    const settings = {
      FIG_LEGACY_URL: `http://127.0.0.1:${(legacy.address() as AddressInfo).port}`,
      FIG_LOG_LEVEL: 'silent',
    }
    fig = await startTestFig({ routes: pathToFileURL(join(folder, 'routes.config.mjs')), settings })
  })
  afterAll(async () => {
    await fig?.close()
    legacy.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const differences = async (request: Parameters<TestFig['compareSides']>[0], more = {}) =>
    (await fig.compareSides(request, { flag: 'pages', ...more })).differences

  it('sees no difference where there is none, the host in the page included', async () => {
    const { legacy, modern, differences } = await fig.compareSides('GET /same', { flag: 'pages' })
    expect(differences).toEqual([])
    expect(modern.body).toBe(`a\nb at ${fig.url.replace(/\/$/, '')}`)
    expect(legacy.body).toBe(modern.body)
  })

  it('says each difference in a sentence, and not more than one can read', async () => {
    const found = await differences('GET /line')
    expect(found[0]).toBe('line 2: PHP says "b", the handler "B"')
    expect(found).toHaveLength(6)
    expect(found.at(-1)).toBe('5 more lines differ')
    expect(await differences('GET /status')).toEqual(['status: PHP says 200, the handler 201'])
    expect(await differences('GET /header')).toEqual(['header x-made-by: PHP says nothing, the handler "handler"'])
  })

  it('leaves out what a test says is no difference', async () => {
    expect(await differences('GET /header', { ignoreHeaders: ['X-Made-By'] })).toEqual([])
    const normalise = (body: string) => body.toLowerCase().replaceAll('y', 'x')
    expect(await differences('GET /line', { normalise })).toEqual([])
  })

  it('is not taken in where PHP answered for the handler', async () => {
    const [declined, broken] = [await differences('GET /declined'), await differences('GET /broken')]
    expect(declined).toEqual(["PHP answered in the handler's place (route declined, reason handler-declined)"])
    expect(broken).toEqual(["PHP answered in the handler's place (route broken, reason modern-failed)"])
    expect(await differences('GET /other')).toEqual([expect.stringContaining('(route none, reason no-route)')])
  })

  it('sends forms, and moves a flag back', async () => {
    const form = { target: '/form', form: { word: 'ä & b' } }
    const compared = await fig.compareSides(form, { flag: 'forms' })
    expect(compared).toMatchObject({ differences: [], modern: { body: 'ä & b' } })
    await fig.setFlag('pages', false)
    expect(await (await fetch(new URL('/line', fig.url))).text()).toContain('y')
    await fig.setFlag('pages', true)
    expect(await (await fetch(new URL('/line', fig.url))).text()).toContain('x')
  })

  it('compares one after the other whoever asks at once', async () => {
    const all = await Promise.all(['GET /same', 'GET /declined', 'GET /same'].map((request) => differences(request)))
    expect(all.map(({ length }) => length)).toEqual([0, 1, 0])
  })

  it('says at start what is missing', async () => {
    await expect(startTestFig({ settings: {} })).rejects.toThrow('FIG_LEGACY_URL is missing')
    const nowhere = startTestFig({ routes: '/nowhere.ts', settings: { FIG_LEGACY_URL: 'http://127.0.0.1:1' } })
    await expect(nowhere).rejects.toMatchObject({ code: 'config.invalid' })
  })
})
