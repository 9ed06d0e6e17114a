import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, inject, it } from 'vitest'
import { siteDatabase } from '../../scripts/stack/index.ts'
import { aliceApiKey, dovahApiKey } from '../seed/index.ts'
import { comparableAnswers, createNexusClient, runNexusClient, settle } from './nexus-client.ts'

const siteUrl = inject('siteUrl')
const run = { baseUrl: siteUrl, apiKey: aliceApiKey, game: 'skyrim', modId: 26 }

it('lets the desktop client complete all of its calls', async () => {
  const answers = await runNexusClient(run)

  expect(failures(answers)).toEqual({
    untrackModAgain: 404,
    downloadUrls: 403,
    downloadUrlsWrongKey: 400,
    noSuchGame: 404,
    noSuchMod: 404,
    noSuchFile: 404,
    endorseNoSuchMod: 404,
    noSuchMd5: 404,
    invalidMd5: 422,
    wrongKey: 401,
  })
  expect(answers).toMatchObject({
    validationResult: { user_id: 3, name: 'alice', key: aliceApiKey, is_premium: false },
    trackMod: { message: 'User 3 is now Tracking Mod: 26' },
    trackModAgain: { message: 'User 3 is already Tracking Mod: 26' },
    endorseMod: { status: 'Endorsed' },
    modInfoEndorsed: { mod_id: 26, domain_name: 'skyrim', endorsement: { endorse_status: 'Endorsed' } },
    abstainMod: { status: 'Abstained' },
    modInfoAbstained: { endorsement: { endorse_status: 'Abstained' } },
    trackNoMod: { message: 'mod_id and domain_name are required' },
    sendFeedback: { reference: 'ref-1', grouping_key: 'group' },
    rateLimits: { daily: expect.any(Number), hourly: expect.any(Number) },
  })
  expect(answers.trackedMods).toContainEqual({ mod_id: 26, domain_name: 'skyrim' })
  expect(answers.trackedModsAfterwards).not.toContainEqual({ mod_id: 26, domain_name: 'skyrim' })
  expect(answers.endorsements).toContainEqual(expect.objectContaining({ mod_id: 26, status: 'Endorsed' }))
  expect(answers.updatedToday).toContainEqual(expect.objectContaining({ mod_id: 26 }))
  expect(answers.latestAdded).toHaveLength(10)
})

it('gives the desktop client the same answers each time', async () => {
  const first = comparableAnswers(await runNexusClient(run), siteUrl)
  const second = comparableAnswers(await runNexusClient(run), siteUrl)

  expect(second).toEqual(first)
})

it('gives a premium member links that download can be resumed with', async () => {
  const client = await createNexusClient({ ...run, apiKey: dovahApiKey })
  const { files } = await client.getModFiles(run.modId)
  const [link] = await client.getDownloadURLs(run.modId, files[0]?.file_id ?? 0)
  const whole = await fetch(link?.URI ?? '')
  const bytes = Buffer.from(await whole.arrayBuffer())
  const rest = await fetch(link?.URI ?? '', {
    headers: { range: 'bytes=100-', 'if-range': whole.headers.get('etag') ?? '' },
  })

  expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04')
  expect(rest.status).toBe(206)
  expect(rest.headers.get('content-range')).toBe(`bytes 100-${bytes.length - 1}/${bytes.length}`)
  expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(100))).toBe(true)
})

it('refuses a link of another member, file or hour', async () => {
  const client = await createNexusClient({ ...run, apiKey: dovahApiKey })
  const { files } = await client.getModFiles(run.modId)
  const [link] = await client.getDownloadURLs(run.modId, files[0]?.file_id ?? 0)
  const url = new URL(link?.URI ?? '')
  for (const [name, value] of [
    ['user', '3'],
    ['id', '1'],
    ['expires', '2000000000'],
  ] as const) {
    const changed = new URL(url)
    changed.searchParams.set(name, value)
    expect((await fetch(changed)).status).toBe(403)
  }
})

it('answers a key that is missing with 401 and no allowance', async () => {
  const response = await fetch(`${siteUrl}/api/v1/games.json`)

  expect(response.status).toBe(401)
  expect(response.headers.get('x-rl-hourly-remaining')).toBeNull()
  expect(await response.json()).toEqual({ message: 'Please provide a valid API Key' })
  expect(await settle(createNexusClient({ ...run, apiKey: "' OR 1=1" }))).toMatchObject({ statusCode: 401 })
})

it('refuses a member who has used up the allowances of the day and of the hour', async () => {
  const connection = await createConnection({ uri: inject('mysqlUrl'), database: siteDatabase })
  const [[member]] = await connection.query<RowDataPacket[]>(
    "SELECT id, api_key FROM users WHERE api_key IS NOT NULL AND id > 3 AND banned = b'0' ORDER BY id LIMIT 1",
  )
  const hour = `${new Date().toISOString().slice(0, 13).replace('T', ' ')}:00:00`
  try {
    await connection.query('REPLACE INTO api_usage VALUES (?, ?, 2501)', [member?.id, hour])
    expect(await settle(createNexusClient({ ...run, apiKey: member?.api_key }))).toMatchObject({
      failure: 'RateLimitError',
    })
    const response = await fetch(`${siteUrl}/api/v1/games`, { headers: { apikey: member?.api_key } })
    expect(response.status).toBe(429)
    expect(response.headers.get('x-rl-daily-remaining')).toBe('0')
    expect(response.headers.get('x-rl-hourly-remaining')).toBe('0')
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(3600)
  } finally {
    await connection.query('DELETE FROM api_usage WHERE user_id = ? AND `hour` = ?', [member?.id, hour])
    await connection.end()
  }
})

// --- internal ---

function failures(answers: Readonly<Record<string, unknown>>): Record<string, number | undefined> {
  const failed = Object.entries(answers).filter(
    (entry): entry is [string, { statusCode: number | undefined }] =>
      typeof entry[1] === 'object' && entry[1] !== null && 'failure' in entry[1],
  )
  return Object.fromEntries(failed.map(([name, { statusCode }]) => [name, statusCode]))
}
