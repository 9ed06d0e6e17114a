/** Visitors at work: some read mod pages, some vote on mods, each as fast as the site answers. */

import type { StackDescription } from '../scripts/stack/index.ts'
import type { LegacyRows } from './legacy-rows.ts'
import { createSession, type MemberSession } from './member-session.ts'
import { urlencoded } from './multipart.ts'
import { decodedBody, type RawAnswer, RawClient } from './raw-http.ts'

export interface LoadPlan {
  /** Mod pages that no vote of this load changes, and each page as PHP shows it. */
  readonly pages: readonly { readonly target: string; readonly body: string }[]
  readonly voters: readonly Voter[]
  /** A small file of a mod that is not voted on. */
  readonly fileId: number
}

/**
 * A member who votes on a mod, and nobody else does anything with it: the foreign key's lock and the trigger's deadlock with
 * whatever else writes the row of the mod at the same moment, and PHP answers that with 503, with Fig or without it.
 */
export interface Voter {
  readonly modId: number
  readonly userId: number
  readonly modPath: string
  readonly session: MemberSession
  /** The mod's count without this vote. */
  readonly othersCount: number
}

export interface LoadReport {
  readonly reads: number
  readonly votes: number
  readonly downloads: number
  /** What went wrong, in words. */
  readonly failures: readonly string[]
}

/** Chooses published mods of all five last digits' pairs, and for each a member without a vote on it. */
export async function planLoad(stack: StackDescription, rows: LegacyRows): Promise<LoadPlan> {
  const mods = (await rows.query(
    `SELECT MIN(m.id) AS id, FLOOR(m.id % 10 / 2) AS pair FROM mods m
      WHERE m.status = 'published' AND m.id > 100
        AND NOT EXISTS (SELECT 1 FROM mod_requirements r WHERE r.mod_id = m.id OR r.requires_id = m.id)
      GROUP BY pair ORDER BY pair`,
  )) as readonly { readonly id: number }[]
  const voters: Voter[] = []
  for (const { id } of mods) voters.push(await voterOf(stack, rows, id, voters.at(-1)?.userId ?? 60))
  const [file] = await rows.query(
    `SELECT f.id FROM mod_files f JOIN mods m ON m.id = f.mod_id
      WHERE m.status = 'published' AND m.id > 100 AND m.id NOT IN (?) AND f.id % 5 <> 0 ORDER BY f.id LIMIT 1`,
    [voters.map(({ modId }) => modId)],
  )
  return { pages: await referencePages(stack, rows), voters, fileId: Number(file?.id) }
}

/** Runs until stop(), which waits for what is under way. */
export function startLoad(figUrl: string, plan: LoadPlan, readers = 3): { stop(): Promise<LoadReport> } {
  const client = new RawClient(readers + plan.voters.length + 1)
  const load: Load = { figUrl, client, stopping: false, reads: 0, votes: 0, downloads: 0, failures: [] }
  const running = [
    ...Array.from({ length: readers }, (_, reader) => read(load, plan.pages, reader)),
    ...plan.voters.map((voter) => keepVoting(load, voter)),
    keepDownloading(load, plan.fileId),
  ]
  return {
    async stop() {
      load.stopping = true
      await Promise.all(running)
      client.close()
      const { reads, votes, downloads, failures } = load
      return { reads, votes, downloads, failures }
    },
  }
}

/** One vote by AJAX. Whether it was counted is in the answer. */
export function castVote(client: RawClient, figUrl: string, voter: Voter, endorsed: boolean): Promise<RawAnswer> {
  const { session, modId } = voter
  const action = endorsed ? 'endorse' : 'abstain'
  const { headers, body } = urlencoded({ action, mod_id: String(modId), csrf: session.csrf })
  const sent = { host, cookie: session.cookie, ...headers }
  return client.send(figUrl, '/ajax.php', { method: 'POST', headers: sent, body })
}

export function removeSessions({ voters }: LoadPlan): void {
  for (const { session } of voters) session.remove()
}

// --- internal ---

const host = 'www.modvault.example'

interface Load {
  readonly figUrl: string
  readonly client: RawClient
  stopping: boolean
  reads: number
  votes: number
  downloads: number
  readonly failures: string[]
}

const failuresMax = 20

