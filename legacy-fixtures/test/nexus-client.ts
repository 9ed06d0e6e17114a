/** Drives the real desktop-app client, npm `@nexusmods/nexus-api`, through all of its calls against a ModVault. */
import { createRequire } from 'node:module'

type Nexus = InstanceType<typeof import('@nexusmods/nexus-api')['default']>

export interface NexusRun {
  /** Where the site is, without a slash at the end: `http://127.0.0.1:8080`. */
  readonly baseUrl: string
  readonly apiKey: string
  /** A published mod of another member, with at least one file. */
  readonly game: string
  readonly modId: number
  /** md5 of one of its files; without it only the search that finds nothing is made. */
  readonly md5?: string
}

/** What the client threw, as far as a program can tell errors apart. */
export interface NexusFailure {
  readonly failure: string
  readonly statusCode: number | undefined
  readonly message: string
}

export type NexusAnswers = Readonly<Record<string, unknown>>

/**
 * Makes every call that works with an API key, in an order that gives the same answers each time: what it endorses it
 * abstains from, what it tracks it untracks. Answers and failures come by name of the call.
 * One run at a time: the client's address is global to its module.
 */
export async function runNexusClient(run: NexusRun): Promise<NexusAnswers> {
  const client = await createNexusClient(run)
  const answers: Record<string, unknown> = { validationResult: client.getValidationResult() }
  // Whether it was tracked before is the only thing that this run may not depend on.
  await settle(client.untrackMod(String(run.modId)))
  const calls = [...writes(client, run), ...reads(client, run), ...refusals(client), ...feedback(client)]
  for (const [name, call] of calls) {
    if (name in answers) throw new Error(`two calls are named ${name}`)
    answers[name] = await settle(call())
  }
  answers.rateLimits = client.getRateLimits()
  answers.wrongKey = await settle(client.setKey('no-such-key'))
  return answers
}

/** A client whose API is that of `baseUrl`; its key is validated. */
export async function createNexusClient(run: Pick<NexusRun, 'baseUrl' | 'apiKey' | 'game'>): Promise<Nexus> {
  // The constructor reads the address from this object, so nothing of the package is patched.
  const parameters = load('@nexusmods/nexus-api/lib/parameters.js') as { API_URL: string }
  parameters.API_URL = `${run.baseUrl}/api/v1`
  const { default: NexusClient } = load('@nexusmods/nexus-api') as {
    default: { create(apiKey: string, appName: string, appVersion: string, defaultGame: string): Promise<Nexus> }
  }
  return NexusClient.create(run.apiKey, 'ModVault Desktop', '1.2.3', run.game)
}

/** The answers without what differs from run to run (moments, ids, allowances) and from address to address. */
export function comparableAnswers(answers: NexusAnswers, baseUrl: string): NexusAnswers {
  return comparable({ ...answers, rateLimits: undefined, ownIssues: undefined }, baseUrl) as NexusAnswers
}

/** The answer of a call, or the failure that it ended in. */
export async function settle(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return failureOf(error)
  }
}

// --- internal ---

type Call = readonly [name: string, call: () => Promise<unknown>]

const load = createRequire(import.meta.url)
const momentary = new Set([
  'updated_timestamp',
  'updated_time',
  'latest_mod_activity',
  'timestamp',
  'date',
  'created_at',
  'updated_at',
])

function writes(client: Nexus, { modId, game }: NexusRun): Call[] {
  const mod = String(modId)
  return [
    ['trackMod', () => client.trackMod(mod)],
    ['trackModAgain', () => client.trackMod(mod, game)],
    ['trackedMods', () => client.getTrackedMods()],
    ['untrackMod', () => client.untrackMod(mod)],
    ['untrackModAgain', () => client.untrackMod(mod, game)],
    ['trackedModsAfterwards', () => client.getTrackedMods()],
    ['endorseMod', () => client.endorseMod(modId, '1.0', 'endorse')],
    ['endorseModAgain', () => client.endorseMod(modId, '1.0', 'endorse', game)],
    ['endorsements', () => client.getEndorsements()],
    ['modInfoEndorsed', () => client.getModInfo(modId)],
    ['abstainMod', () => client.endorseMod(modId, '1.0', 'abstain')],
    ['endorsementsAfterwards', () => client.getEndorsements()],
    ['modInfoAbstained', () => client.getModInfo(modId, game)],
  ]
}

function reads(client: Nexus, { modId, game, md5 }: NexusRun): Call[] {
  const firstFileId = async () => (await client.getModFiles(modId)).files[0]?.file_id ?? 0
  const calls: Call[] = [
    ['validateKey', () => client.validateKey()],
    ['games', () => client.getGames()],
    ['gameInfo', () => client.getGameInfo(game)],
    ['latestAdded', () => client.getLatestAdded()],
    ['latestUpdated', () => client.getLatestUpdated(game)],
    ['trending', () => client.getTrending(game)],
    ['updatedToday', () => client.getRecentlyUpdatedMods('1d', game)],
    ['updatedThisMonth', () => client.getRecentlyUpdatedMods('1m', game)],
    ['changelogs', () => client.getChangelogs(modId)],
    ['modFiles', () => client.getModFiles(modId, game)],
    ['fileInfo', async () => client.getFileInfo(modId, await firstFileId())],
    ['downloadUrls', async () => client.getDownloadURLs(modId, await firstFileId())],
    ['downloadUrlsWrongKey', async () => client.getDownloadURLs(modId, await firstFileId(), 'wrong', 2000000000)],
    ['colourSchemes', () => client.getColourschemes()],
    ['colorSchemes', () => client.getColorschemes()],
  ]
  return md5 === undefined ? calls : [...calls, ['fileByMd5', () => client.getFileByMD5(md5, game)]]
}

function refusals(client: Nexus): Call[] {
  return [
    ['noSuchGame', () => client.getGameInfo('nowhere')],
    ['noSuchMod', () => client.getModInfo(4294967295)],
    ['noSuchFile', () => client.getFileInfo(4294967295, 1)],
    ['endorseNoSuchMod', () => client.endorseMod(4294967295, '1.0', 'endorse')],
    // The client makes an answer of the 422 that this gets.
    ['trackNoMod', () => client.trackMod('none')],
    ['noSuchMd5', () => client.getFileByMD5('00000000000000000000000000000000')],
    ['invalidMd5', () => client.getFileByMD5('not-an-md5')],
  ]
}

function feedback(client: Nexus): Call[] {
  return [
    ['sendFeedback', () => client.sendFeedback('A title', 'It – works', import.meta.filename, false, 'group', 'ref-1')],
    // undefined is what the client checks for; its types forgot it.
    ['sendAnonymousFeedback', () => client.sendFeedback('Title', 'Text', undefined as unknown as string, true)],
    ['ownIssues', () => client.getOwnIssues()],
  ]
}

function failureOf(error: unknown): NexusFailure {
  if (!(error instanceof Error)) return { failure: 'rejected', statusCode: undefined, message: String(error) }
  const statusCode = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined
  return { failure: error.constructor.name, statusCode, message: error.message }
}

function comparable(value: unknown, baseUrl: string): unknown {
  if (typeof value === 'string') return value.replaceAll(baseUrl, '<site>')
  if (Array.isArray(value)) return value.map((item) => comparable(item, baseUrl))
  if (typeof value !== 'object' || value === null) return value
  const isFeedback = 'user_blacklisted' in value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, part]) => part !== undefined && !momentary.has(name) && !(isFeedback && name === 'id'))
      .map(([name, part]) => [name, comparable(part, baseUrl)]),
  )
}
