import { Readable } from 'node:stream'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { openMysql } from '../db/index.ts'
import type { SetupProgress } from './index.ts'
import { pruneTransactionIds } from './prune.ts'
import { BrokenNetwork } from './testing/broken-network.ts'
import { books, definition, legacySchema } from './testing/specimens.ts'
import { SyncStack, until } from './testing/sync-stack.ts'

const soon = { signal: new AbortController().signal, timeoutMs: 15_000 }
const atOnce = { signal: new AbortController().signal, timeoutMs: 300 }

let stack: SyncStack

beforeEach(async () => {
  stack = await SyncStack.open({
    mysqlUrl: inject('mysqlUrl'),
    postgresUrl: inject('postgresUrl'),
    definition,
    legacySchema,
  })
  await stack.legacy(
    "insert into authors (id, name) values (1, 'Ada'), (2, 'Bo')",
    "insert into books (author_id, number, title) values (1, 1, 'One'), (2, 1, 'Two')",
  )
})
afterEach(() => stack[Symbol.asyncDispose]())

describe('set-up', () => {
  it('copies each group once, reports its progress, and does nothing the second time', async () => {
    const seen: SetupProgress[] = []
    const sync = stack.sync()
    await sync.setup({ onProgress: (progress) => seen.push(progress) })
    expect(seen).toContainEqual({ step: 'copy', group: 'library', table: 'books', rows: 2, rowsEstimate: 2 })
    expect(seen.filter(({ step }) => step === 'copied')).toHaveLength(2)
    seen.length = 0
    await stack.sync().setup({ onProgress: (progress) => seen.push(progress) })
    expect(seen.map(({ step }) => step)).toEqual(['schema', 'tables', 'triggers'])
    const [index] = await stack.modernRows(
      "select indexdef from pg_indexes where tablename = 'books' and indexdef like '%status%'",
    )
    expect(index).toBeDefined()
  })

  it('run twice at the same time copies once', async () => {
    const seen: SetupProgress[] = []
    const onProgress = (progress: SetupProgress) => seen.push(progress)
    await Promise.all([stack.sync().setup({ onProgress }), stack.sync().setup({ onProgress })])
    expect(seen.filter(({ step }) => step === 'copied')).toHaveLength(2)
  })

  it('joins copy and stream without gap or overlap while PHP writes', async () => {
    let writing = true
    const writers = [1, 2].map(async (author) => {
      for (let number = 10; writing; number += 1) {
        await stack.legacy(
          `insert into books (author_id, number) values (${author}, ${number})`,
          `update authors set visits = visits + 1 where id = ${author}`,
        )
      }
    })
    await until(
      async () => Number((await stack.legacyRows('select count(*) as n from books'))[0]?.n),
      (n) => n > 10,
    )
    const sync = await stack.started()
    await until(
      async () => Number((await stack.modernRows('select count(*) as n from books'))[0]?.n),
      (n) => n > 30,
    )
    writing = false
    await Promise.all(writers)
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await sync.verify('library')).toMatchObject({ equal: true })
    expect(await stack.conflicts()).toEqual([])
  })

  it('copies a group anew while it is followed and written to, missing and doubling nothing', async () => {
    const sync = await stack.started()
    const other = stack.sync()
    let writing = true
    const writer = (async () => {
      while (writing) await stack.legacy('update authors set visits = visits + 1 where id = 1')
    })()
    for (let round = 0; round < 3; round += 1) {
      await (round === 1 ? other : sync).setup({ refill: ['library'] })
      const [before] = await stack.modernRows('select visits from authors where id = 1')
      await until(
        async () => Number((await stack.modernRows('select visits from authors where id = 1'))[0]?.visits),
        (visits) => visits > Number(before?.visits) + 3,
      )
    }
    writing = false
    await writer
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    expect(await sync.verify('library')).toMatchObject({ equal: true })
    expect(await stack.conflicts()).toEqual([])
  })

  it('refuses a legacy schema that the mapping does not fit, with every problem at once', async () => {
    await stack.legacy(
      'alter table authors add column surprise int, modify name varchar(40) null',
      'alter table books drop foreign key books_author',
      'alter table notes engine=MyISAM',
    )
    const refused = stack.sync().setup()
    await expect(refused).rejects.toMatchObject({ code: 'sync.invalid-mapping' })
    const message = await refused.catch((error: Error) => error.message)
    expect(message).toContain('authors: the legacy column surprise is neither mapped nor declared as unmapped')
    expect(message).toContain('authors.name: the legacy column may be null')
    expect(message).toContain('authors: the legacy schema has no ON DELETE CASCADE to books')
    expect(message).toContain('notes: notes is MyISAM')
  })

  it('leaves a group alone that holds a value which cannot be carried, names the row, and sets the others up', async () => {
    await stack.legacy('insert into specimens (id, active) values (77, 2)')
    const sync = await stack.started()
    const [library, specimens] = sync.status().groups
    expect(library).toMatchObject({ name: 'library', phase: 'dual', stopped: undefined })
    expect(specimens).toMatchObject({ name: 'specimens', phase: 'legacy' })
    expect(specimens?.stopped).toContain('specimens.active, row id=77: 2 where only 0 and 1 are declared')
    expect(await stack.modernRows('select count(*) as n from specimens')).toEqual([{ n: '0' }])
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await sync.caughtUp(['specimens'], atOnce)).toBe('stale')
    await expect(sync.transaction('specimens', async () => {})).rejects.toThrow('row id=77')
    await stack.legacy('update specimens set active = 1')
    await sync.setup()
    await until(
      async () => sync.caughtUp(['specimens'], atOnce),
      (freshness) => freshness === 'fresh',
    )
  })
})

