import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { armFaultPoint } from '../platform/index.ts'
import type { Sync } from './index.ts'
import { authors, books, definition, legacySchema, notes, specimens } from './testing/specimens.ts'
import { SyncStack, until } from './testing/sync-stack.ts'

const soon = { signal: new AbortController().signal, timeoutMs: 10_000 }

let stack: SyncStack
let sync: Sync

beforeAll(async () => {
  stack = await SyncStack.open({
    mysqlUrl: inject('mysqlUrl'),
    postgresUrl: inject('postgresUrl'),
    definition,
    legacySchema,
  })
  sync = await stack.started({ barrierTimeoutMs: 100 })
})
afterAll(() => stack[Symbol.asyncDispose]())

beforeEach(async () => {
  await stack.legacy(
    'delete from books',
    'delete from authors',
    'delete from specimens',
    "insert into authors (id, name) values (1, 'Ada'), (2, 'Bo')",
    "insert into books (author_id, number, title) values (1, 1, 'One'), (1, 2, 'Two'), (2, 1, 'Three')",
  )
  expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
})
afterEach(async () => {
  expect(await sync.verify('library')).toMatchObject({ equal: true })
  // Rows that are equal at once need no applier; the outbox is emptied by it.
  expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
  expect(await stack.modernRows(`select * from "${stack.ownSchema}".outbox`)).toEqual([])
})

