import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFastcgiUpstream, type FastcgiSite } from './index.ts'
import { ask, type Question } from './testing/ask.ts'
import { type PhpFpm, startPhpFpm } from './testing/php-fpm.ts'

const template = join(import.meta.dirname, '../../../legacy-fixtures/conf/nginx.conf.template')
const dump = `<?php unset($_SERVER['REQUEST_TIME'], $_SERVER['REQUEST_TIME_FLOAT']); ksort($_SERVER);
  header('Content-Type: application/json');
  echo json_encode(['server' => $_SERVER, 'get' => $_GET, 'post' => $_POST, 'input' => file_get_contents('php://input'),
    'headers' => getallheaders()], JSON_INVALID_UTF8_SUBSTITUTE);`

/** The rules of the template that the requests below meet. */
const site: FastcgiSite = {
  serverName: '_',
  rules: [
    { match: /^\/(?:inc|pages|cli|test)(?:\/|$)/, to: '/index.php?page=404' },
    { match: /^\/$/, to: '/index.php' },
  ],
  rewrites: [
    { match: /^\/users\/([0-9]+)\/?$/, to: '/index.php?page=profile&id=$1' },
    { match: /^\/rss\.xml$/, to: '/rss.php' },
    { match: /^\/api\/v1(?:\/.*)?$/, to: '/api/v1/index.php' },
    { match: /^\/([a-z0-9]+)\/?$/, to: '/index.php?page=game&game=$1' },
    { match: /^/, to: '/index.php?page=404' },
  ],
}

describe.skipIf(spawnSync('nginx', ['-v']).status !== 0)('what PHP sees of a request', () => {
  let fpm: PhpFpm
  let nginx: ChildProcess
  let port = 0

  beforeAll(async () => {
    fpm = await startPhpFpm({ 'index.php': dump, 'rss.php': dump, 'api/v1/index.php': dump, 'file.txt': 'x' })
    const { folder } = fpm
    port = await freePort()
    const user = process.getuid?.() === 0 ? 'root' : String(process.getuid?.())
    const socket = fpm.address.kind === 'unix' ? fpm.address.path : ''
    const words: Record<string, string> = { run: folder, user, port: String(port), docroot: fpm.documentRoot, socket }
    mkdirSync(join(folder, 'storage'))
    words.storage = join(folder, 'storage')
    const text = readFileSync(template, 'utf8').replaceAll(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? '')
    writeFileSync(join(folder, 'nginx.conf'), text)
    nginx = spawn('nginx', ['-e', join(folder, 'nginx-error.log'), '-c', join(folder, 'nginx.conf')], {
      stdio: 'ignore',
    })
    while (!(await connects(port))) {
      expect(nginx.exitCode).toBeNull()
    }
  })
  afterAll(async () => {
    const ended = new Promise((resolve) => nginx.once('exit', resolve))
    nginx.kill('SIGTERM')
    await ended
    await fpm[Symbol.asyncDispose]()
  })

  it.each([
    ['/', {}],
    ['/?a=1&b[]=2&c', {}],
    ['/index.php?a=%41+b', { headers: ['Cookie', 'a=1; b=2', 'User-Agent', 'x', 'Accept', '*/*'] }],
    ['/users/12?p=2', {}],
    ['/rss.xml?game=x', {}],
    ['/api/v1/games/skyrim.json?x', { headers: ['apikey', 'k', 'X-Own', '', 'Authorization', 'Basic dTpw'] }],
    ['/inc/db.php', {}],
    ['/skyrim', { headers: ['X_Under', 'x', 'X.Dot', 'x', 'Range', 'bytes=1-2', 'DNT', '1'] }],
    ['/caf%C3%A9//x/./y/../z', { headers: ['X-Bytes', 'caf\xe9'] }],
    ['/index.php', { method: 'POST', ...form('a=1&b=%e9') }],
    ['/skyrim?x=1', { method: 'POST', ...form('') }],
    ['/index.php', { method: 'PUT', ...form('{"a":1}', 'application/json') }],
    ['/index.php', { method: 'DELETE' }],
    ['/index.php', { method: 'OPTIONS' }],
  ] as [string, Question][])('is the same from us as from nginx: %s', async (target, question) => {
    const body = question.body?.kind === 'bytes' ? question.body.bytes : undefined
    const host = `127.0.0.1:${port}`
    const byNginx = withoutConnection(await sendRaw(port, target, host, question, body))
    const { address, documentRoot } = fpm
    const timeouts = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000 }
    const upstream = createFastcgiUpstream({ address, documentRoot, site, timeouts, connectionsMax: 2 })
    const client = { ip: '127.0.0.1', host, port }
    const asked = await ask(upstream, target, { ...question, host, client })
    expect(asked.failure).toBeUndefined()
    const byUs = withoutConnection(JSON.parse(asked.body.toString()) as Seen)
    expect(byUs).toEqual(byNginx)
  })
})

// --- internal ---

interface Seen {
  readonly server: Record<string, string>
  readonly headers: Record<string, string>
}

/** Our client's port is another one each time, and what only concerns its connection we don't pass on. */
function withoutConnection(seen: Seen): Seen {
  const server = { ...seen.server }
  expect(server.REMOTE_PORT).toMatch(/^\d+$/)
  delete server.REMOTE_PORT
  delete server.HTTP_CONNECTION
  const headers = Object.fromEntries(Object.entries(seen.headers).filter(([name]) => name !== 'Connection'))
  return { ...seen, server, headers }
}

function form(text: string, type = 'application/x-www-form-urlencoded'): Question {
  return { headers: ['Content-Type', type], body: { kind: 'bytes', bytes: Buffer.from(text) } }
}

function sendRaw(
  port: number,
  target: string,
  host: string,
  question: Question,
  body: Buffer | undefined,
): Promise<Seen> {
  const lines = [`${question.method ?? 'GET'} ${target} HTTP/1.1`, `Host: ${host}`]
  for (let i = 0; i < (question.headers?.length ?? 0); i += 2) {
    lines.push(`${question.headers?.[i]}: ${question.headers?.[i + 1]}`)
  }
  if (body !== undefined) {
    lines.push(`Content-Length: ${body.length}`)
  }
  lines.push('Connection: close', '', '')
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('error', reject)
    socket.on('data', (part) => parts.push(part as Buffer))
    socket.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8')
      resolve(JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1).replaceAll(/\r\n[0-9a-f]+\r\n/g, '')))
    })
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body ?? Buffer.alloc(0)]))
  })
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => setTimeout(() => resolve(false), 10))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