describe('the stream', () => {
  it('goes on after its connection to MySQL was killed, missing and doubling nothing', async () => {
    const sync = await stack.started()
    for (let round = 1; round <= 3; round += 1) {
      await stack.legacy('update authors set visits = visits + 1 where id = 1')
      const dumps = await stack.legacyRows(
        `select id from information_schema.processlist where command = 'Binlog Dump' and user = substring_index(current_user(), '@', 1)`,
      )
      for (const { id } of dumps) await stack.mysql.pool.query(`kill ${id}`).catch(() => undefined)
      await stack.legacy('update authors set visits = visits + 1 where id = 1')
      expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    }
    expect(await stack.modernRows('select visits from authors where id = 1')).toEqual([{ visits: '6' }])
    expect(await stack.conflicts()).toEqual([])
  })

  it('goes on after its connection to Postgres was killed', async () => {
    const sync = await stack.started()
    await stack.postgres.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await stack.legacy('update authors set visits = visits + 1')
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    expect(await stack.modernRows('select visits from authors')).toEqual([{ visits: '1' }, { visits: '1' }])
  })

  it('opens a new connection when the network swallows everything', async () => {
    await stack.sync().setup()
    await using network = await BrokenNetwork.open(stack.urls.mysql)
    const mysql = openMysql({ url: network.url })
    const sync = stack.sync({ silenceTimeoutMs: 500 }, mysql)
    await sync.start()
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    network.swallow()
    await stack.legacy('update authors set visits = 7')
    expect(await sync.caughtUp(['authors'], atOnce)).toBe('stale')
    await until(
      async () => (await stack.modernRows('select visits from authors where id = 1'))[0]?.visits,
      (visits) => visits === '7',
    )
    await sync.close()
    await mysql.close()
  })

  it('keeps up with the position although only other schemas of the server are written to', async () => {
    const sync = await stack.started()
    const other = `${stack.mysql.schema}_other`
    await stack.legacy(`create database ${other}`, `create table ${other}.authors (id int primary key, name blob)`)
    await stack.legacy(`insert into ${other}.authors select seq, repeat('x', 1000) from seq_1_to_5000`)
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    await stack.legacy(`truncate ${other}.authors`, `drop database ${other}`)
    expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
    expect(await stack.modernRows('select count(*) as n from authors')).toEqual([{ n: '2' }])
    expect(sync.status().groups.map(({ stopped }) => stopped)).toEqual([undefined, undefined])
  })

  it.each([
    ['ALTER TABLE', 'alter table books add column extra int'],
    ['TRUNCATE', 'truncate books'],
    ['RENAME TABLE', 'rename table books to books_old'],
    ['UPDATE', "set binlog_format = 'STATEMENT'; update books set title = 'unseen'"],
  ])('stops the group at %s of a followed table, and only that group', async (verb, statement) => {
    const sync = await stack.started()
    await stack.legacy(...statement.split('; '))
    // From the first call on: the position goes past the statement, but the rows do not.
    expect(await sync.caughtUp(['books'], soon)).toBe('stale')
    await until(
      async () => sync.status().groups.find(({ name }) => name === 'library')?.stopped,
      (reason) => reason?.toLowerCase().includes(`${verb} on books`.toLowerCase()) === true,
    )
    await stack.legacy("insert into settings values ('still', 'followed')")
    expect(await sync.caughtUp(['settings'], soon)).toBe('fresh')
    expect(await stack.modernRows("select value from settings where key = 'still'")).toEqual([{ value: 'followed' }])
    expect(await sync.caughtUp(['books'], atOnce)).toBe('stale')
    await expect(sync.transaction('library', (tx) => tx.delete(books))).rejects.toMatchObject({ code: 'sync.stopped' })
  })

  it('stops every group at a change that the binlog holds in a form it cannot read', async () => {
    const sync = await stack.started()
    const connection = await stack.mysql.connect()
    await connection.query("set binlog_format = 'STATEMENT'")
    await connection.query({
      sql: "load data local infile 'rows' into table notes (body)",
      infileStreamFactory: () => Readable.from([Buffer.from('one\ntwo\n')]),
    })
    await connection.end()
    await until(
      async () => sync.status().groups.map(({ stopped }) => stopped ?? ''),
      (reasons) => reasons.length === 2 && reasons.every((reason) => reason.includes('cannot be read')),
    )
  })

  it('lets statements by that change neither rows nor shape', async () => {
    const sync = await stack.started()
    await stack.legacy(
      'create index by_title on books (title)',
      'analyze table books',
      'create view books_view as select * from books',
      'create temporary table books_copy as select * from books',
      'drop view books_view',
      "update books set title = 'still here'",
    )
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    expect(await stack.modernRows('select distinct title from books')).toEqual([{ title: 'still here' }])
  })

  it('stops the group at a value that cannot be carried, and follows it again once set up anew', async () => {
    const sync = await stack.started()
    await stack.legacy('insert into specimens (id, active) values (5, 2)')
    const reason = await until(
      async () => sync.status().groups.find(({ name }) => name === 'specimens')?.stopped,
      (stopped) => stopped !== undefined,
    )
    expect(reason).toContain('specimens.active, row id=5')
    await stack.legacy('update specimens set active = 1', "update books set title = 'goes on' where author_id = 1")
    expect(await sync.caughtUp(['books'], soon)).toBe('fresh')
    await sync.setup()
    await until(
      async () => sync.caughtUp(['specimens'], atOnce),
      (freshness) => freshness === 'fresh',
    )
    await stack.legacy('insert into specimens (id) values (6)')
    expect(await sync.caughtUp(['specimens'], soon)).toBe('fresh')
    expect(await sync.verify('specimens')).toMatchObject({ equal: true, rows: { specimens: 2 } })
    expect(await sync.verify('library')).toMatchObject({ equal: true })
  })

  it('stops with a clear reason when MySQL does not know its position', async () => {
    await stack.sync().setup()
    await stack.postgres.pool.query(`update "${stack.ownSchema}".checkpoints set gtid = '0-1-999999999999'`)
    const sync = stack.sync()
    await sync.start()
    const stopped = await until(
      async () => sync.status().groups.map((group) => group.stopped),
      (reasons) => reasons.length === 2 && reasons.every((reason) => reason !== undefined),
    )
    expect(stopped[0]).toContain('binary logs were purged or reset')
  })
})

