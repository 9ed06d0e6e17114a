import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type FigProcess, restartFig } from '../scripts/stack/index.ts'
import { compareStores, countConflicts } from './both-stores.ts'
import { setFlag, waitForSide } from './fig-control.ts'
import { LegacyRows, type Snapshot } from './legacy-rows.ts'
import { RawClient } from './raw-http.ts'
import { castVote, type LoadPlan, planLoad, removeSessions, type Voter } from './visitor-load.ts'

/** Fig is killed as by kill -9 while it writes: what was acknowledged is in both stores, and nothing is there twice. */
describe('kill -9 of Fig', () => {
  const stack = inject('stack')
  let rows: LegacyRows
  let before: Snapshot
  let plan: LoadPlan
  let conflictsBefore = 0

  beforeAll(async () => {
    rows = await LegacyRows.open(stack.mysqlUrl, ['endorsements', 'mods'])
    before = await rows.snapshot()
    plan = await planLoad(stack, rows)
    conflictsBefore = await countConflicts(stack)
    await setFlag(stack.unleash, 'mod-page', 'on')
  })
  afterAll(async () => {
    await setFlag(stack.unleash, 'mod-page', 'off')
    await restartFig(stack)
    await waitForSide(stack, '/skyrim/mods/12', 'legacy')
    removeSessions(plan)
    await rows.restore(before)
    await rows[Symbol.asyncDispose]()
  })

  async function startFig(settings: Readonly<Record<string, string>> = {}): Promise<FigProcess> {
    const fig = await restartFig(stack, settings)
    // Votes before the flags have come would go to PHP.
    await waitForSide(stack, '/skyrim/mods/12', 'modern')
    return fig
  }

  it.each([
    { point: 'sync.before-mysql-commit', inMysql: 0, inPostgres: 0 },
    { point: 'sync.after-mysql-commit', inMysql: 1, inPostgres: 0 },
    { point: 'sync.after-postgres-commit', inMysql: 1, inPostgres: 1 },
  ])('at $point loses nothing and doubles nothing', async ({ point, inMysql, inPostgres }) => {
    const voter = plan.voters[0] as Voter
    await rows.restore(before)
    const fig = await startFig({ FIG_FAULTS: `${point}:kill` })
    const client = new RawClient()
    await expect(castVote(client, stack.figUrl, voter, true)).rejects.toThrow(/ECONNRESET|socket hang up/)
    expect(await fig.ended).toBe('signal SIGKILL')
    // Between the two commits: this is what the crash has left.
    expect(await votesInMysql(voter)).toEqual({ votes: inMysql, count: voter.othersCount + inMysql })
    expect(await votesInPostgres(voter)).toMatchObject({ votes: inPostgres })

    await startFig()
    await expectEqualStores()
    const healed = { votes: inMysql, count: voter.othersCount + inMysql }
    expect(await votesInMysql(voter)).toEqual(healed)
    expect(await votesInPostgres(voter)).toEqual(healed)

    // The visitor saw an error and clicks once more.
    const again = await castVote(client, stack.figUrl, voter, true)
    client.close()
    expect(JSON.parse(again.body.toString())).toEqual({ ok: true, endorsed: true, count: voter.othersCount + 1 })
    await expectEqualStores()
    expect(await votesInPostgres(voter)).toEqual({ votes: 1, count: voter.othersCount + 1 })
  })

  it('at any moment of a load of votes leaves every acknowledged one in both stores', async () => {
    await rows.restore(before)
    let acknowledged = 0
    let fig = await startFig()
    for (let round = 0; round < rounds; round += 1) {
      const voting = plan.voters.map((voter) => voteUntilKilled(voter))
      await Promise.race([Promise.all(voting.map(({ someVotes }) => someVotes)), fig.ended])
      process.kill(fig.pid, 'SIGKILL')
      expect(await fig.ended).toBe('signal SIGKILL')
      const outcomes = await Promise.all(voting.map(({ outcome }) => outcome))
      fig = await startFig()
      await expectEqualStores()
      for (const { voter, last, asked, votes } of outcomes) {
        acknowledged += votes
        const { votes: now, count } = await votesInMysql(voter)
        // The one that got no answer may have been counted or not.
        expect([last ? 1 : 0, asked ? 1 : 0]).toContain(now)
        expect(count).toBe(voter.othersCount + now)
        expect(await votesInPostgres(voter)).toEqual({ votes: now, count })
      }
    }
    console.log(`killed ${rounds} times under load, ${acknowledged} votes acknowledged`)
  })

  /** Votes to and fro until there is no answer any more. */
  function voteUntilKilled(voter: Voter) {
    const { promise: someVotes, resolve } = Promise.withResolvers<void>()
    const vote = async () => {
      const client = new RawClient()
      let last = (await votesInMysql(voter)).votes === 1
      for (let votes = 0; ; votes += 1) {
        const asked = !last
        const answer = await castVote(client, stack.figUrl, voter, asked).catch(() => undefined)
        if (answer === undefined) {
          client.close()
          return { voter, last, asked, votes }
        }
        expect(JSON.parse(answer.body.toString())).toEqual({
          ok: true,
          endorsed: asked,
          count: voter.othersCount + (asked ? 1 : 0),
        })
        last = asked
        if (votes >= 5) resolve()
      }
    }
    return { someVotes, outcome: vote() }
  }

  async function expectEqualStores(): Promise<void> {
    expect(await compareStores(stack)).toMatchObject([{ equal: true, differences: [] }])
    expect(await countConflicts(stack)).toBe(conflictsBefore)
  }

  async function votesInMysql({ modId, userId }: Voter): Promise<Votes> {
    const [found] = await rows.query(
      `SELECT endorsement_count AS count,
              (SELECT COUNT(*) FROM endorsements WHERE mod_id = mods.id AND user_id = ? AND status = 1) AS votes
         FROM mods WHERE id = ?`,
      [userId, modId],
    )
    return { votes: Number(found?.votes), count: Number(found?.count) }
  }

  async function votesInPostgres({ modId, userId }: Voter): Promise<Votes> {
    const client = new pg.Client({ connectionString: stack.figEnvironment.FIG_POSTGRES_URL })
    await client.connect()
    try {
      const { rows: found } = await client.query<Record<keyof Votes, string>>(
        `SELECT endorsement_count AS count,
                (SELECT count(*) FROM endorsements WHERE mod_id = mods.id AND user_id = $1 AND status = 1) AS votes
           FROM mods WHERE id = $2`,
        [userId, modId],
      )
      return { votes: Number(found[0]?.votes), count: Number(found[0]?.count) }
    } finally {
      await client.end()
    }
  }
})

// --- internal ---

const rounds = 3

interface Votes {
  /** Of this member: one or none. */
  readonly votes: number
  /** The mod's own counter, which MySQL's trigger keeps. */
  readonly count: number
}
