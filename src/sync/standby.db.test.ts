import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { openPostgres } from '../db/index.ts'
import { silentLogger } from '../platform/index.ts'
import { createSync } from './create-sync.ts'
import type { Sync } from './index.ts'
import { BrokenNetwork } from './testing/broken-network.ts'
import { authors, books, definition, legacySchema } from './testing/specimens.ts'
import { SyncStack, until } from './testing/sync-stack.ts'

const soon = { signal: new AbortController().signal, timeoutMs: 10_000 }
const atOnce = { signal: new AbortController().signal, timeoutMs: 300 }
const bookOne = and(eq(books.authorId, 1), eq(books.number, 1))

let stack: SyncStack
let leader: Sync
let standby: Sync

beforeEach(async () => {
  stack = await SyncStack.open({
    mysqlUrl: inject('mysqlUrl'),
    postgresUrl: inject('postgresUrl'),
    definition,
    legacySchema: [...legacySchema, 'create table sessions (id int primary key auto_increment) engine=InnoDB'],
  })
  await stack.legacy(
    "insert into authors (id, name) values (1, 'Ada'), (2, 'Bo')",
    "insert into books (author_id, number, title) values (1, 1, 'One'), (2, 1, 'Two')",
  )
  leader = await stack.started()
  standby = await stack.started()
  expect([leader.status().stream, standby.status().stream]).toEqual(['streaming', 'standby'])
})
afterEach(() => stack[Symbol.asyncDispose]())

describe('a process that stands by reads', () => {
  it('what was acknowledged right before the call, every time', async () => {
    const connection = await stack.mysql.connect()
    for (let visits = 1; visits <= 100; visits += 1) {
      await connection.query('update authors set visits = visits + 1 where id = 1')
      expect(await standby.caughtUp(['authors'], soon)).toBe('fresh')
      expect(await stack.modernRows('select visits from authors where id = 1')).toEqual([{ visits: String(visits) }])
    }
    await connection.end()
  })

  it('fresh rows also while the site writes to tables that are not mapped, which nobody has to apply', async () => {
    const connection = await stack.mysql.connect()
    const began = performance.now()
    for (let i = 0; i < 50; i += 1) {
      await connection.query('insert into sessions () values ()')
      expect(await standby.caughtUp(['authors', 'books'], atOnce)).toBe('fresh')
    }
    // Far below the second after which the leader stores its progress by itself.
    expect((performance.now() - began) / 50).toBeLessThan(100)
    await connection.end()
  })

  it('nothing of a group that was stopped', async () => {
    await stack.legacy("alter table books add column extra int default 1, comment = 'changed'")
    await until(
      async () => leader.status().groups.find(({ name }) => name === 'library')?.stopped,
      (stopped) => stopped !== undefined,
    )
    const began = performance.now()
    expect(await standby.caughtUp(['books'], soon)).toBe('stale')
    expect(performance.now() - began).toBeLessThan(soon.timeoutMs / 2)
    expect(await standby.caughtUp(['settings'], soon)).toBe('fresh')
  })

  it('nothing when its connection has fallen silent, and soon goes on over a new one', async () => {
    await using network = await BrokenNetwork.open(stack.urls.postgres)
    const postgres = openPostgres({ url: network.url })
    const { mysql, ownSchema } = stack
    const far = createSync({ definition, mysql, postgres, ownSchema, log: silentLogger() })
    await far.setup()
    await far.start()
    expect(await far.caughtUp(['books'], soon)).toBe('fresh')
    network.swallow()
    const began = performance.now()
    expect(await far.caughtUp(['books'], atOnce)).toBe('stale')
    expect(performance.now() - began).toBeLessThan(1000)
    await until(
      () => far.caughtUp(['books'], soon),
      (freshness) => freshness === 'fresh',
    )
    await far.close()
    await postgres.close()
  })
})

describe('a process that stands by writes', () => {
  it('to both stores', async () => {
    await standby.transaction('library', (tx) => tx.update(books).set({ title: 'TypeScript' }).where(bookOne))
    expect(await stack.legacyRows('select title from books where author_id = 1')).toEqual([{ title: 'TypeScript' }])
    expect(await standby.caughtUp(['books'], soon)).toBe('fresh')
    expect(await leader.verify('library')).toMatchObject({ equal: true })
    expect(await standby.verify('library')).toMatchObject({ equal: true })
  })

  it('over no change that is still on its way, though the value came back to what it was', async () => {
    let runs = 0
    await standby.transaction('library', async (tx) => {
      runs += 1
      await tx.update(books).set({ title: 'TypeScript' }).where(bookOne)
      if (runs > 1) return
      await stack.legacy(
        "update books set title = 'TypeScript' where author_id = 1 and number = 1",
        "update books set title = 'One' where author_id = 1 and number = 1",
      )
    })
    expect(runs).toBe(2)
    expect(await leader.verify('library')).toMatchObject({ equal: true })
    expect(await stack.modernRows('select title from books where author_id = 1')).toEqual([{ title: 'TypeScript' }])
    expect(await stack.conflicts()).toEqual([])
  })

  it('nothing when the group was stopped', async () => {
    await stack.legacy('alter table books add column extra int default 1')
    await until(
      async () => leader.status().groups.find(({ name }) => name === 'library')?.stopped,
      (stopped) => stopped !== undefined,
    )
    const write = standby.transaction('library', (tx) => tx.update(books).set({ title: 'x' }).where(bookOne))
    await expect(write).rejects.toMatchObject({ status: 503 })
    expect(await stack.legacyRows("select 1 from books where title = 'x'")).toEqual([])
  })

  it('with more transactions at once than the pool has connections', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => i + 10)
    await stack.legacy(`insert into authors (id, name) values ${ids.map((id) => `(${id}, 'x')`).join(', ')}`)
    await Promise.all(
      ids.map((id) =>
        standby.transaction('library', (tx) => tx.update(authors).set({ name: 'y' }).where(eq(authors.id, id))),
      ),
    )
    expect(await stack.legacyRows("select count(*) as n from authors where name = 'y'")).toEqual([{ n: '25' }])
    expect(await leader.verify('library')).toMatchObject({ equal: true })
  })

  it('beside the leader and the site, and nothing is lost', async () => {
    const rounds = 25
    const visit = async (sync: Sync) => {
      for (let round = 0; round < rounds; round += 1) {
        await persistently(() =>
          sync.transaction('library', (tx) =>
            tx
              .update(authors)
              .set({ visits: sql`${authors.visits} + 1` })
              .where(eq(authors.id, 1)),
          ),
        )
      }
    }
    const site = async () => {
      for (let round = 0; round < rounds; round += 1) {
        await stack.legacy('update authors set visits = visits + 1 where id = 1', 'insert into sessions () values ()')
      }
    }
    await Promise.all([visit(leader), visit(standby), site()])
    expect(await stack.legacyRows('select visits from authors where id = 1')).toEqual([{ visits: rounds * 3 }])
    expect(await leader.verify('library')).toMatchObject({ equal: true })
    expect(await stack.conflicts()).toEqual([])
  })
})

// --- internal ---

/** A conflict is an answer, not a fault: the writer tries again. */
async function persistently(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write()
      return
    } catch (error) {
      if (attempt === 20 || (error as { code?: string }).code !== 'sync.conflict') throw error
      await delay(Math.random() * 50)
    }
  }
}
