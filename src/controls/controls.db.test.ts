import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { stackRoot } from '../../scripts/stack/index.ts'
import { migratePostgres, openPostgres, type Postgres } from '../db/index.ts'
import { silentLogger } from '../platform/index.ts'
import { type Controls, type ControlsOptions, followControls } from './controls.ts'
import { OwnPostgres } from './testing/own-postgres.ts'
import { SilentNetwork } from './testing/silent-network.ts'

const name = `fig_t_${randomBytes(5).toString('hex')}`
const account = { who: 'ada', why: 'too many errors' }
const schemas = Array.from({ length: 40 }, (_, number) => `own_${number}`)
const opened = new Set<Controls>()
let url = ''
let postgres: Postgres
let ownSchema = ''
let folder = ''

beforeAll(async () => {
  const superuser = openPostgres({ url: inject('postgresUrl') })
  await superuser.pool.query(`create database ${name}`)
  await superuser.close()
  const own = new URL(inject('postgresUrl'))
  own.pathname = `/${name}`
  url = own.href
  postgres = openPostgres({ url })
})
afterAll(async () => {
  await postgres.close()
  const superuser = openPostgres({ url: inject('postgresUrl') })
  await superuser.pool.query(`drop database ${name} with (force)`)
  await superuser.close()
})
beforeEach(() => {
  ownSchema = schemas.pop() ?? expect.fail('more tests than schemas')
  folder = mkdtempSync(join(tmpdir(), 'fig-controls-'))
})
afterEach(async () => {
  await Promise.all([...opened].map((controls) => controls.close()))
  opened.clear()
  rmSync(folder, { recursive: true, force: true })
})

