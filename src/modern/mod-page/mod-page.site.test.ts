import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { logIn } from '../../../legacy-fixtures/test/site-member.ts'
import { answersBy, setFlag, waitForSide } from '../../../test/fig-control.ts'
import { comparableHeaders, decodedBody, type RawAnswer, RawClient } from '../../../test/raw-http.ts'

/** The same request to PHP directly and, with the flag on, to TypeScript: every seeded mod, byte for byte. */
describe('the mod page', () => {
  const legacyUrl = inject('siteUrl')
  const figUrl = inject('figUrl')
  const stack = inject('stack')
  const client = new RawClient()
  let paths: readonly string[] = []

  beforeAll(async () => {
    paths = await publicPaths(inject('mysqlUrl'))
    await setFlag(inject('unleash'), 'mod-page', 'on')
    await waitForSide(stack, paths[0] ?? '', 'modern')
  })
  afterAll(async () => {
    client.close()
    await setFlag(inject('unleash'), 'mod-page', 'off')
    await waitForSide(stack, paths[0] ?? '', 'legacy')
  })

  async function both(
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly [RawAnswer, RawAnswer]> {
    const asked = { headers: { host: 'www.modvault.example', ...headers } }
    return Promise.all([client.send(legacyUrl, path, asked), client.send(figUrl, path, asked)])
  }

  async function expectSame(path: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const [legacy, modern] = await both(path, headers)
    const [ours, theirs] = [decodedBody(modern).toString('latin1'), decodedBody(legacy).toString('latin1')]
    expect({ path, status: modern.status, body: ours }).toEqual({ path, status: legacy.status, body: theirs })
  }

  async function expectAllSame(headers: Readonly<Record<string, string>>): Promise<void> {
    const before = await answersBy(stack.operatorUrl, 'modern')
    expect(paths.length).toBeGreaterThan(1500)
    const queue = [...paths]
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let path = queue.shift(); path !== undefined; path = queue.shift()) await expectSame(path, headers)
      }),
    )
    // Equal because both came from PHP would prove nothing.
    expect((await answersBy(stack.operatorUrl, 'modern')) - before).toBe(paths.length)
  }

  it('is the same for a visitor, for every mod', () => expectAllSame({}), 240_000)

  it('is the same for a member, for every mod', async () => {
    const alice = await logIn(legacyUrl, 'alice', 'wonderland')
    await expectAllSame({ cookie: alice.cookie })
  }, 240_000)

  it('is the same for an administrator and for an author, hidden mods and drafts included', async () => {
    for (const [name, password] of [
      ['admin', 'admin123'],
      ['Dovah', 'dragon'],
    ] as const) {
      const member = await logIn(legacyUrl, name, password)
      for (const path of (await hiddenPaths(inject('mysqlUrl'))).concat(paths.slice(0, 40)))
        await expectSame(path, { cookie: member.cookie })
    }
  })

  it.each([
    ['the old address', '/index.php?page=mod&id=1'],
    ['the old address with the game', '/index.php?page=mod&game=nosuchgame&id=1'],
    ['another game', '/nosuchgame/mods/1'],
    ['a query that overrides the path', '/skyrim/mods/1?id=2'],
    ['a page of the comments', '{path}?cp=2'],
    ['a page beyond the last', '{path}?cp=99999999999999999999'],
    ['a page that is no number', '{path}?cp=-1x'],
    ['a page that is an array', '{path}?cp[]=2'],
    ['a search text in the header', '{path}?q=a%22%3Cb%3E+%C3%A9'],
    ['bytes that are no UTF-8', '{path}?q=%E9'],
    ['a closing slash', '{path}/'],
    ['a mod that does not exist', '/skyrim/mods/999999'],
    ['an id with leading zeros', '/index.php?page=mod&id=0001'],
  ])('is the same for %s', async (_, pattern) => {
    const path = pattern.replace('{path}', paths[0] ?? '')
    await expectSame(path)
    const alice = await logIn(legacyUrl, 'alice', 'wonderland')
    await expectSame(path, { cookie: alice.cookie })
    await expectSame(`${path}${path.includes('?') ? '&' : '?'}reply=1`, { cookie: alice.cookie })
  })

  it('has the same headers, with and without a session and gzip', async () => {
    const alice = await logIn(legacyUrl, 'alice', 'wonderland')
    for (const headers of [{}, { cookie: alice.cookie }]) {
      for (const coding of [{}, { 'accept-encoding': 'gzip, deflate, br' }, { 'accept-encoding': 'br' }]) {
        const [legacy, modern] = await both(paths[0] ?? '', { ...headers, ...coding })
        // Fetch's Headers, which handlers answer with, know names in lower case only.
        const named = (answer: RawAnswer) => comparableHeaders(answer).map(lowerCaseName).toSorted()
        expect(named(modern).filter((line) => !/^content-length/i.test(line))).toEqual(named(legacy))
      }
    }
  })

  it('leaves a waiting message to PHP, which shows it once', async () => {
    const member = await logIn(legacyUrl, 'bob', 'builder')
    const path = paths[1] ?? ''
    const modId = path.split('/').at(-1) ?? ''
    const fields = new URLSearchParams({
      action: 'add',
      mod_id: modId,
      parent_id: '0',
      csrf: member.csrf,
      body: 'Well done!',
    })
    const posted = await client.send(figUrl, '/comment', {
      method: 'POST',
      headers: { cookie: member.cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: fields.toString(),
    })
    expect([302, 303]).toContain(posted.status)
    const first = decodedBody(await client.send(figUrl, path, { headers: { cookie: member.cookie } })).toString()
    const second = decodedBody(await client.send(figUrl, path, { headers: { cookie: member.cookie } })).toString()
    expect(first).toContain('class="flash ok"')
    expect(second).not.toContain('class="flash ok"')
    // Written by PHP a moment ago, shown by TypeScript now.
    expect(second).toContain('Well done!')
    await expectSame(path, { cookie: member.cookie })
  })
})

// --- internal ---

function lowerCaseName(line: string): string {
  return line.replace(/^[^:]*/, (name) => name.toLowerCase())
}

async function pathsWhere(mysqlUrl: string, condition: string): Promise<string[]> {
  const connection = await createConnection(`${mysqlUrl.replace(/\/$/, '')}/modvault`)
  try {
    const [rows] = await connection.query(
      `SELECT CONCAT('/', g.domain, '/mods/', m.id) AS path FROM mods m JOIN games g ON g.id = m.game_id WHERE ${condition} ORDER BY m.id`,
    )
    return (rows as { path: string }[]).map(({ path }) => path)
  } finally {
    await connection.end()
  }
}

const publicPaths = (mysqlUrl: string) => pathsWhere(mysqlUrl, "m.status = 'published'")
const hiddenPaths = (mysqlUrl: string) => pathsWhere(mysqlUrl, "m.status <> 'published'")
