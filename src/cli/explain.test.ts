import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOverrides } from '../controls/index.ts'
import { createStaticFlags } from '../flags/index.ts'
import { fig, figJson } from './testing/run-in-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'fig-explain-'))
const base = { FIG_ROUTES: 'routes.mjs', FIG_DATA_DIR: 'data' }
const withFile = { ...base, FIG_FLAGS_FILE: 'flags.json' }
const inside = 'AAAAAAAAAAAAAAAAAAAAAA'

beforeAll(() => {
  mkdirSync(join(folder, 'data'))
  const modern = 'modern: () => new Response()'
  write(
    'routes.mjs',
    `export default { routes: [
       { id: 'product', flag: 'shop', match: 'GET /products/:id', ${modern} },
       { id: 'add', flag: 'cart', match: { path: '/ajax.php', form: { action: 'add' } }, stage: 'modern', ${modern} },
       { id: 'old', flag: 'old', match: '/old', stage: 'legacy', ${modern} },
       { id: 'gone', flag: 'gone', match: '/gone', stage: 'retired', retired: 'gone' },
       { id: 'staff', flag: 'staff', match: '/staff', ${modern} },
     ] }`,
  )
  write(
    'flags.json',
    JSON.stringify({ shop: 40, cart: true, old: true, staff: { when: [{ property: 'memberId', in: [7] }] } }),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('fig explain', () => {
  it('says match, flag and decision, and that the visitor stays on that side at login', async () => {
    const found = await explain(['/products/7', '--visitor', inside], withFile)
    const expected = shareOf('shop', inside) <= 40 ? 'modern' : 'legacy'
    expect(found).toMatchObject({
      exit: 0,
      route: 'product',
      params: { id: '7' },
      flags: { source: 'file', verdict: { partial: true } },
      decision: { target: expected, partial: true },
      inTheShareFrom: shareOf('shop', inside),
    })
    const whatIf = found.whatIf as readonly { when: string; target: string; same: boolean }[]
    const at = Object.fromEntries(whatIf.map(({ when, target }) => [when, target]))
    for (const percent of [10, 25, 30, 50, 100])
      expect(at[`at ${percent} %`]).toBe(shareOf('shop', inside) <= percent ? 'modern' : 'legacy')
    expect(at['after login']).toBe(expected)
    expect(at['after a kill']).toBe('legacy')
  })

  it('is for people too', async () => {
    const { stdout, code } = await fig(
      ['explain', 'https://shop.example/products/7', '--visitor', inside],
      withFile,
      folder,
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/route +product\ngroup +shop\nstage +canary\nparams +id=7\n/)
    expect(stdout).toMatch(
      /flags +shop is (?:on|off) for this visitor, not for all\. From the flag file .*flags\.json, .* old\./,
    )
    expect(stdout).toMatch(/\n=> (?:modern|legacy): flag shop is (?:on|off) for this visitor \(flag-(?:on|off)\)\n/)
    expect(stdout).toMatch(/\nin the share +from \d+ % on\nat 10 % +/)
  })

  it.each([
    [['/ajax.php', '--form', 'action=add'], 'modern', 'flag-on'],
    [['/old'], 'legacy', 'stage'],
    [['/gone'], 'modern', 'retired'],
    [['/staff'], 'legacy', 'flag-off'],
    [['/staff', '--property', 'memberId=7'], 'modern', 'flag-on'],
    [['/nowhere'], 'legacy', 'no-route'],
  ] as const)('decides %j as Fig does', async (args, target, reason) => {
    expect(await explain(args, withFile)).toMatchObject({ decision: { target, reason } })
  })

  it('names who would change sides at login', async () => {
    const { whatIf } = await explain(['/staff', '--property', 'memberId=7'], withFile)
    expect(whatIf).toContainEqual({ when: 'before login', target: 'legacy', reason: 'flag-off', same: false })
  })

  it('takes visitor and properties from the request, as Fig is told to', async () => {
    const env = { ...withFile, FIG_VISITOR_COOKIE: 'v', FIG_VISITOR_PROPERTIES: 'memberId=X-Member' }
    const found = await explain(['/staff', '--cookie', `v=${inside}`, '--header', 'X-Member: 7'], env)
    expect(found).toMatchObject({ visitor: { id: inside, from: 'cookie' }, decision: { target: 'modern' } })
    const other = await explain(['/staff', '--cookie', 'v=short'], env)
    expect(other).toMatchObject({ visitor: { from: 'made up' } })
  })

  it('reads the override of header, cookie or link, and says of a bad one why it changes nothing', async () => {
    const secret = 's'.repeat(40)
    const env = { ...withFile, FIG_SIGNING_KEYS: `a:${secret}` }
    const overrides = createOverrides({ keys: [{ id: 'a', secret }] })
    const issue = (target: Parameters<typeof overrides.issue>[0]['target']) =>
      overrides.issue({ target, side: 'modern', who: 'ada', expiresAt: Date.now() + 60_000 })
    const token = issue({ group: 'old' })
    for (const args of [
      ['/old', '--header', `X-Fig-Override: ${token}`],
      ['/old', '--cookie', `fig_override=${token}`],
      [`/old?fig_override=${token}`],
    ])
      expect(await explain(args, env)).toMatchObject({ decision: { target: 'modern', reason: 'override' } })
    const elsewhere = await fig(['explain', '/old', '--cookie', `fig_override=${issue({ group: 'x' })}`], env, folder)
    expect(elsewhere.stdout).toMatch(/override +group x from modern, which is not this route, by ada, until 2/)
    expect(await explain(['/old', '--cookie', `fig_override=${token}x`], env)).toMatchObject({
      decision: { reason: 'stage' },
      override: { refused: expect.stringContaining('no token') },
    })
  })

  it('obeys the kill switch that a Fig on this machine kept, and says from when it is', async () => {
    const kill = { id: 3, at: '2026-01-01T00:00:00.000Z', who: 'ada', why: 'broken', scope: 'group', target: 'cart' }
    const state = { format: 'fig-controls-1', origin: 'x', epoch: 3, confirmedAt: Date.now() - 600_000, kills: [kill] }
    write('data/controls.json', JSON.stringify(state))
    try {
      const env = { ...withFile, FIG_POSTGRES_URL: 'postgres://fig:secret@127.0.0.1:1/shop' }
      const found = await explain(['/ajax.php', '--form', 'action=add'], env)
      expect(found).toMatchObject({ decision: { target: 'legacy', reason: 'kill-switch', epoch: 3 } })
      expect(found.kills).toMatchObject({
        origin: expect.stringMatching(/controls\.json, which is 10 min old; .*nothing listens/),
      })
      expect(found.whatIf).toContainEqual({
        ...{ when: 'without kill and override', target: 'modern', reason: 'flag-on', same: false },
      })
      expect(JSON.stringify(found)).not.toContain('secret')
    } finally {
      rmSync(join(folder, 'data/controls.json'))
    }
  })
})

describe('fig flags', () => {
  it('shows every group with its state', async () => {
    const { stdout, code } = await fig(['flags'], withFile, folder)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Flags from the flag file .*flags\.json, .* old\.\n/)
    expect(stdout).toMatch(/\nshop +on for about (?:3[6-9]|4[0-4]) % +product\n/)
    expect(stdout).toMatch(/\ncart +on +add\n/)
    expect(stdout).toMatch(/\ngone +unknown: modern, as declared +gone\n/)
    expect(stdout).toMatch(/\nstaff +off, but for some by their properties +staff\n/)
    expect(stdout).toContain('drawn over 2000 visitor ids')
  })

  it('says which line of a flag file is wrong', async () => {
    write('bad.json', '{ "shop": 140 }')
    const found = await figJson(['flags', '--flags-file', 'bad.json'], withFile, folder)
    expect(found).toMatchObject({ flags: { source: 'none', problem: expect.stringMatching(/bad\.json:1:11/) } })
  })

  it('asks Unleash, and takes the backup where it can’t be had, without touching it', async () => {
    const features = [
      { name: 'shop', enabled: true, strategies: [{ name: 'default', parameters: {}, constraints: [] }] },
    ]
    let answers = true
    const server = createServer((_request, response) => {
      if (!answers) return void response.writeHead(503).end()
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ version: 2, features }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
    const env = { ...base, FIG_UNLEASH_URL: url, FIG_UNLEASH_TOKEN: 'token' }
    try {
      const live = await figJson(['flags'], env, folder)
      expect(live).toMatchObject({ flags: { source: 'server', origin: `Unleash at ${url}` } })
      expect(readdirSync(join(folder, 'data'))).toEqual([])
      answers = false
      const foreign = { serverUrl: 'http://127.0.0.1:1/api', receivedAt: 1, features, segments: [] }
      write('data/flags-backup.json', JSON.stringify(foreign))
      const none = await figJson(['flags'], env, folder)
      expect(none).toMatchObject({ flags: { source: 'none', origin: expect.stringContaining('holds no state of it') } })
      const receivedAt = Date.now() - 7_200_000
      const content = JSON.stringify({
        serverUrl: url,
        receivedAt,
        features: [{ ...features[0], name: 'cart' }],
        segments: [],
      })
      write('data/flags-backup.json', content)
      const backup = await fig(['flags'], env, folder)
      expect(backup.stdout).toMatch(
        /the backup that the last run left of Unleash.*, 2 h old \(Unleash at .* can't be had/,
      )
      expect(backup.stdout).toMatch(/\ncart +on +add/)
      // Also for who knows no more than the folder.
      expect((await fig(['flags'], base, folder)).stdout).toMatch(/the backup that the last run left.*2 h old\.\n/)
    } finally {
      server.close()
      rmSync(join(folder, 'data/flags-backup.json'), { force: true })
    }
  })

  it('says that nothing is configured', async () => {
    expect((await fig(['flags'], base, folder)).stdout).toMatch(/no flags: neither FIG_FLAGS_FILE nor FIG_UNLEASH_URL/)
  })
})

// --- internal ---

function explain(args: readonly string[], env: Readonly<Record<string, string>>) {
  return figJson(['explain', ...args], env, folder)
}

function shareOf(flag: string, id: string): number {
  for (let percent = 1; percent < 100; percent += 1) {
    if (
      createStaticFlags({ [flag]: percent })
        .snapshot()
        .evaluate(flag, { id }).state === 'on'
    )
      return percent
  }
  return 100
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}
