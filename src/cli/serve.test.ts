import { type ChildProcess, spawn } from 'node:child_process'
import http from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ForeignSite, hasPhp, startForeignSite, stop } from './testing/foreign-site.ts'

const bin = join(import.meta.dirname, '../../bin/fig.mjs')

/** An ordinary small PHP application, with the habits of one. */
const script = `<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
setcookie('first', 'a b', ['path' => '/', 'httponly' => true]);
header('Set-Cookie: second=2; Path=/', false);
header('X-Mixed-CASE: yes');
switch (true) {
  case $path === '/redirect': header('Location: http://' . $_SERVER['HTTP_HOST'] . '/next', true, 303); echo 'moved'; break;
  case $path === '/relative': header('Location: next?x=1', true, 301); break;
  case $path === '/nothing': http_response_code(204); break;
  case $path === '/missing': http_response_code(404); echo '<h1>none</h1>'; break;
  case $path === '/error': http_response_code(500); echo 'broken'; break;
  case $path === '/gzip': ob_start('ob_gzhandler'); echo str_repeat('compressible ', 2000); break;
  case $path === '/chunks': for ($i = 0; $i < 5; $i++) { echo str_repeat("$i", 5000); flush(); } break;
  case $path === '/latin1': header('Content-Type: text/html; charset=iso-8859-1'); echo "caf\\xe9 \\x80"; break;
  case $path === '/session': session_save_path(__DIR__); session_id('0123456789abcdef'); session_start(); $_SESSION['n'] = 1; echo json_encode($_SESSION); break;
  case $path === '/etag': header('ETag: "v1"'); if (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === '"v1"') { http_response_code(304); } else { echo 'body'; } break;
  default: echo json_encode([$_SERVER['REQUEST_METHOD'], $_SERVER['REQUEST_URI'], $_GET, $_POST, $_COOKIE, array_map(fn ($f) => [$f['name'], $f['size'], $f['error']], $_FILES), md5(file_get_contents('php://input'))], JSON_INVALID_UTF8_SUBSTITUTE);
}
`

interface Running extends AsyncDisposable {
  readonly url: string
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly stdout: () => string
  readonly exited: Promise<number | null>
}

function run(args: readonly string[]): Omit<Running, 'url'> {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  let stdout = ''
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk)
  })
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk)
  })
  return {
    child,
    stderr: () => stderr,
    stdout: () => stdout,
    exited: new Promise((resolve) => child.once('close', (code) => resolve(code))),
    [Symbol.asyncDispose]: () => stop(child),
  }
}

async function serving(args: readonly string[]): Promise<Running> {
  const running = run(['serve', '--port', '0', ...args])
  const url = await new Promise<string>((resolve, reject) => {
    running.child.stdout?.on('data', () => {
      const found = /"siteUrl":"([^"]+)"/.exec(running.stdout())?.[1]
      if (found !== undefined) resolve(found)
    })
    running.exited.then((code) => reject(new Error(`fig ended with ${code}: ${running.stderr()}`)), reject)
  })
  return { ...running, url }
}

interface Seen {
  readonly status: string
  readonly headers: readonly string[]
  readonly body: string
}