describe('a transaction while MySQL owns the group', () => {
  it('is in MySQL when it returns, and in Postgres', async () => {
    const title = await sync.transaction('library', async (tx) => {
      await tx.insert(books).values({ authorId: 1, number: 3, title: 'Three' })
      const [row] = await tx
        .select()
        .from(books)
        .where(and(eq(books.authorId, 1), eq(books.number, 3)))
      return row?.title
    })
    expect(title).toBe('Three')
    expect(await stack.legacyRows('select title from books where author_id = 1 and number = 3')).toEqual([
      { title: 'Three' },
    ])
    expect(await stack.modernRows('select title from books where author_id = 1 and number = 3')).toEqual([
      { title: 'Three' },
    ])
  })

  it('brings back what a legacy trigger counted', async () => {
    await sync.transaction('library', (tx) => tx.insert(books).values({ authorId: 1, number: 3, title: 'Three' }))
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    expect(await stack.modernRows('select book_count from authors where id = 1')).toEqual([{ book_count: '3' }])
    await sync.transaction('library', (tx) => tx.update(books).set({ status: 2 }).where(eq(books.authorId, 1)))
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    expect(await stack.modernRows('select book_count from authors where id = 1')).toEqual([{ book_count: '0' }])
  })

  it('brings back what MySQL altered of its own writes: truncated text, ON UPDATE CURRENT_TIMESTAMP', async () => {
    await stack.legacy("update authors set touched = '2001-01-01 00:00:00'")
    await sync.transaction('library', async (tx) => {
      await tx.update(books).set({ title: 'A title that is longer than twenty' }).where(eq(books.number, 2))
      await tx.update(authors).set({ name: 'Ada L.' }).where(eq(authors.id, 1))
    })
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    expect(await stack.modernRows('select title from books where number = 2')).toEqual([
      { title: 'A title that is long' },
    ])
    const [author] = await stack.modernRows('select name, touched from authors where id = 1')
    expect(author).toMatchObject({ name: 'Ada L.' })
    expect(String(author?.touched)).not.toContain('2001')
  })

  it('undoes in Postgres what MySQL made nothing of', async () => {
    await stack.legacy("update books set title = 'A title that is long' where author_id = 1 and number = 2")
    await sync.transaction('library', (tx) =>
      tx.update(books).set({ title: 'A title that is long but in vain' }).where(eq(books.number, 2)),
    )
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await stack.modernRows('select title from books where number = 2')).toEqual([
      { title: 'A title that is long' },
    ])
  })

  it('carries changed keys, several changes of one row, and rows that come and go', async () => {
    await sync.transaction('library', async (tx) => {
      await tx.update(books).set({ number: 7 }).where(eq(books.number, 2))
      await tx.update(books).set({ title: 'First' }).where(eq(books.number, 7))
      await tx.update(books).set({ title: 'Second' }).where(eq(books.number, 7))
      await tx.insert(books).values({ authorId: 2, number: 9, title: 'Brief' })
      await tx.delete(books).where(eq(books.number, 9))
      await tx.delete(books).where(and(eq(books.authorId, 2), eq(books.number, 1)))
      await tx.insert(books).values({ authorId: 2, number: 1, title: 'Again' })
    })
    expect(await stack.legacyRows('select author_id, number, title from books order by 1, 2')).toEqual([
      { author_id: 1, number: 1, title: 'One' },
      { author_id: 1, number: 7, title: 'Second' },
      { author_id: 2, number: 1, title: 'Again' },
    ])
  })

  it('adds to counters, whatever PHP adds meanwhile', async () => {
    await sync.transaction('library', async (tx) => {
      await tx
        .update(authors)
        .set({ visits: sql`${authors.visits} + 5` })
        .where(eq(authors.id, 1))
      await stack.legacy('update authors set visits = visits + 100 where id = 2')
    })
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? stack.legacy('update authors set visits = visits + 1 where id = 1')
          : sync.transaction('library', (tx) =>
              tx
                .update(authors)
                .set({ visits: sql`${authors.visits} + 1` })
                .where(eq(authors.id, 1)),
            ),
      ),
    )
    expect(await stack.legacyRows('select id, visits from authors order by id')).toEqual([
      { id: 1, visits: 25 },
      { id: 2, visits: 100 },
    ])
  })

  it('writes nothing anywhere when a constraint of Postgres that waits for the commit would fail', async () => {
    await stack.postgres.pool.query(
      'alter table books add constraint later foreign key (author_id) references authors (id) deferrable initially deferred',
    )
    const failed = sync.transaction('library', (tx) => tx.insert(books).values({ authorId: 99, number: 1, title: 'x' }))
    await expect(failed).rejects.toMatchObject({ code: '23503' })
    await stack.postgres.pool.query('alter table books drop constraint later')
    expect(await stack.legacyRows('select * from books where author_id = 99')).toEqual([])
  })

  it('ends when the caller leaves before the point of no return', async () => {
    const leaving = new AbortController()
    const failed = sync.transaction(
      'library',
      async (tx) => {
        await tx.delete(books)
        leaving.abort(new Error('left'))
      },
      { signal: leaving.signal },
    )
    await expect(failed).rejects.toThrow('left')
    expect(await stack.legacyRows('select count(*) as n from books')).toEqual([{ n: '3' }])
  })

  it('writes nothing anywhere when the work throws', async () => {
    const failed = sync.transaction('library', async (tx) => {
      await tx.delete(books)
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await stack.legacyRows('select count(*) as n from books')).toEqual([{ n: '3' }])
    expect(await stack.modernRows('select count(*) as n from books')).toEqual([{ n: '3' }])
  })

  it('returns without asking MySQL to write when nothing was written', async () => {
    const [before] = await stack.legacyRows(`select count(*) as n from ${stack.ownSchema}.transactions`)
    const rows = await sync.transaction('library', (tx) => tx.select().from(books))
    expect(rows).toHaveLength(3)
    expect(await stack.legacyRows(`select count(*) as n from ${stack.ownSchema}.transactions`)).toEqual([before])
  })
})

