import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { bannedMemberId } from '../../../legacy-fixtures/seed/index.ts'
import { compareStores, countConflicts } from '../../../test/both-stores.ts'
import { answersBy, setFlag, waitForSide } from '../../../test/fig-control.ts'
import { differencesBetween, LegacyRows, type Snapshot } from '../../../test/legacy-rows.ts'
import { createSession, type MemberSession, openSessions } from '../../../test/member-session.ts'
import { comparableHeaders, decodedBody, type RawAnswer, RawClient } from '../../../test/raw-http.ts'
import { type EndorseCase, endorseCases } from './testing/endorse-cases.ts'

/** Endorsing by PHP directly, and by TypeScript through Fig: the same answer and the same rows from the same start. */
describe('endorsing', () => {
  const stack = inject('stack')
  const client = new RawClient()
  const host = 'www.modvault.example'
  const sessions: Record<string, MemberSession | undefined> = {}
  let rows: LegacyRows
  let before: Snapshot
  let conflictsBefore = 0

  beforeAll(async () => {
    for (const [name, password] of logins) [sessions[name]] = await openSessions(stack, [name, password])
    sessions.visitor = createSession(stack, '')
    sessions.banned = sessionOf(bannedMemberId)
    sessions.gone = sessionOf(999_999)
    sessions.greeted = sessionOf(3, 'flash|a:1:{i:0;a:2:{i:0;s:2:"ok";i:1;s:8:"Welcome.";}}')
    // PHP takes an id that it never gave; the file is there after the first request.
    const unknown = createSession(stack, '')
    sessions.unknown = { ...unknown, restore: unknown.remove }
    rows = await LegacyRows.open(stack.mysqlUrl, tables)
    before = await rows.snapshot()
    conflictsBefore = await countConflicts(stack)
    await setFlag(stack.unleash, 'mod-page', 'on')
    await waitForSide(stack, '/skyrim/mods/12', 'modern')
  })
  afterAll(async () => {
    await setFlag(stack.unleash, 'mod-page', 'off')
    await waitForSide(stack, '/skyrim/mods/12', 'legacy')
    await rows.restore(before)
    await rows[Symbol.asyncDispose]()
    for (const session of Object.values(sessions)) session?.remove()
    client.close()
  })

  function sessionOf(userId: number, more = ''): MemberSession {
    const csrf = '00112233445566778899aabbccddeeff'
    const content = `csrf|s:32:"${csrf}";user_id|i:${userId};username|s:5:"alice";rank|i:0;login_at|i:1400000000;${more}`
    return createSession(stack, content, csrf)
  }

  /** What `one` asks for, from its starting state: the answer, and what it leaves in MySQL and in the session. */
  async function observe(origin: string, one: EndorseCase) {
    const session = one.as === undefined ? undefined : sessions[one.as]
    session?.restore()
    await rows.restore(before)
    if (one.vote !== undefined) await rows.query('REPLACE INTO endorsements VALUES (12, 3, ?, ?)', [one.vote, longAgo])
    const start = await rows.snapshot(before)
    const { target = '/ajax.php', method = 'POST', headers, body } = one.request(session?.csrf ?? '')
    const cookies = [session?.cookie, one.cookie].filter((cookie) => cookie !== undefined).join('; ')
    const sent = { host, 'accept-encoding': 'gzip', ...(cookies === '' ? {} : { cookie: cookies }), ...headers }
    const answer = await client.send(origin, target, { method, headers: sent, ...(body === undefined ? {} : { body }) })
    const changes = differencesBetween(start, await rows.snapshot(start)).map(({ table, kind, after }) => {
      return {
        table,
        kind,
        row: Object.entries(after ?? {}).filter(([column]) => !momentary.has(`${table}.${column}`)),
      }
    })
    const [mod] = await rows.query('SELECT endorsement_count FROM mods WHERE id = 12')
    return { ...described(answer), changes, count: mod?.endorsement_count, session: session?.read() }
  }

  it.each(endorseCases)('has the same outcome when $name', async (one) => {
    const direct = await observe(stack.siteUrl, one)
    const answered = async (side: 'legacy' | 'modern') => await answersBy(stack.operatorUrl, side, 'endorse')
    const [modern, legacy] = [await answered('modern'), await answered('legacy')]
    const throughFig = await observe(stack.figUrl, one)
    expect(throughFig).toEqual(direct)
    expect(direct).toMatchObject({ status: one.expected.status, json: one.expected.json })
    expect(countByTable(direct.changes)).toEqual(one.expected.changed)
    // Equal because both came from PHP would prove nothing, and neither would a route that takes more than it says.
    const by = { modern: (await answered('modern')) - modern, legacy: (await answered('legacy')) - legacy }
    expect(by).toEqual({ modern: one.by === 'modern' ? 1 : 0, legacy: one.by === 'legacy' ? 1 : 0 })
    if (direct.changes.length > 0) await expectSameView()
  })

  /** Whichever side wrote, and whichever shows it: alice sees her vote and the count at once. */
  async function expectSameView(): Promise<void> {
    const headers = { host, cookie: sessions.alice?.cookie ?? '' }
    const shownBefore = await answersBy(stack.operatorUrl, 'modern', 'mod-page')
    const shown = await client.send(stack.figUrl, '/skyrim/mods/12', { headers })
    const direct = await client.send(stack.siteUrl, '/skyrim/mods/12', { headers })
    expect(decodedBody(shown).toString('latin1')).toBe(decodedBody(direct).toString('latin1'))
    expect(await answersBy(stack.operatorUrl, 'modern', 'mod-page')).toBe(shownBefore + 1)
  }

  it('leaves Postgres equal to MySQL', async () => {
    const votes = endorseCases.filter(({ as, expected }) => as === 'alice' && expected.status === 200).slice(0, 6)
    for (const [index, vote] of votes.entries()) await observe(index % 2 === 0 ? stack.figUrl : stack.siteUrl, vote)
    const [report] = await compareStores(stack)
    expect(await countConflicts(stack)).toBe(conflictsBefore)
    expect(report).toMatchObject({ equal: true, differences: [] })
    expect(report?.rows.mods).toBe(before.get('mods')?.rows.size)
  })
})

// --- internal ---

const logins = [
  ['alice', 'wonderland'],
  ['Dovah', 'dragon'],
] as const
/** What an endorsement may touch, and a login on the way to it. */
const tables = ['endorsements', 'mods', 'users', 'remember_tokens', 'tracked_mods', 'activity_log', 'settings']
const longAgo = '2014-05-01 12:00:00'
/** Written by the clock. */
const momentary = new Set(['endorsements.created', 'mods.updated', 'users.last_login'])

function described(answer: RawAnswer) {
  const headers = comparableHeaders(answer).map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase()))
  const body = answer.body.toString('latin1')
  return {
    status: answer.status,
    reason: answer.reason,
    // Fetch's Headers, which handlers answer with, are in order of their names. The id of a new session is random.
    headers: headers.map((line) => line.replace(/(PHPSESSID=)[^;]+/, '$1…')).toSorted(),
    body,
    json: JSON.parse(body) as unknown,
  }
}

function countByTable(changes: readonly { readonly table: string }[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(changes, ({ table }) => table)).map(([table, rows]) => [table, rows?.length ?? 0]),
  )
}
