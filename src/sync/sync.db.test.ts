import { eq, lt, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Sync } from './index.ts'
import { definition, legacySchema, settings, specimens } from './testing/specimens.ts'
import { SyncStack } from './testing/sync-stack.ts'
import { trapRows, trapUpdates } from './testing/trap-rows.ts'

const open = () =>
  SyncStack.open({ mysqlUrl: inject('mysqlUrl'), postgresUrl: inject('postgresUrl'), definition, legacySchema })

const soon = { signal: new AbortController().signal, timeoutMs: 10_000 }

async function asPhp(stack: SyncStack, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await stack.legacy(...statement.split('; '))
}

describe('every kind of value', () => {
  let stack: SyncStack
  let sync: Sync

  beforeAll(async () => {
    stack = await open()
    await asPhp(stack, Object.values(trapRows))
    sync = await stack.started()
  })
  afterAll(() => stack[Symbol.asyncDispose]())

  it('comes through the backfill', async () => {
    const report = await sync.verify('specimens')
    expect(report).toMatchObject({ equal: true, differences: [], rows: { specimens: 51, settings: 3 } })
  })

  it('is there as exact text, not as something that merely compares equal', async () => {
    const [big] = await stack.modernRows('select id, unsigned_int from specimens where id = 18446744073709551615')
    expect(big).toEqual({ id: '18446744073709551615', unsigned_int: '4294967295' })
    const [dates] = await stack.modernRows('select birthday, released, joined, published from specimens where id = 35')
    expect(dates).toEqual({ birthday: '0000-00-00', released: null, joined: null, published: '0000-00-00 00:00:00' })
    const [western] = await stack.modernRows('select western from specimens where id = 17')
    expect(String(western?.western).slice(0x7f, 0x83)).toBe('\u20ac\u0081\u201a\u0192')
    const [micro] = await stack.modernRows('select uploaded::text from specimens where id = 37')
    expect(micro).toEqual({ uploaded: '2010-05-05 05:05:05.000001' })
  })

  it('comes through the binlog: inserted', async () => {
    await stack.legacy('delete from specimens', 'delete from settings')
    await asPhp(stack, Object.values(trapRows))
    expect(await sync.caughtUp(['specimens'], soon)).toBe('fresh')
    const report = await sync.verify('specimens')
    expect(report).toMatchObject({ equal: true, differences: [], rows: { specimens: 51, settings: 3 } })
  })

  it('comes through the binlog: updated, keys too, and deleted', async () => {
    await asPhp(stack, trapUpdates)
    expect(await sync.caughtUp(['specimens'], soon)).toBe('fresh')
    const report = await sync.verify('specimens')
    expect(report).toMatchObject({ equal: true, differences: [], rows: { specimens: 48, settings: 3 } })
    expect(await stack.conflicts()).toEqual([])
  })

  it('comes through a transaction: copied from itself, row by row, in TypeScript', async () => {
    await sync.transaction('specimens', async (tx) => {
      for (const row of await tx.select().from(specimens).where(lt(specimens.id, '1000'))) {
        await tx.insert(specimens).values({ ...row, id: `${Number(row.id) + 1000}` })
      }
      for (const row of await tx.select().from(settings)) {
        await tx.insert(settings).values({ ...row, key: `${row.key}+` })
      }
    })
    const report = await sync.verify('specimens')
    expect(report.differences).toEqual([])
    expect(report.rows.specimens).toBe(94)
    const [same] = await stack.legacyRows(
      `select count(*) as n from specimens a join specimens b on b.id = a.id + 1000
         and binary a.western = binary b.western and a.price = b.price and a.birthday = b.birthday and a.kind = b.kind
          and a.mask = b.mask and a.joined = b.joined and a.fixed = b.fixed and a.precise = b.precise
        where a.id < 1000`,
    )
    expect(Number(same?.n)).toBe(46)
  })

  it('comes through a transaction: updated and deleted', async () => {
    await sync.transaction('specimens', async (tx) => {
      await tx.update(specimens).set({
        title: sql`${specimens.title} || ' ✓'`,
        price: '-12.500',
        ratio: 0.3,
        joined: null,
        released: null,
        banned: true,
        mask: '0000000001',
        uploaded: '2020-02-02 02:02:02.000002',
        withNul: Buffer.from('x\0y'),
        address: Buffer.from([0, 255]),
        kind: '',
      })
      await tx.delete(specimens).where(eq(specimens.tiny, 0))
    })
    expect((await sync.verify('specimens')).differences).toEqual([])
    expect(await stack.conflicts()).toEqual([])
  })
})
