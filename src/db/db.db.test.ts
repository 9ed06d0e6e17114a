import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  checkBinlogSource,
  type Mysql,
  migrateMysql,
  migratePostgres,
  openMysql,
  openPostgres,
  type Postgres,
  streamMysqlRows,
  withPostgresTransaction,
} from './index.ts'

const name = `fig_t_${randomBytes(5).toString('hex')}`
let mysql: Mysql
let postgres: Postgres

const mysqlUrl = (change: (url: URL) => void = () => {}) => changed(inject('mysqlUrl'), change)
const postgresUrl = (change: (url: URL) => void = () => {}) => changed(inject('postgresUrl'), change)

beforeAll(async () => {
  const root = openMysql({ url: mysqlUrl((url) => (url.pathname = '/mysql')) })
  await root.pool.query(`create database ${name}`)
  await root.close()
  const superuser = openPostgres({ url: postgresUrl() })
  await superuser.pool.query(`create database ${name}`)
  await superuser.close()
  mysql = openMysql({ url: mysqlUrl((url) => (url.pathname = `/${name}`)) })
  postgres = openPostgres({ url: postgresUrl((url) => (url.pathname = `/${name}`)) })
})
afterAll(async () => {
  for (const schema of [name, `${name}_own`]) await mysql.pool.query(`drop database if exists ${schema}`)
  await mysql.pool.query(`drop user if exists ${name}@'%', ${name}@localhost`)
  await Promise.all([mysql.close(), postgres.close()])
  const superuser = openPostgres({ url: postgresUrl() })
  await superuser.pool.query(`drop database ${name} with (force)`)
  await superuser.close()
})

describe('a database that cannot be used', () => {
  it.each([
    ['nobody listens', (url: URL) => (url.port = '1'), 'ECONNREFUSED'],
    [
      'the password is wrong',
      (url: URL) => Object.assign(url, { username: 'nobody', password: 'a-secret' }),
      'ER_ACCESS_DENIED_ERROR',
    ],
    ['the schema does not exist', (url: URL) => (url.pathname = '/no_such_schema'), 'ER_BAD_DB_ERROR'],
  ])('is named with the remedy: MySQL, %s', async (_, change, code) => {
    const url = mysqlUrl((changing) => {
      changing.pathname = `/${name}`
      change(changing)
    })
    const broken = openMysql({ url })
    const error: Error = await broken.connect().then(
      () => expect.fail('connected'),
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ code: 'database.unreachable' })
    expect(error.message).toContain(code)
    expect(error.message).toContain(broken.place)
    expect(error.message).not.toContain('a-secret')
    await expect(checkBinlogSource(broken)).rejects.toMatchObject({ code: 'database.unreachable' })
    await broken.close()
  })

  it.each([
    ['nobody listens', (url: URL) => (url.port = '1'), 'ECONNREFUSED'],
    ['the database does not exist', (url: URL) => (url.pathname = '/no_such_database'), '3D000'],
    ['the user does not exist', (url: URL) => (url.username = 'nobody'), '28000'],
  ])('is named with the remedy: Postgres, %s', async (_, change, code) => {
    const broken = openPostgres({ url: postgresUrl((url) => void change(url)) })
    await expect(broken.connect()).rejects.toMatchObject({ code: 'database.unreachable' })
    await expect(broken.connect()).rejects.toThrow(code)
    await expect(withPostgresTransaction(broken, async () => undefined)).rejects.toThrow(broken.place)
    await broken.close()
  })

  it('is refused when its URL makes no sense', () => {
    expect(() => openMysql({ url: 'mysql://root@localhost' })).toThrow('mysql://user:password@host:port/schema')
    expect(() => openPostgres({ url: 'localhost' })).toThrow('postgres://user:password@host:port/database')
  })
})

describe('following the binlog', () => {
  it('is possible here', async () => {
    await expect(checkBinlogSource(mysql)).resolves.toBeUndefined()
  })

  it('is refused to a user without the privileges, both named', async () => {
    for (const host of ['%', 'localhost']) {
      await mysql.pool.query(`create user ${name}@'${host}' identified by 'p'`)
      await mysql.pool.query(`grant select on ${name}.* to ${name}@'${host}'`)
    }
    const url = mysqlUrl((changing) => {
      changing.pathname = `/${name}`
      changing.username = name
      changing.password = 'p'
    })
    const poor = openMysql({ url })
    const refused = checkBinlogSource(poor)
    await expect(refused).rejects.toMatchObject({ code: 'sync.unsuitable-source' })
    await expect(refused).rejects.toThrow(/REPLICATION SLAVE[\s\S]*BINLOG MONITOR/)
    await poor.close()
  })

  // The variables belong to the whole server, which other tests share: they are answered for it here.
  it('is refused for settings that hide changes, with every remedy at once', async () => {
    const answers: Readonly<Record<string, readonly object[]>> = {
      'show global variables': [
        { Variable_name: 'log_bin', Value: 'OFF' },
        { Variable_name: 'binlog_format', Value: 'MIXED' },
        { Variable_name: 'binlog_row_image', Value: 'MINIMAL' },
        { Variable_name: 'binlog_row_metadata', Value: 'NO_LOG' },
        { Variable_name: 'server_id', Value: '0' },
        { Variable_name: 'version', Value: '10.4.1-MariaDB' },
      ],
      'show grants': [{ grants: 'GRANT ALL PRIVILEGES ON *.* TO `fig`@`%`' }],
    }
    const answering = {
      ...mysql,
      pool: { query: async (sql: string) => [Object.entries(answers).find(([start]) => sql.startsWith(start))?.[1]] },
    }
    const message = await checkBinlogSource(answering as unknown as Mysql).then(
      () => '',
      (error: Error) => error.message,
    )
    for (const part of [
      'log_bin is OFF',
      'binlog_format=ROW',
      'row_image=FULL',
      'row_metadata=FULL',
      'server_id is 0',
      '10.5',
    ]) {
      expect(message).toContain(part)
    }
  })
})