describe('transaction ids', () => {
  it('are forgotten after a day, save those that have not come back through the binlog', async () => {
    await stack.sync().setup()
    const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
    for (const id of ids) {
      await stack.mysql.pool.query(
        `insert into ${stack.ownSchema}.transactions values ('${id}', now() - interval 2 day)`,
      )
      await stack.postgres.pool.query(
        `insert into "${stack.ownSchema}".applied_transactions values ($1, 'handler', now() - interval '2 days')`,
        [id],
      )
    }
    await stack.postgres.pool.query(
      `insert into "${stack.ownSchema}".outbox (transaction_id, table_name) values ('${ids[1]}', 'books')`,
    )
    await pruneTransactionIds(stack.postgres, stack.mysql, stack.ownSchema)
    expect(await stack.legacyRows(`select * from ${stack.ownSchema}.transactions`)).toEqual([])
    expect(await stack.modernRows(`select id from "${stack.ownSchema}".applied_transactions`)).toEqual([{ id: ids[1] }])
  })
})

describe('a copy that is broken off', () => {
  it('leaves nothing behind', async () => {
    await stack.legacy("insert into settings select seq, repeat('x', 100) from seq_1_to_50000")
    const sync = stack.sync()
    const setup = sync.setup({ onProgress: ({ step }) => void (step === 'copy' && sync.close()) })
    await expect(setup).rejects.toMatchObject({ name: 'AbortError' })
    expect(await stack.modernRows('select count(*) as n from settings')).toEqual([{ n: '0' }])
    await stack.started()
    expect(await stack.modernRows('select count(*) as n from settings')).toEqual([{ n: '50000' }])
  })
})

describe('two processes', () => {
  it('share the work: one follows, the other stands by and takes over', async () => {
    const first = await stack.started()
    const second = stack.sync()
    await second.start()
    expect([first.status().stream, second.status().stream]).toEqual(['streaming', 'standby'])
    expect(await second.caughtUp(['books'], soon)).toBe('fresh')
    await first.close()
    await until(
      async () => second.status().stream,
      (state) => state === 'streaming',
    )
    await stack.legacy("update books set title = 'second' where author_id = 1")
    expect(await second.caughtUp(['books'], soon)).toBe('fresh')
    await second.transaction('library', (tx) => tx.update(books).set({ title: 'third' }).where(eq(books.authorId, 1)))
    expect(await second.verify('library')).toMatchObject({ equal: true })
  })
})

