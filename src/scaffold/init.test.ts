import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { init } from './init.ts'
import { testTerminal } from './testing/terminal.ts'

const files = [
  '.env',
  '.env.example',
  '.gitignore',
  'README.md',
  'flags.json',
  'package.json',
  'routes.config.ts',
  'test',
  'tsconfig.json',
]

describe('fig init', () => {
  let site: http.Server
  let legacy: string
  /** Takes connections and speaks no protocol that is expected of it. */
  let mute: Server
  let nonsense: string
  beforeAll(async () => {
    site = http.createServer((_request, response) => response.writeHead(403).end())
    mute = createServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-nonsense\r\n'))
    legacy = await listening(site)
    nonsense = await listening(mute)
  })
  afterAll(() => {
    site.close()
    mute.close()
  })

  it('writes a project whose passwords are for nobody else', async () => {
    using test = testTerminal()
    const database = "postgres://fig:p'$w@127.0.0.1:5432/shop"
    expect(await init(undefined, { legacy, postgres: database, unchecked: true }, test.terminal)).toBe(0)
    expect(readdirSync(test.folder).sort()).toEqual(files)
    const read = (name: string) => readFileSync(join(test.folder, name), 'utf8')
    expect(parseEnv(read('.env'))).toMatchObject({ FIG_LEGACY_URL: legacy, FIG_POSTGRES_URL: database })
    expect(statSync(join(test.folder, '.env')).mode & 0o777).toBe(0o600)
    expect(read('.env.example')).not.toContain("p'$w")
    expect(parseEnv(read('.env.example'))).toMatchObject({
      FIG_POSTGRES_URL: 'postgres://user:password@127.0.0.1:5432/shop',
    })
    execFileSync('git', ['init', '--quiet'], { cwd: test.folder })
    const seen = execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: test.folder })
    expect(String(seen)).toContain('?? .env.example')
    expect(String(seen)).not.toMatch(/\.env$/m)
  })

  it('checks what it is given, takes any answer of the site for one, and writes nothing when something is missing', async () => {
    using test = testTerminal()
    const gone = 'mysql://fig:secret@127.0.0.1:1/shop'
    expect(await init('new', { legacy, mysql: gone, json: true }, test.terminal)).toBe(1)
    expect(JSON.parse(test.stdout())).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^MySQL at 127\.0\.0\.1:1: nothing listens there/), expect.any(String)],
    })
    expect(test.stdout()).not.toContain('secret')
    expect(existsSync(join(test.folder, 'new'))).toBe(false)
    expect(await init(undefined, { legacy: nonsense }, test.terminal)).toBe(1)
    expect(test.stderr()).toContain('speaks no HTTP')
    expect(await init('new', { legacy, yes: true }, test.terminal)).toBe(0)
    expect(test.stdout()).toContain(`Checked: the legacy site at ${legacy} answers with status 403`)
    expect(readdirSync(join(test.folder, 'new')).sort()).toEqual(files)
  })

  it('overwrites nothing, and names everything that is in the way', async () => {
    using test = testTerminal()
    mkdirSync(join(test.folder, 'test'))
    const own: Readonly<Record<string, string>> = {
      '.env': 'MINE=1',
      'README.md': 'mine',
      'test/routes.test.ts': 'mine',
    }
    for (const [name, content] of Object.entries(own)) writeFileSync(join(test.folder, name), content)
    expect(await init(undefined, { legacy }, test.terminal)).toBe(1)
    for (const [name, content] of Object.entries(own)) {
      expect(test.stderr()).toContain(`${name} is there already`)
      expect(readFileSync(join(test.folder, name), 'utf8')).toBe(content)
    }
    expect(readdirSync(test.folder).sort()).toEqual(['.env', 'README.md', 'test'])
  })

  it('adds to a package.json and a .gitignore what is missing there', async () => {
    using test = testTerminal()
    const own = { name: 'mine', scripts: { start: 'mine', test: 'echo "Error: no test specified" && exit 1' } }
    writeFileSync(
      join(test.folder, 'package.json'),
      JSON.stringify({ ...own, dependencies: { 'fig-proxy': 'file:x.tgz' } }),
    )
    writeFileSync(join(test.folder, '.gitignore'), 'node_modules\nmine')
    expect(await init(undefined, { legacy, json: true }, test.terminal)).toBe(0)
    const written = JSON.parse(readFileSync(join(test.folder, 'package.json'), 'utf8')) as Record<string, unknown>
    expect(written).toMatchObject({ name: 'mine', type: 'module', dependencies: { 'fig-proxy': 'file:x.tgz' } })
    expect(written.scripts).toMatchObject({ start: 'mine', test: expect.stringContaining('node --env-file-if-exists') })
    expect(readFileSync(join(test.folder, '.gitignore'), 'utf8')).toBe('node_modules\nmine\n.fig/\n.env\n')
    expect(JSON.parse(test.stdout())).toMatchObject({ ok: true, next: expect.arrayContaining(['npm install']) })
  })

  it('refuses a package.json that its files could not live with', async () => {
    using test = testTerminal()
    writeFileSync(join(test.folder, 'package.json'), '{ "type": "commonjs" }')
    expect(await init(undefined, { legacy }, test.terminal)).toBe(1)
    writeFileSync(join(test.folder, 'package.json'), '{ "type": ')
    expect(await init(undefined, { legacy }, test.terminal)).toBe(1)
    expect(test.stderr()).toMatch(/need "type": "module"[\s\S]*package.json is no JSON object/)
    expect(readdirSync(test.folder)).toEqual(['package.json'])
  })

  it('asks on a terminal, and again where an answer does not hold', async () => {
    using test = testTerminal({ isTTY: true })
    test.answer('PHP site answer?', 'nonsense')
    test.answer('PHP site answer?', 'http://127.0.0.1:1')
    test.answer('PHP site answer?', legacy)
    test.answer('Its MySQL', '')
    test.answer('The new Postgres', '')
    expect(await init(undefined, {}, test.terminal)).toBe(0)
    expect(test.stderr()).toMatch(
      /--legacy: give a URL[\s\S]*That does not work: the legacy site at http:\/\/127.0.0.1:1/,
    )
    expect(parseEnv(readFileSync(join(test.folder, '.env'), 'utf8'))).toMatchObject({ FIG_LEGACY_URL: legacy })
  })

  it('writes nothing when the answers end', async () => {
    using test = testTerminal({ isTTY: true })
    test.end()
    expect(await init(undefined, {}, test.terminal)).toBe(1)
    expect(readdirSync(test.folder)).toEqual([])
  })

  it('asks nobody who is not there', async () => {
    using test = testTerminal()
    await expect(init(undefined, {}, test.terminal)).rejects.toThrow('--legacy is missing')
    await expect(init(undefined, { legacy: 'x', mysql: 'y' }, test.terminal)).rejects.toThrow(
      /--legacy:[\s\S]*--mysql:/,
    )
    using present = testTerminal({ isTTY: true })
    await expect(init(undefined, { yes: true }, present.terminal)).rejects.toThrow('--legacy is missing')
  })
})

// --- internal ---

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