describe("Fig's own schema", () => {
  it('is made once, by however many processes start', async () => {
    await Promise.all(
      [1, 2, 3].map(async () => {
        const client = await postgres.connect()
        await migratePostgres(client, 'own')
        await client.end()
        await migrateMysql(mysql, `${name}_own`)
      }),
    )
    const { rows } = await postgres.pool.query('select version from own.migrations')
    expect(rows).toEqual([{ version: 1 }])
  })

  it('of a newer Fig is left alone when it says that an older one would break it', async () => {
    const client = await postgres.connect()
    const step = { statements: ['create table {own}.one ()'], name: 'step' }
    await migratePostgres(client, 'newer', [{ ...step, version: 1, breaking: false }])
    await migratePostgres(client, 'newer', [
      { ...step, version: 1, breaking: false },
      { ...step, version: 2, breaking: false, statements: [] },
    ])
    await migratePostgres(client, 'newer', [{ ...step, version: 1, breaking: false }])
    await client.query("insert into newer.migrations values (3, 'incompatible', true)")
    const refused = migratePostgres(client, 'newer', [{ ...step, version: 1, breaking: false }])
    await expect(refused).rejects.toMatchObject({ code: 'database.schema-newer' })
    await client.end()
  })

  it('is left as it was when a migration fails', async () => {
    const client = await postgres.connect()
    const broken = { version: 1, name: 'broken', breaking: false, statements: ['create table {own}.a ()', 'nonsense'] }
    await expect(migratePostgres(client, 'broken', [broken])).rejects.toThrow('nonsense')
    const { rows } = await client.query("select to_regclass('broken.a') as found")
    expect(rows).toEqual([{ found: null }])
    await client.end()
  })
})

describe('values', () => {
  it('come from MySQL as exact text, in UTC', async () => {
    const [rows] = await mysql.pool.query(
      `select cast(18446744073709551615 as unsigned) as big, cast(1.10 as decimal(10,2)) as money,
              cast('2010-05-05 05:05:05.000001' as datetime(6)) as micro, timestamp '1970-01-01 00:00:00' as start,
              from_unixtime(0) as epoch, cast('{"a": 1.0}' as char) as json, '🐉' as dragon`,
    )
    expect(rows).toEqual([
      {
        big: '18446744073709551615',
        money: '1.10',
        micro: '2010-05-05 05:05:05.000001',
        start: '1970-01-01 00:00:00',
        epoch: '1970-01-01 00:00:00',
        json: '{"a": 1.0}',
        dragon: '🐉',
      },
    ])
  })

  it('come from Postgres as exact text, in UTC', async () => {
    const { rows } = await postgres.pool.query(
      `select 18446744073709551615::numeric as big, '2010-05-05 05:05:05.000001+01'::timestamptz as micro,
              '2010-05-05'::date as day, '{"a": 12345678901234567890}'::jsonb as json, '1 year 1 day'::interval as span`,
    )
    expect(rows).toEqual([
      {
        big: '18446744073709551615',
        micro: '2010-05-05 04:05:05.000001+00',
        day: '2010-05-05',
        json: '{"a": 12345678901234567890}',
        span: '1 year 1 day',
      },
    ])
  })

  it('come one by one where there are many', async () => {
    const connection = await mysql.connect()
    let sum = 0
    for await (const [number] of streamMysqlRows(connection, 'select seq from seq_1_to_5000', { rowsAsArray: true })) {
      sum += Number(number)
    }
    expect(sum).toBe(12502500)
    await connection.end()
  })

  it('leave the process alive when the server closes a connection that is lent out', async () => {
    const client = await postgres.pool.connect()
    await postgres.pool.query('select pg_terminate_backend($1)', [
      (client as unknown as { processID: number }).processID,
    ])
    await expect(client.query('select 1')).rejects.toThrow()
    client.release(true)
  })
})

// --- internal ---

function changed(text: string, change: (url: URL) => void): string {
  const url = new URL(text)
  change(url)
  return url.href
}
