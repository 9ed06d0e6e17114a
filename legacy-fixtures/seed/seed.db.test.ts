import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import '../../test/provided-context.ts'
import { memberCount, namedMembers, type SeedResult, seedFacts, seedLegacy } from './index.ts'
import { tableSeeds } from './tables/index.ts'

const mods = 200
const prefix = `seed_test_${randomBytes(4).toString('hex')}`
const database = `${prefix}_site`
const address = serverOf(inject('mysqlUrl'))
let connection: Connection
let result: SeedResult
let binlogBefore: RowDataPacket | undefined

beforeAll(async () => {
  connection = await mysql.createConnection({
    ...address,
    charset: 'utf8mb4_general_ci',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  await connection.query("SET sql_mode = '', time_zone = '+00:00', sql_log_bin = 0")
  binlogBefore = (await rows('SHOW MASTER STATUS'))[0]
  result = await seedLegacy({ ...address, database, mods })
  await connection.query(`USE ${database}`)
})

afterAll(async () => {
  for (const { name } of await rows(`SELECT schema_name AS name FROM information_schema.schemata`)) {
    if (String(name).startsWith(prefix)) await connection.query(`DROP DATABASE \`${name}\``)
  }
  await connection.end()
})

describe('a seeded database', () => {
  test('holds as many rows as were generated', async () => {
    for (const { table } of tableSeeds) {
      expect([table, await number(`SELECT COUNT(*) FROM ${table}`)]).toEqual([table, result.rowsByTable[table]])
    }
    expect(await number('SELECT COUNT(*) FROM mods')).toBe(mods)
    expect(await number('SELECT COUNT(*) FROM users')).toBe(memberCount(mods))
  })

  test('breaks no foreign key, although they were off while loading', async () => {
    const keys = await rows(`
      SELECT table_name AS child, column_name AS child_column, referenced_table_name AS parent,
             referenced_column_name AS parent_column
        FROM information_schema.key_column_usage
       WHERE table_schema = '${database}' AND referenced_table_name IS NOT NULL`)
    expect(keys.length).toBe(10)
    for (const key of keys) expect([key.child, await orphans(key)]).toEqual([key.child, 0])
  })

  test('has soft references that hold too, but for the facts', async () => {
    const reference = (child: string, child_column: string, parent: string): Promise<number> =>
      orphans({ child, child_column, parent, parent_column: 'id' })
    expect(await reference('mods', 'user_id', 'users')).toBe(0)
    expect(await reference('mods', 'category_id', 'categories')).toBe(2)
    expect(await reference('mod_requirements', 'requires_id', 'mods')).toBe(1)
    expect(await reference('comments', 'parent_id', 'comments')).toBe(0)
    expect(await reference('downloads', 'file_id', 'mod_files')).toBe(1)
    expect(await reference('tracked_mods', 'mod_id', 'mods')).toBe(1)
    expect(
      await number('SELECT COUNT(*) FROM comments c JOIN comments p ON p.id = c.parent_id WHERE p.mod_id <> c.mod_id'),
    ).toBe(0)
  })

  test('has the endorsement counters that the triggers would have made', async () => {
    const before = await counters()
    await connection.query('START TRANSACTION')
    try {
      await connection.query('CREATE TEMPORARY TABLE votes AS SELECT * FROM endorsements')
      await connection.query('DELETE FROM endorsements')
      expect(await number('SELECT SUM(endorsement_count) FROM mods')).toBe(0)
      await connection.query('INSERT INTO endorsements SELECT * FROM votes')
      expect(await counters()).toEqual(before)
    } finally {
      await connection.query('ROLLBACK')
      await connection.query('DROP TEMPORARY TABLE IF EXISTS votes')
    }
  })

  test("has PHP's counters right, but for the facts", async () => {
    const wrong = async (sql: string): Promise<unknown[]> => (await rows(sql)).map((row) => Number(row.id))
    expect(
      await wrong(
        'SELECT id FROM mods m WHERE comment_count <> (SELECT COUNT(*) FROM comments c WHERE c.mod_id = m.id AND deleted = 0)',
      ),
    ).toEqual([43, 44])
    expect(
      await wrong(
        'SELECT id FROM mods m WHERE download_count <> (SELECT COALESCE(SUM(downloads), 0) FROM mod_files f WHERE f.mod_id = m.id)',
      ),
    ).toEqual([53])
    expect(
      await wrong(
        "SELECT id FROM users u WHERE mod_count <> (SELECT COUNT(*) FROM mods m WHERE m.user_id = u.id AND status = 'published')",
      ),
    ).toEqual([])
    expect(
      await wrong(
        "SELECT id FROM games g WHERE mod_count <> (SELECT COUNT(*) FROM mods m WHERE m.game_id = g.id AND status = 'published')",
      ),
    ).toEqual([])
  })

  test.each(
    seedFacts.map((fact) => [fact.trap, `${fact.table}.${fact.column}`, JSON.stringify(fact.key), fact] as const),
  )('holds the fact %s in %s of %s', async (_trap, _place, _key, fact) => {
    const where = Object.entries(fact.key).map(([name, value]) => `\`${name}\` = ${mysql.escape(value)}`)
    const sql = `SELECT COUNT(*) AS found, SUM(${fact.check}) AS holding FROM ${fact.table} WHERE ${where.join(' AND ')}`
    const row = (await rows(sql))[0]
    expect([Number(row?.found), Number(row?.holding)]).toEqual([fact.rows ?? 1, fact.rows ?? 1])
  })

  test('numbers new rows after the seeded ones', async () => {
    await connection.query('START TRANSACTION')
    try {
      const insert = `INSERT INTO messages (from_id, to_id, body, sent) VALUES (3, 4, 'hello', '2014-06-01 00:00:00')`
      await connection.query(insert)
      expect(String((await rows('SELECT MAX(id) AS id FROM messages'))[0]?.id)).toBe('9007199254741032')
    } finally {
      await connection.query('ROLLBACK')
    }
  })

  test('has passwords that PHP verifies', async (context) => {
    if (spawnSync('php', ['-v']).error !== undefined) context.skip('there is no php here')
    const hashes = await rows("SELECT id, password FROM users WHERE password LIKE '$2y$%' ORDER BY id")
    const named = new Map<number, string>(Object.values(namedMembers).map(({ id, password }) => [id, password]))
    const pairs = hashes.map(({ id, password }) => [named.get(Number(id)) ?? 'password', String(password)])
    expect(pairs.length).toBeGreaterThan(15)
    const php = 'foreach (json_decode($argv[1]) as $p) if (!password_verify($p[0], $p[1])) echo $p[1], "\\n";'
    const refused = await promised('php', ['-r', php, JSON.stringify(pairs)])
    expect(refused).toBe('')
    const others =
      "SELECT COUNT(*) FROM users WHERE id > 4 AND id % 3 = 1 AND BINARY password <> MD5(CONCAT(salt, MD5('password')))"
    expect(await number(others)).toBe(0)
  })

  test('has settings that PHP reads, but for the broken one', async (context) => {
    if (spawnSync('php', ['-v']).error !== undefined) context.skip('there is no php here')
    const blobs = (await rows("SELECT `key`, value FROM settings WHERE value LIKE 'a:%' ORDER BY `key`")).map((row) => [
      row.key,
      row.value,
    ])
    const php = 'foreach (json_decode($argv[1]) as $b) if (@unserialize($b[1]) === false) echo $b[0], "\\n";'
    expect(await promised('php', ['-r', php, JSON.stringify(blobs)])).toBe('footer_links\n')
  })

  test('has left nothing in the binlog', async () => {
    if (binlogBefore === undefined) return
    const events = await rows(`SHOW BINLOG EVENTS IN '${binlogBefore.File}' FROM ${binlogBefore.Position}`)
    expect(events.filter((event) => String(event.Info).includes(database))).toEqual([])
  })
})

describe('seedLegacy', () => {
  test('makes the same database again, down to its checksums', async () => {
    const other = `${prefix}_again`
    await seedLegacy({ ...address, database: other, mods })
    const names = (where: string): string => tableSeeds.map(({ table }) => `${where}.${table}`).join(', ')
    const checksums = async (where: string) =>
      (await rows(`CHECKSUM TABLE ${names(where)} EXTENDED`)).map((row) => row.Checksum)
    expect(await checksums(other)).toEqual(await checksums(database))
  })

  test('refuses a database that holds tables, and leaves it as it is', async () => {
    await expect(seedLegacy({ ...address, database, mods: 100 })).rejects.toMatchObject({
      code: 'database-exists',
      message: expect.stringContaining('--drop'),
    })
    expect(await number('SELECT COUNT(*) FROM mods')).toBe(mods)
  })

  test('replaces it when told to, and fills one that is empty', async () => {
    const other = `${prefix}_replaced`
    await connection.query(`CREATE DATABASE ${other}`)
    await seedLegacy({ ...address, database: other, mods: 100 })
    await seedLegacy({ ...address, database: other, mods: 150, drop: true })
    expect(await number(`SELECT COUNT(*) FROM ${other}.mods`)).toBe(150)
  })

  test('drops what it has made when it is interrupted', async () => {
    const other = `${prefix}_interrupted`
    const interrupt = new AbortController()
    const run = seedLegacy({
      ...address,
      database: other,
      mods: 5000,
      signal: interrupt.signal,
      onProgress: ({ table }) => table === 'comments' && interrupt.abort(),
    })
    await expect(run).rejects.toMatchObject({ code: 'interrupted' })
    expect(await exists(other)).toBe(false)
  })

  test('says which privilege an account lacks', async () => {
    const user = prefix.slice(0, 32)
    const other = `${prefix}_unprivileged`
    await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'secret'`)
    try {
      const run = (binlog: boolean): Promise<SeedResult> =>
        seedLegacy({ ...address, user, password: 'secret', database: other, mods: 100, binlog })
      await expect(run(false)).rejects.toMatchObject({
        code: 'privilege-missing',
        message: expect.stringContaining('BINLOG ADMIN'),
      })
      await expect(run(true)).rejects.toMatchObject({
        code: 'privilege-missing',
        message: expect.stringContaining(other),
      })
      await connection.query(`GRANT ALL ON ${other}.* TO '${user}'@'%'`)
      await expect(run(true)).rejects.toMatchObject({
        code: 'privilege-missing',
        message: expect.stringContaining('SUPER'),
      })
      expect(await exists(other)).toBe(false)
    } finally {
      await connection.query(`DROP USER '${user}'@'%'`)
    }
  })

  test('fails with a name when the server cuts the connection', async () => {
    const other = `${prefix}_cut`
    let killing: Promise<void> | undefined
    const run = seedLegacy({
      ...address,
      database: other,
      mods: 5000,
      onProgress: ({ table }) => {
        if (table === 'mods') killing ??= killLoader(other)
      },
    })
    await expect(run).rejects.toMatchObject({ code: 'load-failed', message: expect.stringContaining('--drop') })
    await killing
  })
})

describe('node seed/main.ts', () => {
  const words = ['--host', address.host, '--port', String(address.port), '--user', address.user, '--mods', '100']

  test('prints its result as JSON', async () => {
    const { code, output } = await run([
      ...words,
      '--password',
      address.password,
      '--database',
      `${prefix}_json`,
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject({ database: `${prefix}_json`, mods: 100, seed: 1 })
  })

  test('says what it refuses, by exit code and message', async () => {
    const wrongPassword = await run([...words, '--password', 'not it', '--database', `${prefix}_never`])
    expect(wrongPassword.errors).toContain(`does not let '${address.user}' in`)
    expect(wrongPassword.code).toBe(4)
    const existing = await run([...words, '--password', address.password, '--database', database])
    expect(existing.errors).toContain(`${database} exists`)
    expect(existing.code).toBe(5)
  })

  test('drops what it has made on Ctrl-C', async () => {
    const other = `${prefix}_signal`
    const child = spawn(process.execPath, [
      main,
      ...words.slice(0, -1),
      '300000',
      '--password',
      address.password,
      '--database',
      other,
    ])
    const closed = once(child, 'close')
    await expect.poll(() => exists(other), { timeout: 20_000 }).toBe(true)
    child.kill('SIGINT')
    expect((await closed)[0]).toBe(130)
    expect(await exists(other)).toBe(false)
  })
})

// --- internal ---

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

function serverOf(url: string): { host: string; port: number; user: string; password: string } {
  const { hostname, port, username, password } = new URL(url)
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  }
}

async function rows(sql: string): Promise<RowDataPacket[]> {
  return (await connection.query<RowDataPacket[]>(sql))[0]
}

async function number(sql: string): Promise<number> {
  return Number(Object.values((await rows(sql))[0] ?? {})[0])
}

async function orphans(key: Record<string, unknown>): Promise<number> {
  return number(
    `SELECT COUNT(*) FROM ${key.child} c LEFT JOIN ${key.parent} p ON p.${key.parent_column} = c.${key.child_column}
      WHERE c.${key.child_column} IS NOT NULL AND p.${key.parent_column} IS NULL`,
  )
}

async function counters(): Promise<RowDataPacket[]> {
  return rows('SELECT id, endorsement_count FROM mods ORDER BY id')
}

async function exists(name: string): Promise<boolean> {
  return (await number(`SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${name}'`)) > 0
}

async function killLoader(name: string): Promise<void> {
  for (const { id } of await rows(`SELECT id FROM information_schema.processlist WHERE db = '${name}'`)) {
    await connection.query(`KILL ${id}`)
  }
}

async function promised(file: string, words: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  execFile(file, words, (error, output) => (error === null ? resolve(output) : reject(error)))
  return promise
}

async function run(words: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [main, ...words])
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, errors }
}