describe('freshness', () => {
  it('is at once there for tables that are not followed', async () => {
    const sync = await stack.started()
    expect(await sync.caughtUp(['modern_only'], { ...soon, timeoutMs: 0 })).toBe('fresh')
    expect(await sync.caughtUp([], { ...soon, timeoutMs: 0 })).toBe('fresh')
  })

  it('covers what was acknowledged right before the call, every time', async () => {
    const sync = await stack.started()
    const connection = await stack.mysql.connect()
    for (let visits = 1; visits <= 100; visits += 1) {
      await connection.query('update authors set visits = visits + 1 where id = 1')
      expect(await sync.caughtUp(['authors'], soon)).toBe('fresh')
      expect(await stack.modernRows('select visits from authors where id = 1')).toEqual([{ visits: String(visits) }])
    }
    await connection.end()
  })

  it('is not there when the caller has left, before the set-up, or when MySQL does not answer', async () => {
    const sync = stack.sync()
    expect(await sync.caughtUp(['books'], atOnce)).toBe('stale')
    await sync.setup()
    await sync.start()
    const gone = AbortSignal.abort()
    await stack.legacy('update authors set visits = 9')
    expect(await sync.caughtUp(['books'], { signal: gone, timeoutMs: 1000 })).toBe('stale')
    const { positionPool } = stack.mysql
    const nobody = openMysql({ url: 'mysql://root@127.0.0.1:1/nobody' })
    Object.assign(stack.mysql, { positionPool: nobody.positionPool })
    expect(await sync.caughtUp(['books'], atOnce)).toBe('stale')
    Object.assign(stack.mysql, { positionPool })
    await nobody.close()
  })
})

describe('verify', () => {
  it.each([
    ['different', ['title'], "update books set title = 'One!' where author_id = 1"],
    ['missing', [], 'delete from books where author_id = 1'],
    ['extra', [], "insert into books (author_id, number, title) values (1, 0, 'x')"],
  ] as const)('finds one row that is %s', async (kind, columns, corruption) => {
    const sync = await stack.started()
    const client = await stack.postgres.connect()
    await client.query(`set fig.applying = 'on'; ${corruption}`)
    await client.end()
    const report = await sync.verify('library')
    expect(report.equal).toBe(false)
    expect(report.differences).toEqual([{ table: 'books', key: ['1', kind === 'extra' ? '0' : '1'], kind, columns }])
  })

  it('reads both sides in the same order, so that rows at rest need no second look', async () => {
    // As text, 10 comes before 9.
    await stack.legacy(`insert into authors (id, name) select seq, 'x' from seq_3_to_120`)
    const sync = stack.sync()
    await sync.setup()
    // It does not follow MySQL: a second look would wait for that in vain.
    expect(await sync.verify('library')).toMatchObject({ equal: true, rows: { authors: 120 } })
  })

  it('reads on where it was given a limit, until so many rows really differ', async () => {
    await stack.legacy(`insert into authors (id, name) select seq, 'x' from seq_3_to_120`)
    const sync = await stack.started()
    const client = await stack.postgres.connect()
    await client.query("set fig.applying = 'on'; update authors set name = 'y' where id >= 100")
    await client.end()
    const report = await sync.verify('library', { differencesMax: 3 })
    expect(report.equal).toBe(false)
    expect(report.differences.map(({ key }) => key)).toEqual([['100'], ['101'], ['102']])
    expect((await sync.verify('library')).differences).toHaveLength(21)
  })

  it('finds one changed character in any column of every kind', async () => {
    await stack.legacy('insert into specimens (id) values (1)')
    const sync = await stack.started()
    const client = await stack.postgres.connect()
    await client.query("set fig.applying = 'on'")
    const { rows } = await client.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, null) as type from pg_attribute
        where attrelid = 'specimens'::regclass and attnum > 1 and not attisdropped`,
    )
    for (const { name, type } of rows) {
      const {
        rows: [before],
      } = await client.query(`select ${name}::text as value from specimens`)
      await client.query(`update specimens set ${name} = ${otherValue(name, type)}`)
      const report = await sync.verify('specimens')
      expect(report.differences, `${name} ${type}`).toMatchObject([{ kind: 'different', columns: [name] }])
      await client.query(`update specimens set ${name} = $1`, [before?.value])
    }
    await client.end()
    expect(await sync.verify('specimens')).toMatchObject({ equal: true })
  })
})

// --- internal ---

function otherValue(name: string, type: string): string {
  if (type === 'boolean') return `not ${name}`
  if (type === 'bytea') return "'\\x01020304'"
  if (type.startsWith('bit')) return "b'0000000001'"
  if (type.startsWith('timestamp') || type === 'date') return "'2001-01-01'"
  return type === 'text' ? "'changed'" : '7'
}