describe('the kill switch', () => {
  it('sends to PHP what was killed, in the process that killed it at once, and lets go when it is undone', async () => {
    const controls = await started()
    expect(controls.snapshot()).toMatchObject({ epoch: 0, source: 'postgres' })
    const kill = await controls.kill({ scope: 'group', target: 'cart', ...account })
    expect(controls.snapshot().epoch).toBe(kill.id)
    expect(sides(controls)).toEqual({ cart: 'legacy', search: undefined })
    const all = await controls.kill({ scope: 'all', ...account })
    expect(sides(controls)).toEqual({ cart: 'legacy', search: 'legacy' })
    expect(await controls.undo('last', { who: 'bo', why: 'mended' })).toMatchObject({ undoes: all.id, action: 'undo' })
    expect(sides(controls)).toEqual({ cart: 'legacy', search: undefined })
    const undo = await controls.undo(kill.id, { who: 'bo', why: 'mended' })
    expect(sides(controls)).toEqual({ cart: undefined, search: undefined })
    expect(controls.snapshot().epoch).toBe(undo.id)
    expect(await controls.kill({ scope: 'side', target: 'legacy', ...account })).toMatchObject({ target: 'legacy' })
    expect(sides(controls)).toEqual({ cart: 'modern', search: 'modern' })
  })

  it('works from a process that only commands, such as the CLI, and while every connection of the pool is lent out', async () => {
    const busy = openPostgres({ url, connectionsMax: 1 })
    const lent = await busy.pool.connect()
    const commanding = opening({ postgres: busy })
    await commanding.kill({ scope: 'all', ...account })
    expect(await commanding.history(10)).toHaveLength(1)
    expect(commanding.snapshot().source).toBe('none')
    await commanding.start()
    expect(sides(commanding).cart).toBe('legacy')
    await commanding.close()
    lent.release()
    await busy.close()
  })

  it('keeps an account of everything, which cannot be changed afterwards', async () => {
    const controls = await started()
    const first = await controls.kill({ scope: 'group', target: 'cart', who: 'ada', why: "it's slow" })
    await controls.undo(first.id, { who: 'bo', why: 'mended' })
    await controls.kill({ scope: 'side', target: 'modern', who: 'cy', why: 'release' })
    const history = await controls.history(10)
    expect(history.map(({ id, at, ...rest }) => rest)).toEqual([
      { who: 'cy', why: 'release', action: 'kill', scope: 'side', target: 'modern' },
      { who: 'bo', why: 'mended', action: 'undo', scope: 'group', target: 'cart', undoes: first.id },
      { who: 'ada', why: "it's slow", action: 'kill', scope: 'group', target: 'cart', undoneBy: first.id + 1 },
    ])
    expect(Math.abs(Date.parse(history[0]?.at ?? '') - Date.now())).toBeLessThan(60_000)
    expect(await controls.history(1)).toHaveLength(1)
    for (const change of ['delete from', 'truncate', "update {table} set why = ''"]) {
      const statement = change.includes('{table}')
        ? change.replace('{table}', `${ownSchema}.control_events`)
        : `${change} ${ownSchema}.control_events`
      await expect(postgres.pool.query(statement)).rejects.toThrow('only added to')
    }
  })

  it.each([
    [
      { scope: 'group', target: 'crat', knownGroups: ['cart', 'search'] } as const,
      /no route is in a group "crat".*cart, search/,
    ],
    [{ scope: 'group' } as const, /target: it is missing/],
    [{ scope: 'side', target: 'left' } as const, /"left" is no side; give legacy or modern/],
    [{ scope: 'all', target: 'cart' } as const, /a kill of all has none/],
    [{ scope: 'all', who: ' ', why: 'a\nb' } as const, /who: it is empty.*why: it has control characters/],
    [{ scope: 'al' as 'all' }, /scope: "al" is none; give all, group or side/],
  ])('refuses %o, saying what to do', async (request, message) => {
    const controls = await started()
    const refused = controls.kill({ ...account, ...request })
    await expect(refused).rejects.toMatchObject({ code: 'controls.kill-refused' })
    await expect(refused).rejects.toThrow(message)
    expect(await controls.history(10)).toEqual([])
  })

  it('refuses to undo what is not in force', async () => {
    const controls = await started()
    await expect(controls.undo('last', account)).rejects.toThrow('no kill is in force')
    await expect(controls.undo(7, account)).rejects.toThrow('there is no event 7')
    await expect(controls.undo(0.5, account)).rejects.toThrow('0.5 is no id')
    const kill = await controls.kill({ scope: 'all', ...account })
    const undo = await controls.undo(kill.id, { who: 'bo', why: 'mended' })
    await expect(controls.undo(kill.id, account)).rejects.toThrow(/was undone at .* by bo \(mended\)/)
    await expect(controls.undo(undo.id, account)).rejects.toThrow('is an undo itself')
  })

  it('is set up once, however many processes start at once, sync among them, and counts without a gap in sight', async () => {
    const all = Array.from({ length: 6 }, () => opening({}))
    const client = await postgres.connect()
    await Promise.all([...all.map((controls) => controls.start()), migratePostgres(client, ownSchema)])
    await client.end()
    expect(all.map((controls) => controls.snapshot().source)).toEqual(all.map(() => 'postgres'))
    const watched: number[] = []
    const watching = setInterval(() => watched.push(all[0]?.snapshot().epoch ?? -1), 1)
    const events = await Promise.all(
      all.map((controls, number) => controls.kill({ scope: 'group', target: `g${number}`, ...account })),
    )
    const last = Math.max(...events.map(({ id }) => id))
    await until(() => all.every((controls) => controls.snapshot().epoch === last))
    clearInterval(watching)
    expect(all.map((controls) => controls.snapshot().kills.list.length)).toEqual(all.map(() => 6))
    expect(watched).toEqual(watched.toSorted((a, b) => a - b))
    // Two who undo the last one undo two.
    await Promise.all(all.map((controls) => controls.undo('last', account)))
    await until(() => all.every((controls) => controls.snapshot().kills.list.length === 0))
  })
})

describe('a user of few rights', () => {
  it('can use the switch that an administrator has made, and is told what it was refused', async () => {
    await (await started()).close()
    const role = `${name}_${ownSchema}`
    const poor = new URL(url)
    poor.username = role
    await postgres.pool.query(`create role ${role} login; grant usage on schema ${ownSchema} to ${role};
      grant select, insert on ${ownSchema}.control_events to ${role};
      grant usage on all sequences in schema ${ownSchema} to ${role}`)
    try {
      const controls = await started({ postgres: { url: poor.href } })
      await controls.kill({ scope: 'all', ...account })
      expect(sides(controls).cart).toBe('legacy')
      await postgres.pool.query(`revoke insert on ${ownSchema}.control_events from ${role}`)
      const refused = controls.undo('last', account)
      await expect(refused).rejects.toMatchObject({ code: 'controls.store-failed' })
      await expect(refused).rejects.toThrow('refused (42501); nothing was changed')
      expect(sides(controls).cart).toBe('legacy')
    } finally {
      await postgres.pool.query(`drop owned by ${role}; drop role ${role}`)
    }
  })
})