function ask(url: string, path: string, options: http.RequestOptions & { readonly body?: string } = {}): Promise<Seen> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const headers = { host: 'shop.example', 'accept-encoding': 'gzip', ...rest.headers }
    const request = http.request(url, { ...rest, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({
          status: `${answer.statusCode} ${answer.statusMessage}`,
          headers: endToEnd(answer.rawHeaders),
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** What is not of one hop: those headers, in their order. */
function endToEnd(rawHeaders: readonly string[]): readonly string[] {
  const hop = /^(?:connection|keep-alive|transfer-encoding|date)$/i
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 && !hop.test(name) ? [`${name}: ${rawHeaders[i + 1]}`] : []))
}

describe('fig serve', () => {
  describe.skipIf(!hasPhp())('in front of a PHP site that is not ours', () => {
    let site: ForeignSite
    let fig: Running
    beforeAll(async () => {
      site = await startForeignSite(script, { 'style.css': 'p { color: red }\n'.repeat(100) })
      fig = await serving(['--legacy', site.url])
    })
    afterAll(async () => {
      await fig?.[Symbol.asyncDispose]()
      await site?.[Symbol.asyncDispose]()
    })

    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const file = { 'content-type': 'multipart/form-data; boundary=B' }
    const upload = '--B\r\nContent-Disposition: form-data; name="f"; filename="a.zip"\r\n\r\n\x00\xff\r\n--B--\r\n'
    const requests: readonly (readonly [path: string, options?: http.RequestOptions & { readonly body?: string }])[] = [
      ['/'],
      ['/a/b%20c/%C3%A9?x=1&x=2&y[]=%2F+&z.q='],
      ['/?q=%e4%00%zz'],
      ['/', { headers: { cookie: 'a=1; b=%20; a=2' } }],
      ['/', { method: 'HEAD' }],
      ['/', { method: 'POST', headers: form, body: 'a.b=1&c[]=2&c[]=3&d=%E9' }],
      ['/', { method: 'POST', headers: { ...form, 'transfer-encoding': 'chunked' }, body: 'a=1' }],
      ['/', { method: 'POST', headers: file, body: upload }],
      ['/', { method: 'POST', headers: { ...form, 'content-length': 0 } }],
      ['/', { method: 'POST', headers: { ...form, expect: '100-continue' }, body: 'a=1' }],
      ['/', { method: 'PUT', body: '{"json":true}' }],
      ['/', { method: 'DELETE' }],
      ['/', { method: 'OPTIONS' }],
      ['/', { method: 'PATCH', body: 'x'.repeat(100_000) }],
      ['/', { method: 'POST', body: 'x'.repeat(2_000_000) }],
      ['/redirect'],
      ['/relative'],
      ['/nothing'],
      ['/missing'],
      ['/error'],
      ['/gzip'],
      ['/gzip', { headers: { 'accept-encoding': 'identity' } }],
      ['/chunks'],
      ['/latin1'],
      ['/session'],
      ['/etag'],
      ['/etag', { headers: { 'if-none-match': '"v1"' } }],
      ['/style.css'],
      ['/style.css', { headers: { range: 'bytes=10-19' } }],
      ['/style.css', { headers: { range: 'bytes=99999-' } }],
      ['/style.css', { headers: { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' } }],
      ['/style.css', { method: 'HEAD' }],
    ]
    for (const [path, options] of requests) {
      const name = `${options?.method ?? 'GET'} ${path} ${JSON.stringify(options?.headers ?? '')} ${options?.body?.length ?? ''}`
      it(`answers as the site itself does: ${name}`, async () => {
        const [direct, through] = [await ask(site.url, path, options), await ask(fig.url, path, options)]
        expect(through).toEqual(direct)
      })
    }
  })

  it('needs nothing but the address, warns when nobody is there, and ends cleanly on SIGTERM', async () => {
    await using fig = await serving(['--legacy', 'http://127.0.0.1:1'])
    expect((await ask(fig.url, '/')).status).toBe('502 Bad Gateway')
    expect(fig.stderr()).toMatch(
      /Fig is up at http:\/\/127.0.0.1:\d+ in front of http:\/\/127.0.0.1:1; everything goes/,
    )
    expect(fig.stderr()).toContain('Warning: the legacy site at http://127.0.0.1:1 does not answer (ECONNREFUSED)')
    fig.child.kill('SIGTERM')
    expect(await fig.exited).toBe(0)
    const lines = fig.stdout().trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('request')
  })

  it('serves with several workers, says so once, and ends with all of them', async () => {
    await using fig = await serving(['--legacy', 'http://127.0.0.1:1', '--workers', '2'])
    expect((await ask(fig.url, '/')).status).toBe('502 Bad Gateway')
    expect(fig.stderr().match(/Fig is up at .* with 2 workers; everything goes to the legacy site/g)).toHaveLength(1)
    fig.child.kill('SIGTERM')
    expect(await fig.exited).toBe(0)
    expect(fig.stderr()).not.toContain('    at ')
  })

  it('says what is wrong with the command line, with exit code 2', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['serve'], '--legacy is missing'],
      [['serve', '--legacy', 'nonsense'], '--legacy: give a URL such as'],
      [['serve', '--legacy', 'http://a', '--port', 'x', '--trusted-proxies', 'y'], '--trusted-proxies: give addresses'],
      [['serve', '--legacy', 'http://a', '--speed', '9'], 'Unknown option `--speed`'],
      [['serve', '--legacy', 'http://a', '--port'], 'option `--port <number>` value is missing'],
      [['serve', '--legacy', 'http://a', '--routes', '/nowhere.ts'], "/nowhere.ts can't be loaded"],
      [['serve', '--legacy', 'http://a', '--workers', 'many'], '--workers: give a number of processes'],
      [['strangle'], 'there is no command "strangle"'],
    ]
    await Promise.all(
      cases.map(async ([args, message]) => {
        await using fig = run(args)
        expect(await fig.exited, args.join(' ')).toBe(2)
        expect(fig.stderr()).toContain(message)
        expect(fig.stderr()).not.toContain('    at ')
      }),
    )
  })

  it('says that its port is taken, with exit code 1', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = address === null || typeof address === 'string' ? 0 : address.port
    await using fig = run(['serve', '--legacy', 'http://127.0.0.1:1', '--port', String(port)])
    expect(await fig.exited).toBe(1)
    expect(fig.stderr()).toContain(`port ${port} on 127.0.0.1 is taken`)
    await new Promise((resolve) => other.close(resolve))
  })

  it('explains itself with --help, and gives its version', async () => {
    await using help = run(['serve', '--help'])
    await using version = run(['--version'])
    expect(await help.exited).toBe(0)
    expect(help.stdout()).toContain('--legacy <url>')
    expect(await version.exited).toBe(0)
    expect(version.stdout()).toMatch(/^fig\/\d+\.\d+\.\d+ /)
  })
})
