import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { seedLegacy } from '../seed/index.ts'

const server = new URL(inject('mysqlUrl'))
const database = `cli_${randomBytes(4).toString('hex')}`
let connection: Connection

beforeAll(async () => {
  const { hostname: host, port, username: user, password } = server
  await seedLegacy({ host, port: Number(port), user, password, database, mods: 120 })
  connection = await createConnection({ uri: server.href, database, dateStrings: true, charset: 'utf8mb4' })
  await connection.query("SET time_zone = '+00:00', sql_mode = ''")
})

afterAll(async () => {
  await connection.query(`DROP DATABASE \`${database}\``)
  await connection.end()
})

describe('import.php', () => {
  it('encodes what it imports once more, and leaves dates at zero', async () => {
    const text = 'Größe – “naïve” café 🐉'
    const mod = {
      ...{ name: text, game: 'skyrim', summary: text, author: 'Importer of tests', tags: ['tag of tests'] },
      ...{ files: [{ name: 'F', size: '18446744073709551615' }], comments: [{ author: 'alice', body: text }] },
    }
    const file = join(tmpdir(), `${database}.json`)
    writeFileSync(file, JSON.stringify([mod, { name: 'Nowhere', game: 'nowhere' }]))
    const { stdout } = await run('import.php', `--file=${file}`)
    rmSync(file)

    expect(stdout).toContain('2 mods of ')
    expect(stdout).toContain('no such game: nowhere')
    const [imported] =
      await rows(`SELECT m.*, u.username, f.size_bytes, c.body FROM mods m JOIN users u ON u.id = m.user_id
      JOIN mod_files f ON f.mod_id = m.id JOIN comments c ON c.mod_id = m.id
      WHERE u.username = 'Importer of tests'`)
    expect(imported).toMatchObject({
      status: 'published',
      created: '0000-00-00 00:00:00',
      published: '0000-00-00 00:00:00',
    })
    expect(await rows(`SELECT HEX(summary) AS hex FROM mods WHERE id = ${imported?.id}`)).toEqual([
      { hex: doubleEncoded(text).toString('hex').toUpperCase() },
    ])
    expect(imported?.body).toBe(doubleEncoded(text).toString())
    expect(await rows("SELECT COUNT(*) AS waiting FROM import_queue WHERE state = 'new'")).toEqual([{ waiting: 0 }])
    expect(await rows('SELECT state FROM import_queue ORDER BY id DESC LIMIT 2')).toEqual([
      { state: 'failed' },
      { state: 'done' },
    ])
  })

  it('imports nothing twice, and nothing at all in a dry run', async () => {
    await connection.query(
      `INSERT INTO import_queue (source, payload) VALUES ('test', '{"name": "x", "game": "skyrim"}')`,
    )
    const count = async () => (await rows('SELECT COUNT(*) AS mods FROM mods'))[0]?.mods as number
    const before = await count()

    expect((await run('import.php', '--dry-run')).stdout).toBe('would import 1, failed 0\n')
    expect(await count()).toBe(before)
    expect((await run('import.php')).stdout).toBe('imported 1, failed 0\n')
    expect((await run('import.php')).stdout).toBe('imported 0, failed 0\n')
    expect(await count()).toBe(before + 1)
  })
})

describe('cron.php', () => {
  it('puts wrong counters right and leaves the date of the mods alone', async () => {
    await connection.query(
      "UPDATE mods SET comment_count = -5, endorsement_count = 77, updated = '2010-01-01 00:00:00' WHERE id = 12",
    )
    await connection.query('UPDATE users SET mod_count = 99 WHERE id = 2')
    await connection.query('UPDATE games SET mod_count = 0 WHERE id = 1')
    await run('cron.php', '--batch=50')

    expect(await rows('SELECT comment_count, endorsement_count, updated FROM mods WHERE id = 12')).toEqual(
      await rows(`SELECT COUNT(*) AS comment_count, (SELECT COUNT(*) FROM endorsements WHERE mod_id = 12 AND status = 1) AS endorsement_count,
        '2010-01-01 00:00:00' AS updated FROM comments WHERE mod_id = 12 AND deleted = 0`),
    )
    expect(await rows('SELECT mod_count FROM users WHERE id = 2')).toEqual(
      await rows("SELECT COUNT(*) AS mod_count FROM mods WHERE user_id = 2 AND status = 'published'"),
    )
    expect(await rows('SELECT mod_count FROM games WHERE id = 1')).toEqual(
      await rows("SELECT COUNT(*) AS mod_count FROM mods WHERE game_id = 1 AND status = 'published'"),
    )
    expect((await run('cron.php', '--only=counters')).stdout.match(/counters {2}0 /g)).toHaveLength(4)
  })

  it('counts the downloads of a day by game, each visitor once as unique', async () => {
    await connection.query(`INSERT INTO downloads (file_id, user_id, ip, \`when\`) VALUES
      (1, 3, X'7F000001', '2015-05-05 00:00:00'), (1, 3, X'7F000001', '2015-05-05 23:59:59'),
      (1, NULL, X'7F000001', '2015-05-05 12:00:00'), (1, NULL, X'7F000001', '2015-05-06 00:00:00')`)
    await run('cron.php', '--only=stats', '--day=2015-05-05')

    expect(await rows("SELECT game_id, downloads, uniques FROM daily_stats WHERE `day` = '2015-05-05'")).toEqual([
      { game_id: 1, downloads: 3, uniques: 2 },
    ])
  })

  it('forgets expired tokens only', async () => {
    await connection.query(`INSERT INTO remember_tokens VALUES ('fresh00000000000', '', 3, NOW() + INTERVAL 1 DAY),
      ('stale00000000000', '', 3, NOW() - INTERVAL 1 DAY)`)
    await run('cron.php', '--only=tokens')

    expect(await rows("SELECT selector FROM remember_tokens WHERE selector LIKE '%00000000000'")).toEqual([
      { selector: 'fresh00000000000' },
    ])
  })
})

describe('both scripts', () => {
  it.each(['cron.php', 'import.php'])('%s explains itself and fails with a code and a sentence', async (script) => {
    expect((await run(script, '--help')).stdout).toContain(`Usage: php ${script}`)
    await expect(run(script, '--unknown')).rejects.toMatchObject({ code: 2 })
    const elsewhere = execute('php', [join(cli, script)], { env: { ...process.env, ...environment, MV_DB_PORT: '1' } })
    await expect(elsewhere).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('No connection') })
  })
})

// --- internal ---

const execute = promisify(execFile)
const cli = join(import.meta.dirname, '../cli')
const environment = {
  MV_DB_HOST: server.hostname,
  MV_DB_PORT: server.port,
  MV_DB_USER: server.username,
  MV_DB_PASS: server.password,
  MV_DB_NAME: database,
}

function run(script: string, ...options: string[]): Promise<{ stdout: string; stderr: string }> {
  return execute('php', [join(cli, script), ...options], { env: { ...process.env, ...environment } })
}

async function rows(sql: string): Promise<RowDataPacket[]> {
  return (await connection.query<RowDataPacket[]>(sql))[0]
}

/** The bytes of a UTF-8 text that was taken for MySQL's latin1 and encoded once more. */
function doubleEncoded(text: string): Buffer {
  const holes = new Map([0x81, 0x8d, 0x8f, 0x90, 0x9d].map((byte) => [byte, String.fromCharCode(byte)]))
  const windows1252 = new TextDecoder('windows-1252')
  const characters = [...Buffer.from(text)].map((byte) => holes.get(byte) ?? windows1252.decode(Uint8Array.of(byte)))
  return Buffer.from(characters.join(''))
}