describe('other processes', () => {
  it('see a kill and its undo far below a second', async () => {
    const processes = await Promise.all([watchingProcess('cart'), watchingProcess('cart')])
    const controls = await started()
    const delays: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const killedAt = Date.now()
      const { id } = await controls.kill({ scope: 'all', ...account })
      for (const process of processes) delays.push((await process.saw(id, 'legacy')) - killedAt)
      const undoneAt = Date.now()
      const undo = await controls.undo(id, account)
      for (const process of processes) delays.push((await process.saw(undo.id, undefined)) - undoneAt)
    }
    await Promise.all(processes.map((process) => process.close()))
    report('by NOTIFY, across processes', delays)
    // Below what polling would take. One of them may meet a machine that is busy with something else.
    expect(medianOf(delays)).toBeLessThan(240)
  })

  it('see it by looking alone within a second, where no NOTIFY comes', async () => {
    const process = await watchingProcess('cart')
    const controls = await started()
    const delays: number[] = []
    for (let round = 0; round < 4; round += 1) {
      const insertedAt = Date.now()
      const id = await killWithoutNotice()
      delays.push((await process.saw(id, 'legacy')) - insertedAt)
      await until(() => controls.snapshot().epoch === id)
      await delay(130 * round) // another place in the interval each time
    }
    await process.close()
    report('by looking alone', delays)
    expect(medianOf(delays)).toBeLessThan(1000)
  })

  it('are told of their own schema only', async () => {
    const controls = await started({ pollIntervalMs: 60_000 })
    const elsewhere = opening({ ownSchema: schemas.pop() ?? '' })
    await elsewhere.kill({ scope: 'all', ...account })
    await controls.kill({ scope: 'group', target: 'cart', ...account })
    expect(sides(controls)).toEqual({ cart: 'legacy', search: undefined })
  })
})

