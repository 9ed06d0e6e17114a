import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { checkout } from '../../test/test-stack.ts'
import { type PartName, StackError } from './parts.ts'
import { type ProcessRecord, readRecords, StackIsRunning, stackRoot } from './place.ts'
import { type PortReservation, reserveFreePorts } from './ports.ts'
import { isAlive, until } from './processes.ts'
import { type Stack, type StackDescription, type StackOptions, startStack } from './stack.ts'

describe('the stack that the db tests get', () => {
  it('is a MariaDB whose binlog carries whole rows', async () => {
    const connection = await createConnection(inject('mysqlUrl'))
    const [rows] = await connection.query(
      'select @@log_bin on_, @@binlog_format f, @@binlog_row_image i, @@character_set_server c',
    )
    await connection.end()
    expect(rows).toEqual([{ on_: 1, f: 'ROW', i: 'FULL', c: 'latin1' }])
  })

  it('is a Postgres that can stream its log', async () => {
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    const { rows } = await client.query('show wal_level')
    await client.end()
    expect(rows).toEqual([{ wal_level: 'logical' }])
  })

  it('is an Unleash that knows both tokens', async () => {
    const { url, adminToken, clientToken } = inject('unleash')
    const asAdmin = await fetch(`${url}/api/admin/projects`, { headers: { authorization: adminToken } })
    const asClient = await fetch(`${url}/api/client/features`, { headers: { authorization: clientToken } })
    expect([asAdmin.status, asClient.status]).toEqual([200, 200])
  })
})

let dir: string
let reservation: PortReservation
const stacks: Stack[] = []
const launchers: ChildProcess[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(stackRoot(checkout), 'test-launch-'))
  reservation = await reserveFreePorts()
})

afterEach(async () => {
  for (const launcher of launchers.splice(0)) launcher.kill('SIGKILL')
  for (const stack of stacks.splice(0)) await stack.stop()
  await until(() => readRecords(dir).every((record) => !isAlive(record)), 10_000)
  reservation.release()
  rmSync(dir, { recursive: true, force: true })
})

const databases: readonly PartName[] = ['mariadb', 'postgres']

function options(parts: readonly PartName[] = databases): StackOptions {
  return { checkout, dir, ports: reservation.ports, parts, temporary: false }
}

async function start(given: StackOptions = options()): Promise<Stack> {
  const stack = await startStack(given)
  stacks.push(stack)
  return stack
}

/** A launcher of its own, as `npm start` is. */
async function launch(given: StackOptions = options()): Promise<{ child: ChildProcess; stack: StackDescription }> {
  const script = join(checkout, 'test', 'launch-stack.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'inherit'] })
  launchers.push(child)
  const [line] = await once(child.stdout!, 'data')
  return { child, stack: JSON.parse(String(line)) as StackDescription }
}

function record(part: string): ProcessRecord {
  const found = readRecords(dir).find((candidate) => candidate.part === part)
  if (found === undefined) throw new Error(`no record of ${part}`)
  return found
}

async function killAndAwait(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function question(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query('select 1 as one')).rows
  } finally {
    await client.end()
  }
}

