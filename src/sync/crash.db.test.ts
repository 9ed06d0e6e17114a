import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { FaultPointName } from '../platform/index.ts'
import { definition, legacySchema } from './testing/specimens.ts'
import { SyncStack } from './testing/sync-stack.ts'

const soon = { signal: new AbortController().signal, timeoutMs: 20_000 }

let stack: SyncStack

beforeEach(async () => {
  await stack?.[Symbol.asyncDispose]()
  stack = await SyncStack.open({
    mysqlUrl: inject('mysqlUrl'),
    postgresUrl: inject('postgresUrl'),
    definition,
    legacySchema,
  })
  await stack.legacy("insert into authors (id, name) values (1, 'Ada')")
  await stack.sync().setup()
})
afterAll(() => stack[Symbol.asyncDispose]())

describe('kill -9 of a process that writes', () => {
  const points: readonly { readonly point: FaultPointName; readonly inMysql: number }[] = [
    { point: 'sync.before-mysql-commit', inMysql: 0 },
    { point: 'sync.after-mysql-commit', inMysql: 1 },
    { point: 'sync.after-postgres-commit', inMysql: 1 },
  ]
  it.each(points)('at $point leaves nothing lost or doubled', async ({ point, inMysql }) => {
    const child = startChild(`${point}:kill`, 1)
    expect((await child.ended).signal).toBe('SIGKILL')
    expect(child.acknowledged()).toBe(0)
    expect(await stack.legacyRows('select visits from authors')).toEqual([{ visits: inMysql }])
    await expectBothToHold(inMysql)
  })
})

describe('kill -9 of a process that follows MySQL', () => {
  it.each(['sync.before-apply', 'sync.before-checkpoint', 'sync.after-checkpoint'] as const)(
    'at %s leaves nothing lost or doubled',
    async (point) => {
      const child = startChild(`${point}:kill`, 0)
      await child.started
      await stack.legacy(
        'update authors set visits = visits + 3',
        "insert into books (author_id, number, title) values (1, 1, 'PHP')",
      )
      expect((await child.ended).signal).toBe('SIGKILL')
      await expectBothToHold(3)
    },
  )
})

describe('kill -9 at any moment, again and again, while PHP writes too', () => {
  it('leaves every acknowledged write in both stores, once', async () => {
    let acknowledged = 0
    let unknown = 0
    let php = 0
    for (let round = 0; round < 4; round += 1) {
      const child = startChild('-', 1000)
      await child.started
      while (child.acknowledged() < 15) {
        await stack.legacy('update authors set visits = visits + 1')
        php += 1
      }
      child.process.kill('SIGKILL')
      await child.ended
      acknowledged += child.acknowledged()
      // The last one may have committed without having been able to say so.
      unknown += 1
    }
    const [author] = await stack.legacyRows('select visits, book_count from authors')
    const fromChildren = Number(author?.visits) - php
    expect(fromChildren).toBeGreaterThanOrEqual(acknowledged)
    expect(fromChildren).toBeLessThanOrEqual(acknowledged + unknown)
    expect(Number(author?.book_count)).toBe(fromChildren)
    await expectBothToHold(Number(author?.visits))
  })
})

// --- internal ---

async function expectBothToHold(visits: number): Promise<void> {
  const sync = stack.sync()
  await sync.start()
  expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
  expect(await sync.verify('library')).toMatchObject({ equal: true })
  expect(await stack.modernRows('select visits from authors')).toEqual([{ visits: String(visits) }])
  expect(await stack.conflicts()).toEqual([])
  expect(await stack.modernRows(`select * from "${stack.ownSchema}".outbox`)).toEqual([])
}

interface Child {
  readonly process: ChildProcess
  readonly started: Promise<void>
  readonly ended: Promise<{ readonly signal: NodeJS.Signals | null }>
  acknowledged(): number
}

function startChild(faults: string, transactions: number): Child {
  const child = spawn(
    process.execPath,
    [
      new URL('./testing/crash-child.ts', import.meta.url).pathname,
      stack.urls.mysql,
      stack.urls.postgres,
      stack.ownSchema,
      faults,
      String(transactions),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let acknowledged = 0
  const started = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'started') started.resolve()
    if (line.startsWith('acknowledged')) acknowledged += 1
  })
  const ended = once(child, 'close').then(([, signal]) => ({ signal: signal as NodeJS.Signals | null }))
  void ended.then(() => started.reject(new Error('the child ended before it started')))
  started.promise.catch(() => undefined)
  return { process: child, started: started.promise, ended, acknowledged: () => acknowledged }
}