describe('without Postgres', () => {
  it('what is known stays in force, a kill says that it was not stored, and it is followed again soon after', async () => {
    const root = stackRoot(join(import.meta.dirname, '..', '..'))
    await using server = await OwnPostgres.open(
      join(root, `test-controls-${process.pid}-${randomBytes(3).toString('hex')}`),
    )
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => void lines.push(line) })
    const stateFile = join(folder, 'controls.json')
    const controls = await started({ postgres: { url: server.url }, log, stateFile })
    const other = await started({ postgres: { url: server.url } })
    const kill = await controls.kill({ scope: 'group', target: 'cart', ...account })
    await until(() => fileEpoch(stateFile) === kill.id)
    await server.stop()
    await until(() => lines.some((line) => line.includes('does not hear Postgres')))
    expect(sides(controls)).toEqual({ cart: 'legacy', search: undefined })
    const { confirmedAt } = controls.snapshot()
    await expect(controls.kill({ scope: 'all', ...account })).rejects.toMatchObject({ code: 'database.unreachable' })
    await expect(controls.history(1)).rejects.toThrow('ECONNREFUSED')

    const restarted = await started({ postgres: { url: server.url }, stateFile })
    expect(restarted.snapshot()).toMatchObject({ epoch: kill.id, source: 'file' })
    expect(sides(restarted)).toEqual({ cart: 'legacy', search: undefined })
    const fresh = await started({ postgres: { url: server.url }, startTimeoutMs: 100 })
    expect(fresh.snapshot()).toMatchObject({ epoch: 0, source: 'none', confirmedAt: undefined })

    await server.start()
    const upAt = Date.now()
    const followers = [controls, other, restarted, fresh]
    await until(() => followers.every((each) => (each.snapshot().confirmedAt ?? 0) > upAt))
    report('until all follow a Postgres that is back', [Date.now() - upAt])
    expect(controls.snapshot().confirmedAt).toBeGreaterThan(confirmedAt ?? 0)
    expect(followers.map((each) => sides(each).cart)).toEqual(followers.map(() => 'legacy'))
    const killedAt = Date.now()
    await other.kill({ scope: 'all', ...account })
    await until(() => followers.every((each) => sides(each).search === 'legacy'))
    expect(Date.now() - killedAt).toBeLessThan(450)
    expect(lines.filter((line) => line.includes('does not hear Postgres'))).toHaveLength(1)
    expect(lines.filter((line) => line.includes('follows Postgres again'))).toHaveLength(1)
  })

  it('a connection that falls silent is replaced, and the change seen over the new one', async () => {
    await using network = await SilentNetwork.open(url)
    const far = await started({ postgres: { url: network.url } })
    network.swallow()
    const killedAt = Date.now()
    await opening({}).kill({ scope: 'all', ...account })
    await until(() => sides(far).cart === 'legacy')
    report('over a connection that fell silent', [Date.now() - killedAt])
    expect(Date.now() - killedAt).toBeLessThan(4000)
  })

  it('a server that hangs changes nothing, is told of in time, and is followed again once it answers', async () => {
    await using network = await SilentNetwork.open(url)
    const far = await started({ postgres: { url: network.url } })
    await far.kill({ scope: 'group', target: 'cart', ...account })
    network.swallowAll()
    const refusedAt = Date.now()
    const refused = far.kill({ scope: 'all', ...account })
    await expect(refused).rejects.toMatchObject({ code: 'controls.store-failed' })
    await expect(refused).rejects.toThrow('could not be reached; nothing was changed')
    expect(Date.now() - refusedAt).toBeLessThan(4000)
    expect(sides(far)).toEqual({ cart: 'legacy', search: undefined })
    network.restore()
    await opening({}).undo('last', account)
    const restoredAt = Date.now()
    await until(() => sides(far).cart === undefined)
    report('after a server that hung', [Date.now() - restoredAt])
  })

  it('a process ends at once, also while its host does not answer', async () => {
    await using network = await SilentNetwork.open(url)
    const controls = await started({ postgres: { url: network.url } })
    network.swallowAll()
    const closedAt = Date.now()
    await controls.close()
    const never = opening({ postgres: { url: network.url }, startTimeoutMs: 150 })
    await never.start()
    expect(never.snapshot().source).toBe('none')
    await never.close()
    expect(Date.now() - closedAt).toBeLessThan(1500)
  })

  it('a history that was lost is told loudly, and what Postgres says now is what holds', async () => {
    const lines: string[] = []
    const controls = await started({ log: pino({}, { write: (line: string) => void lines.push(line) }) })
    await controls.kill({ scope: 'all', ...account })
    await postgres.pool.query(`drop table ${ownSchema}.control_events cascade`)
    await postgres.pool.query(`drop function ${ownSchema}.refuse_to_change_control_events`)
    await until(() => controls.snapshot().epoch === 0)
    expect(sides(controls).cart).toBeUndefined()
    expect(lines.some((line) => line.includes('its history was lost'))).toBe(true)
  })
})