describe('a stack', () => {
  it('stops whole, and its ports are free again for the next one, with the data of the first', async () => {
    const first = await start()
    const connection = await createConnection(first.description.mysqlUrl)
    await connection.query('create database kept')
    await connection.end()
    const parts = readRecords(dir)
    expect(parts.map(({ part }) => part).sort()).toEqual(['guard', 'mariadb', 'postgres'])
    await first.stop()
    expect(parts.filter(isAlive)).toEqual([])
    expect(existsSync(join(dir, 'launcher.json'))).toBe(false)

    const second = await start()
    const again = await createConnection(`${second.description.mysqlUrl}kept`)
    await again.end()
  })

  it('is refused beside itself, and the running one is not disturbed', async () => {
    const { description } = await start()
    await expect(startStack(options())).rejects.toThrow(StackIsRunning)
    expect(await question(description.postgresUrl)).toEqual([{ one: 1 }])
  })

  it('runs beside others on one machine, each with ports and data of its own', async () => {
    const [one, two] = await Promise.all([
      start({ ...options(['postgres']), ports: 'free', temporary: true }),
      start({ ...options(['postgres']), dir: `${dir}-other`, ports: 'free', temporary: true }),
    ])
    await question(one.description.postgresUrl)
    await one.stop()
    expect(await question(two.description.postgresUrl)).toEqual([{ one: 1 }])
    expect(existsSync(dir)).toBe(false) // a temporary one takes its data along
  })

  it('starts in a folder that lies too deep for a socket', async () => {
    const deep = join(dir, 'a-folder-with-a-long-name'.repeat(5))
    const { description } = await start({ ...options(['mariadb']), dir: deep })
    const connection = await createConnection(description.mysqlUrl)
    await connection.end()
  })

  it('names the part that fails, shows the end of its log, and leaves nothing running', async () => {
    await (await start(options(['postgres']))).stop()
    appendFileSync(join(dir, 'postgres', 'data', 'postgresql.conf'), "\nshared_buffers = 'a lot'\n")
    const error = await startStack(options()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StackError)
    const text = (error as StackError).explain()
    expect(text).toContain('Postgres ended while starting (exit code 1)')
    expect(text).toContain(`Last lines of ${join(dir, 'logs', 'postgres.log')}`)
    expect(text).toContain('invalid value for parameter "shared_buffers"')
    expect(text).toContain('What to do:')
    expect(readRecords(dir)).toEqual([])
  })

  it('says so when a part dies later', async () => {
    const stack = await start()
    process.kill(record('mariadb').pid, 'SIGKILL')
    await expect(stack.failed).rejects.toThrow('MariaDB ended by itself (signal SIGKILL)')
  })

  it('does not come up halfway when it is told to stop meanwhile', async () => {
    const stop = new AbortController()
    const starting = startStack({ ...options(), signal: stop.signal })
    await until(() => readRecords(dir).some(({ part }) => part !== 'guard'), 30_000)
    stop.abort(new Error('Ctrl-C'))
    await expect(starting).rejects.toThrow('Ctrl-C')
    expect(readRecords(dir)).toEqual([])
  })
})

describe('a launcher that is killed', () => {
  it('takes its parts along: its guard ends them, and the same ports serve the next start', async () => {
    const { child } = await launch()
    const parts = readRecords(dir).filter(({ part }) => part !== 'guard')
    expect(parts.filter(isAlive)).toHaveLength(2)
    await killAndAwait(child)
    expect(await until(() => parts.every((part) => !isAlive(part)), 20_000)).toBe(true)
    const { description } = await start()
    expect(await question(description.postgresUrl)).toEqual([{ one: 1 }])
  })

  it('does not block a next start that comes at once', async () => {
    const { child } = await launch()
    await killAndAwait(child)
    const { description } = await start()
    expect(await question(description.postgresUrl)).toEqual([{ one: 1 }])
  })

  it('does not block the next start when its guard was killed first and its parts live on', async () => {
    const { child } = await launch()
    const parts = readRecords(dir)
    process.kill(record('guard').pid, 'SIGKILL')
    await killAndAwait(child)
    expect(parts.filter(isAlive).map(({ part }) => part)).toEqual(expect.arrayContaining([...databases]))
    const { description } = await start()
    expect(parts.filter(isAlive)).toEqual([])
    expect(await question(description.postgresUrl)).toEqual([{ one: 1 }])
  })

  it('leaves no data of a temporary stack behind', async () => {
    const { child } = await launch({ ...options(['postgres']), temporary: true })
    await killAndAwait(child)
    expect(await until(() => !existsSync(dir), 20_000)).toBe(true)
  })
})
