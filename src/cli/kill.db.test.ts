import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type Controls, openControls } from '../controls/index.ts'
import { openPostgres } from '../db/index.ts'
import { silentLogger } from '../platform/index.ts'
import { runFig } from './testing/run-fig.ts'

const database = `fig_t_${randomBytes(5).toString('hex')}`
let url = ''
let env: Readonly<Record<string, string>> = {}
let folder = ''
let schemas = 0
let watching: Controls

beforeAll(async () => {
  await asSuperuser(`create database ${database}`)
  const own = new URL(inject('postgresUrl'))
  own.pathname = `/${database}`
  url = own.href
})
afterAll(() => asSuperuser(`drop database ${database} with (force)`))
beforeEach(async () => {
  schemas += 1
  const ownSchema = `own_${schemas}`
  env = { FIG_POSTGRES_URL: url, FIG_OWN_SCHEMA: ownSchema }
  folder = mkdtempSync(join(tmpdir(), 'fig-kill-'))
  watching = await openControls({ postgres: { url }, ownSchema, log: silentLogger() })
  await watching.start()
})
afterEach(async () => {
  await watching.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('fig kill and fig undo', () => {
  it('are obeyed by another process in less than a second', async () => {
    const killed = await until(
      () => watching.snapshot().kills.sideOf('cart') === 'legacy',
      ['kill', 'group', 'cart', '--why', 'wrong prices', '--who', 'ada', '--json'],
    )
    expect(killed.delayMs).toBeLessThan(1000)
    expect(killed.answer).toMatchObject({ ok: true, inForce: [{ target: 'cart', who: 'ada', why: 'wrong prices' }] })
    expect(watching.snapshot().kills.sideOf('search')).toBeUndefined()

    const undone = await until(() => watching.snapshot().kills.list.length === 0, ['undo', '--why', 'mended', '--json'])
    expect(undone.delayMs).toBeLessThan(1000)
    const event = { undoes: 1, why: 'mended', who: expect.stringMatching(/.+@.+/) }
    expect(undone.answer).toMatchObject({ ok: true, inForce: [], event })
    console.log(`seen by another process ${killed.delayMs} and ${undone.delayMs} ms after Postgres stored it`)
  })

  it('say what is in force then, and how soon', async () => {
    const { stdout, stderr, code } = await runFig(['kill', 'side', 'modern', '--why', 'wrong prices'], env)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Kill 1 is in force: every group goes to PHP \(legacy\)\.\n.*within a second/)
    expect(stdout).toMatch(/\n *1 +side modern +legacy .*wrong prices\n/)
    const undone = await runFig(['undo', '1', '--why', 'mended'], env)
    expect(undone.stdout).toMatch(/^Kill 1 is taken back.*\n.*\n\nNo kill is in force/)
  })

  it('say who did what and why, newest first', async () => {
    await runFig(['kill', 'all', '--why', 'checkout is broken', '--who', 'ada'], env)
    await runFig(['kill', 'side', 'legacy', '--why', 'PHP is down', '--who', 'bo'], env)
    await runFig(['undo', '1', '--why', 'whole again', '--who', 'bo'], env)
    const { stdout, code } = await runFig(['kills', '--history', '2', '--json'], env)
    expect(code).toBe(0)
    const { inForce, history } = JSON.parse(stdout) as Record<string, readonly Record<string, unknown>[]>
    expect(inForce).toMatchObject([{ id: 2, scope: 'side', target: 'legacy' }])
    expect(history?.map(({ id, action, who }) => [id, action, who])).toEqual([
      [3, 'undo', 'bo'],
      [2, 'kill', 'bo'],
    ])
    const asTable = await runFig(['kills', '--history', '9'], env)
    expect(asTable.stdout).toMatch(/ID +KILLED +ANSWERED BY.*\n *2 +side legacy +modern/)
    expect(asTable.stdout).toMatch(/ID +AT +ACTION.*\n *3 .*undo of 1/)
  })

  it('refuse a group that the table does not have, and name those it has', async () => {
    const routes = file('routes.mjs', "export default { routes: [{ id: 'cart', flag: 'cart' }] }")
    const refused = await runFig(['kill', 'group', 'card', '--why', 'typo', '--routes', routes], env)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/no route is in a group "card".*give one of cart/)
    expect(watching.snapshot().kills.list).toEqual([])
  })

  it.each([
    ['that is broken', 'export default {'],
    ['without routes', 'export default {}'],
    ['that throws', "throw new Error('no')"],
    ['that keeps the process busy', 'setInterval(() => {}, 1000); export default { routes: [{}, null] ?? [] }'],
  ])('are not stopped by a table %s', async (name, text) => {
    const env2 = { ...env, FIG_ROUTES: file('routes.mjs', text), FIG_PORT: 'nonsense' }
    const group = name === 'that keeps the process busy' ? ['all'] : ['group', 'cart']
    const killed = await runFig(['kill', ...group, '--why', 'now'], env2)
    expect(killed.code, killed.stderr).toBe(0)
    if (group[0] === 'group') expect(killed.stderr).toContain("the route table can't be read")
    await expect.poll(() => watching.snapshot().kills.sideOf('cart')).toBe('legacy')
  })

  it('are obeyed by fig explain, which says where it has it from', async () => {
    const routes = file(
      'routes.mjs',
      "export default { routes: [{ id: 'add', flag: 'cart', match: '/add', stage: 'modern', modern: () => new Response() }] }",
    )
    const explain = async () =>
      JSON.parse((await runFig(['explain', '/add', '--routes', routes, '--json'], env, folder)).stdout) as unknown
    expect(await explain()).toMatchObject({
      decision: { target: 'modern' },
      kills: { origin: 'Postgres', inForce: [] },
    })
    await runFig(['kill', 'group', 'cart', '--why', 'wrong prices', '--who', 'ada', '--routes', routes], env)
    expect(await explain()).toMatchObject({
      decision: { target: 'legacy', reason: 'kill-switch', epoch: 1 },
      kills: { inForce: [{ target: 'cart', who: 'ada' }] },
    })
    const { stdout } = await runFig(['explain', '/add', '--routes', routes], env, folder)
    expect(stdout).toMatch(/kills +kill 1 of group cart by ada, 2.*: wrong prices\. From Postgres\./)
    expect(readdirSync(folder)).toEqual(['routes.mjs'])
  })

  it('say what is wrong where the database or the kill is not there', async () => {
    const nothing = await runFig(['undo', '--why', 'x'], env)
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining('no kill is in force') })
    const absent = new URL(url)
    absent.port = '1'
    const unreachable = await runFig(['kill', 'all', '--why', 'x', '--postgres', absent.href], env)
    expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing listens there') })
    absent.href = url
    absent.pathname = '/no_such_database'
    const noDatabase = await runFig(['kill', 'all', '--why', 'x', '--json'], { ...env, FIG_POSTGRES_URL: absent.href })
    expect(JSON.parse(noDatabase.stdout)).toMatchObject({ ok: false, code: 'database.unreachable' })
    expect(noDatabase.stderr).toContain('does not exist')
    const wrong = await runFig(['kill', 'all', '--why', 'x', '--postgres', 'localhost'], env)
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--postgres: give a URL such as') })
  })
})

// --- internal ---

/** How long after Postgres had stored it the other process obeyed. */
async function until(seen: () => boolean, args: readonly string[]) {
  let seenAt: number | undefined
  const looking = setInterval(() => {
    if (seen()) seenAt ??= Date.now()
  }, 2)
  try {
    const { stdout } = await runFig(args, env)
    const answer = JSON.parse(stdout) as { readonly event: { readonly at: string } }
    await expect.poll(() => seenAt, { interval: 5, timeout: 5000 }).toBeDefined()
    return { answer, delayMs: (seenAt ?? Number.NaN) - Date.parse(answer.event.at) }
  } finally {
    clearInterval(looking)
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function asSuperuser(statement: string): Promise<void> {
  const superuser = openPostgres({ url: inject('postgresUrl') })
  await superuser.pool.query(statement)
  await superuser.close()
}