describe('the state file', () => {
  it('is for its owner alone, whole, and follows every change', async () => {
    const stateFile = join(folder, 'deep', 'controls.json')
    const controls = await started({ stateFile })
    await until(() => fileEpoch(stateFile) === 0)
    const kill = await controls.kill({ scope: 'all', ...account })
    await until(() => fileEpoch(stateFile) === kill.id)
    expect(statSync(stateFile).mode & 0o777).toBe(0o600)
    const undo = await controls.undo('last', account)
    await until(() => fileEpoch(stateFile) === undo.id)
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toMatchObject({ kills: [] })
    expect(readdirSync(join(folder, 'deep'))).toEqual(['controls.json'])
  })

  it.each([
    ['is cut', '{"format":"fig-controls-1","origin":'],
    ['is of another kind', '{"format":"other","kills":[]}'],
    [
      'has a kill that makes no sense',
      '{"format":"fig-controls-1","origin":"x","epoch":1,"confirmedAt":1,"kills":[{"id":1}]}',
    ],
    ['is empty', ''],
  ])('that %s is told, not taken, and written anew', async (_, content) => {
    const stateFile = join(folder, 'controls.json')
    writeFileSync(stateFile, content)
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => void lines.push(line) })
    const away = opening({ postgres: { url: unreachable() }, stateFile, log, startTimeoutMs: 100 })
    await away.start()
    expect(away.snapshot()).toMatchObject({ source: 'none', epoch: 0 })
    expect(lines.some((line) => line.includes('could not be read') && line.includes(stateFile))).toBe(true)
    expect(readFileSync(stateFile, 'utf8')).toBe(content)
    const controls = await started({ stateFile })
    const kill = await controls.kill({ scope: 'all', ...account })
    await until(() => fileEpoch(stateFile) === kill.id)
  })

  it('of another database or schema is not taken', async () => {
    const stateFile = join(folder, 'controls.json')
    const controls = await started({ stateFile })
    const kill = await controls.kill({ scope: 'all', ...account })
    await until(() => fileEpoch(stateFile) === kill.id)
    const away = opening({ postgres: { url: unreachable() }, stateFile, startTimeoutMs: 100 })
    await away.start()
    expect(away.snapshot().source).toBe('none')
  })

  it('that cannot be written is told once, keeps nothing from working, and is tried again', async () => {
    writeFileSync(join(folder, 'taken'), '')
    const stateFile = join(folder, 'taken', 'controls.json')
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => void lines.push(line) })
    const controls = await started({ stateFile, log, pollIntervalMs: 20 })
    await controls.kill({ scope: 'all', ...account })
    expect(sides(controls).cart).toBe('legacy')
    await delay(100)
    expect(lines.filter((line) => line.includes('could not be written'))).toHaveLength(1)
    rmSync(join(folder, 'taken'))
    await until(() => fileEpoch(stateFile) === controls.snapshot().epoch)
    chmodSync(stateFile, 0o600)
  })
})

// --- internal ---

function opening(options: Partial<ControlsOptions>): Controls {
  const controls = followControls({ postgres, ownSchema, log: silentLogger(), ...options })
  opened.add(controls)
  return controls
}

async function started(options: Partial<ControlsOptions> = {}): Promise<Controls> {
  const controls = opening(options)
  await controls.start()
  return controls
}

function sides(controls: Controls): { readonly cart: string | undefined; readonly search: string | undefined } {
  const { kills } = controls.snapshot()
  return { cart: kills.sideOf('cart'), search: kills.sideOf('search') }
}

async function killWithoutNotice(): Promise<number> {
  const { rows } = await postgres.pool.query(
    `insert into ${ownSchema}.control_events (who, why, action, scope) values ('x', 'y', 'kill', 'all') returning id`,
  )
  return Number(rows[0].id)
}

function unreachable(): string {
  const away = new URL(url)
  away.port = '1'
  return away.href
}

function fileEpoch(file: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { epoch?: number }).epoch
  } catch {
    return undefined
  }
}

async function until(condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never became true: ${condition}`)
    await delay(2)
  }
}

function medianOf(delays: readonly number[]): number {
  return delays.toSorted((a, b) => a - b)[Math.floor(delays.length / 2)] ?? Number.NaN
}

function report(what: string, delays: readonly number[]): void {
  const sorted = delays.toSorted((a, b) => a - b)
  console.info(`${what}: ${sorted[Math.floor(sorted.length / 2)]} ms median, ${sorted.at(-1)} ms at most`)
}

interface Sight {
  readonly epoch: number
  readonly side?: string
  readonly at: number
}

async function watchingProcess(group: string) {
  const script = join(import.meta.dirname, 'testing', 'watching-process.ts')
  const child: ChildProcess = spawn(process.execPath, [script, url, ownSchema, group], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const sights: Sight[] = []
  createInterface({ input: child.stdout ?? expect.fail('no output') }).on('line', (line) => {
    sights.push(JSON.parse(line) as Sight)
  })
  await until(() => sights.length > 0)
  return {
    /** When it saw this epoch, by the clock of the machine. */
    saw: async (epoch: number, side: string | undefined): Promise<number> => {
      await until(() => sights.some((sight) => sight.epoch === epoch))
      const sight = sights.find((each) => each.epoch === epoch)
      expect(sight?.side).toBe(side)
      return sight?.at ?? Number.NaN
    },
    close: async (): Promise<void> => {
      const exit = once(child, 'exit')
      child.stdin?.end()
      expect(await exit).toEqual([0, null])
    },
  }
}