describe('a conflict', () => {
  it('is tried again on the newest rows when PHP was faster', async () => {
    let runs = 0
    await sync.transaction('library', async (tx) => {
      runs += 1
      const [book] = await tx
        .select()
        .from(books)
        .where(and(eq(books.authorId, 1), eq(books.number, 1)))
        .for('update')
      if (runs === 1) await stack.legacy("update books set title = 'PHP' where author_id = 1 and number = 1")
      await tx
        .update(books)
        .set({ title: `${book?.title}+` })
        .where(and(eq(books.authorId, 1), eq(books.number, 1)))
    })
    expect(runs).toBeGreaterThan(1)
    expect(await stack.legacyRows('select title from books where author_id = 1 and number = 1')).toEqual([
      { title: 'PHP+' },
    ])
  })

  it('is found also when the value went away and came back', async () => {
    let runs = 0
    const target = and(eq(books.authorId, 1), eq(books.number, 1))
    await sync.transaction('library', async (tx) => {
      runs += 1
      await tx.update(books).set({ title: 'TypeScript' }).where(target)
      // Unapplied yet, and in its end exactly what the handler saw: the before-image check alone would pass.
      if (runs > 1) return
      await stack.legacy(
        "update books set title = 'TypeScript' where author_id = 1 and number = 1",
        "update books set title = 'One' where author_id = 1 and number = 1",
      )
    })
    expect(runs).toBe(2)
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await stack.modernRows('select title from books where author_id = 1 and number = 1')).toEqual([
      { title: 'TypeScript' },
    ])
    expect(await stack.conflicts()).toEqual([])
  })

  it('ends in an error, with nothing written, when it does not go away', async () => {
    const failed = sync.transaction('library', async (tx) => {
      await tx.update(books).set({ title: 'TypeScript' }).where(eq(books.number, 1))
      await stack.legacy("update books set title = concat(title, '.') where author_id = 1 and number = 1")
    })
    await expect(failed).rejects.toMatchObject({ code: 'sync.conflict' })
    const [book] = await stack.legacyRows('select title from books where author_id = 1 and number = 1')
    expect(book?.title).toMatch(/^One\.+$/)
  })

  it('of an insert, when PHP inserted the same row, lets the handler see the row', async () => {
    let runs = 0
    const outcome = await sync.transaction('library', async (tx) => {
      runs += 1
      const [there] = await tx
        .select()
        .from(books)
        .where(and(eq(books.authorId, 2), eq(books.number, 5)))
      if (there !== undefined) return 'was there'
      await stack.legacy("insert into books (author_id, number, title) values (2, 5, 'PHP')")
      await tx.insert(books).values({ authorId: 2, number: 5, title: 'TypeScript' })
      return 'inserted'
    })
    expect(outcome).toBe('was there')
    expect(runs).toBe(2)
  })

  it('with a parent that PHP deleted is one too', async () => {
    let runs = 0
    const outcome = await sync.transaction('library', async (tx) => {
      runs += 1
      const [author] = await tx.select().from(authors).where(eq(authors.id, 2))
      if (author === undefined) return 'no such author'
      await stack.legacy('delete from authors where id = 2')
      await tx.insert(books).values({ authorId: 2, number: 6, title: 'Orphan' })
      return 'inserted'
    })
    expect(outcome).toBe('no such author')
    expect(runs).toBe(2)
  })
})

describe('deletes that InnoDB cascades', () => {
  it('from PHP take the children away in Postgres', async () => {
    await stack.legacy('delete from authors where id = 1')
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await stack.modernRows('select author_id from books')).toEqual([{ author_id: '2' }])
  })

  it('from a transaction take the children away on both sides', async () => {
    await sync.transaction('library', (tx) => tx.delete(authors).where(eq(authors.id, 1)))
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await stack.modernRows('select author_id from books')).toEqual([{ author_id: '2' }])
    expect(await stack.legacyRows('select author_id from books')).toEqual([{ author_id: 2 }])
    expect(await stack.conflicts()).toEqual([])
  })

  it('do not hide children that the handler deleted itself, whose triggers fire', async () => {
    await sync.transaction('library', async (tx) => {
      await tx.delete(books).where(eq(books.authorId, 1))
      await tx.delete(authors).where(eq(authors.id, 1))
    })
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await stack.conflicts()).toEqual([])
  })
})

describe('what cannot be carried', () => {
  it('is refused: a table of another group', async () => {
    const failed = sync.transaction('library', (tx) => tx.insert(specimens).values(minimalSpecimen))
    await expect(failed).rejects.toMatchObject({ code: 'sync.write-refused' })
  })

  it('is refused: a row that MySQL numbers', async () => {
    const failed = sync.transaction('library', (tx) => tx.insert(notes).values({ id: 1, body: 'x' }))
    await expect(failed).rejects.toMatchObject({ code: 'sync.write-refused' })
  })

  it('is refused: a write that MySQL itself refuses', async () => {
    await stack.legacy(
      "create trigger settings_bi before insert on settings for each row signal sqlstate '45000' set message_text = 'no'",
    )
    const failed = sync.transaction('specimens', (tx) =>
      tx.execute(sql`insert into settings (key, value) values ('a', 'b')`),
    )
    await expect(failed).rejects.toMatchObject({ code: 'sync.write-refused' })
    await stack.legacy('drop trigger settings_bi')
  })

  it('is refused: a write past sync.transaction', async () => {
    await expect(stack.postgres.database.delete(books)).rejects.toMatchObject({ cause: { code: 'FIG01' } })
    await expect(stack.postgres.pool.query('truncate books')).rejects.toMatchObject({ code: 'FIG01' })
  })
})