async function voterOf(stack: StackDescription, rows: LegacyRows, modId: number, afterId: number): Promise<Voter> {
  const [mod] = await rows.query(
    `SELECT CONCAT('/', g.domain, '/mods/', m.id) AS path, endorsement_count AS count,
            (SELECT MIN(u.id) FROM users u WHERE u.banned = b'0' AND u.id > ? AND u.id <> m.user_id
                AND u.id NOT IN (SELECT e.user_id FROM endorsements e WHERE e.mod_id = m.id)) AS member
       FROM mods m JOIN games g ON g.id = m.game_id WHERE m.id = ?`,
    [afterId, modId],
  )
  const userId = Number(mod?.member)
  const csrf = String(userId).padStart(32, '0')
  const content = `csrf|s:32:"${csrf}";user_id|i:${userId};username|s:5:"voter";rank|i:0;login_at|i:1400000000;`
  const session = createSession(stack, content, csrf)
  return { modId, userId, modPath: String(mod?.path), session, othersCount: Number(mod?.count) }
}

async function referencePages(stack: StackDescription, rows: LegacyRows): Promise<LoadPlan['pages']> {
  const client = new RawClient()
  try {
    const chosen = await rows.query(
      `SELECT CONCAT('/', g.domain, '/mods/', m.id) AS path FROM mods m JOIN games g ON g.id = m.game_id
        WHERE m.status = 'published' AND m.id BETWEEN 1 AND 12 ORDER BY m.id`,
    )
    return await Promise.all(
      chosen.map(async ({ path }) => {
        const target = String(path)
        const answer = await client.send(stack.siteUrl, target, { headers: { host } })
        return { target, body: answer.body.toString('latin1') }
      }),
    )
  } finally {
    client.close()
  }
}

async function read(load: Load, pages: LoadPlan['pages'], reader: number): Promise<void> {
  for (let turn = reader; !load.stopping; turn += 1) {
    const page = pages[turn % pages.length]
    if (page === undefined) return
    await attempt(load, `GET ${page.target}`, async () => {
      const answer = await load.client.send(load.figUrl, page.target, { headers: { host } })
      load.reads += 1
      if (answer.status !== 200) return `status ${answer.status}`
      return answer.body.toString('latin1') === page.body ? undefined : 'another page than PHP shows'
    })
  }
}

async function keepVoting(load: Load, voter: Voter): Promise<void> {
  for (let endorsed = true; !load.stopping; endorsed = !endorsed) {
    await attempt(load, `${voter.userId} votes ${endorsed} on ${voter.modId}`, () => voteAndLook(load, voter, endorsed))
  }
}

async function voteAndLook(load: Load, voter: Voter, endorsed: boolean): Promise<string | undefined> {
  const answer = await castVote(load.client, load.figUrl, voter, endorsed)
  load.votes += 1
  const text = answer.body.toString()
  const count = voter.othersCount + (endorsed ? 1 : 0)
  if (answer.status !== 200 || text !== JSON.stringify({ ok: true, endorsed, count }))
    return `status ${answer.status}: ${text.slice(0, 200)}`
  // Whichever side shows it, one sees one's own vote.
  const headers = { host, cookie: voter.session.cookie }
  const page = await load.client.send(load.figUrl, voter.modPath, { headers })
  load.reads += 1
  const next = /id="endorse-action" name="action" value="(\w+)"/.exec(decodedBody(page).toString('latin1'))?.[1]
  return next === (endorsed ? 'abstain' : 'endorse') ? undefined : `the next page offers ${next}, status ${page.status}`
}

async function keepDownloading(load: Load, fileId: number): Promise<void> {
  while (!load.stopping) {
    await attempt(load, `download of ${fileId}`, async () => {
      const link = await load.client.send(load.figUrl, `/download/${fileId}`, { headers: { host } })
      const location = link.headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? ''
      if (link.status !== 302) return `status ${link.status}`
      const archive = await load.client.send(load.figUrl, location.slice(location.indexOf('/download')), {
        headers: { host },
      })
      load.downloads += 1
      return archive.status === 200 ? undefined : `status ${archive.status}`
    })
  }
}

async function attempt(load: Load, what: string, work: () => Promise<string | undefined>): Promise<void> {
  let problem: string | undefined
  try {
    problem = await work()
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  if (problem === undefined) return
  load.failures.push(`${what}: ${problem}`)
  if (load.failures.length >= failuresMax) load.stopping = true
}