describe('when a part fails between the two commits', () => {
  it('and it is Postgres, the applier brings the write and the caller is told that it stands', async () => {
    const disarm = armFaultPoint('sync.after-mysql-commit', async () => {
      await stack.postgres.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
      )
    })
    const disarmApplier = armFaultPoint('sync.before-apply', () => delay(150))
    try {
      await sync.transaction('library', (tx) => tx.insert(books).values({ authorId: 1, number: 3, title: 'Healed' }))
    } finally {
      disarm()
      disarmApplier()
    }
    expect(await stack.modernRows('select title from books where number = 3')).toEqual([{ title: 'Healed' }])
    expect(await stack.modernRows('select book_count from authors where id = 1')).toEqual([{ book_count: '3' }])
  })

  it('and it is MySQL during its commit, the outcome is found out', async () => {
    const disarm = armFaultPoint('sync.before-mysql-commit', async () => {
      disarm()
      const rows = await stack.legacyRows(
        `select trx_mysql_thread_id as id from information_schema.innodb_trx t
           join information_schema.processlist p on p.id = t.trx_mysql_thread_id where p.db = '${stack.mysql.schema}'`,
      )
      for (const { id } of rows) await stack.mysql.pool.query(`kill ${id}`)
    })
    await sync.transaction('library', (tx) => tx.insert(books).values({ authorId: 1, number: 3, title: 'Once' }))
    expect(await stack.legacyRows('select title from books where number = 3')).toEqual([{ title: 'Once' }])
  })
})

describe('a foreign write to Postgres', () => {
  it('keeps handlers from writing over what MySQL really holds', async () => {
    const client = await stack.postgres.connect()
    await client.query("set fig.applying = 'on'; update books set title = 'foreign' where author_id = 1 and number = 1")
    const target = and(eq(books.authorId, 1), eq(books.number, 1))
    const failed = sync.transaction('library', (tx) => tx.update(books).set({ title: 'handler' }).where(target))
    await expect(failed).rejects.toMatchObject({ code: 'sync.conflict' })
    expect(await stack.legacyRows('select title from books where author_id = 1 and number = 1')).toEqual([
      { title: 'One' },
    ])
    await client.query("update books set title = 'One' where author_id = 1 and number = 1")
    await client.end()
  })

  it('is met as a conflict, MySQL wins, and what was found is kept', async () => {
    const client = await stack.postgres.connect()
    await client.query("set fig.applying = 'on'; update books set title = 'foreign' where author_id = 1 and number = 1")
    await client.query('delete from books where author_id = 1 and number = 2')
    await client.query("insert into books (author_id, number, title) values (2, 8, 'squatter')")
    await client.end()
    await stack.legacy(
      "update books set title = 'owner' where author_id = 1",
      "insert into books (author_id, number, title) values (2, 8, 'owner')",
    )
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    const found = await until(
      () => stack.conflicts(),
      (rows) => rows.length === 3,
    )
    expect(found.map(({ kind, key, resolution }) => [kind, JSON.parse(String(key)), resolution])).toEqual([
      ['changed', ['1', '1'], 'mysql-wins'],
      ['missing', ['1', '2'], 'mysql-wins'],
      ['exists', ['2', '8'], 'mysql-wins'],
    ])
    expect(JSON.parse(String(found[0]?.found))).toMatchObject({ title: 'foreign' })
  })
})

// --- internal ---

const minimalSpecimen = {
  id: '1',
  tiny: 0,
  unsignedSmall: 0,
  unsignedInt: 0,
  signedBig: 0n,
  price: '0.000',
  ratio: 0,
  precise: 0,
  title: '',
  western: '',
  kind: '',
  options: '',
  mask: '0000000000',
  banned: false,
  active: false,
  birthday: '0000-00-00',
  address: Buffer.alloc(0),
  fixed: Buffer.alloc(4),
  duration: '00:00:00',
  made: 0,
  renamed: '',
} as const
