import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Upstream, UpstreamCall } from '../upstream-call.ts'
import { createFastcgiUpstream, type FastcgiOptions, type FastcgiSite } from './index.ts'
import { ask, headerOf, outgoing } from './testing/ask.ts'
import { type PhpFpm, startPhpFpm } from './testing/php-fpm.ts'

const scripts = {
  'body.php': `<?php
    $input = fopen('php://input', 'r'); $hash = hash_init('sha1'); $length = 0;
    while (!feof($input)) { $piece = fread($input, 8192); $length += strlen($piece); hash_update($hash, $piece); }
    echo $length, ' ', hash_final($hash), ' ', $_SERVER['CONTENT_LENGTH'];`,
  'form.php':
    '<?php echo json_encode([$_POST, array_map(fn($f) => [$f["name"], sha1_file($f["tmp_name"])], $_FILES)]);',
  'big.php': `<?php $piece = random_bytes(65536); $hash = hash_init('sha1');
    for ($i = 0; $i < 320; $i++) { echo $piece; hash_update($hash, $piece); } file_put_contents($_GET['to'], hash_final($hash));`,
  'head.php': `<?php header('X-B: 1'); header('X-A: 2'); setcookie('a', '1'); setcookie('b', '2');
    header('Status: 201 Made Here'); echo 'made';`,
  'moved.php': '<?php header("Location: /else");',
  'fatal.php': '<?php ini_set("display_errors", 0); not_there();',
  'dies.php': '<?php if ($_GET["after"]) { echo "half"; flush(); } posix_kill(getmypid(), 9); sleep(5);',
  'goes-on.php': `<?php ignore_user_abort(true); header('Content-Type: text/plain'); flush();
    for ($i = 0; $i < 500 && !connection_aborted(); $i++) { echo str_repeat('x', 1000); flush(); usleep(10000); }
    file_put_contents($_GET['to'], connection_aborted() ? 'aborted' : 'whole');`,
  'finishes.php': '<?php echo getmypid(); fastcgi_finish_request(); usleep(700000);',
  'slow.php': '<?php usleep((int) $_GET["ms"] * 1000); echo getmypid();',
  'says.php': '<?php error_log("a warning of ours"); echo "ok";',
  'proxy.php': '<?php echo var_export(getenv("HTTP_PROXY"), true), isset($_SERVER["HTTP_PROXY"]) ? "set" : "unset";',
  'hands.php': `<?php header('X-Accel-Redirect: ' . $_GET['to']); header('Content-Type: application/zip');
    header('Content-Disposition: attachment'); header('X-Other: 1'); header('ETag: "php"'); echo 'not this';`,
  'pid.php': '<?php echo getmypid();',
  'picture.jpg': '<?php echo "run";',
  'file.txt': 'The quick brown fox.\n',
}

let fpm: PhpFpm
const folder = mkdtempSync(join(tmpdir(), 'fig-spool-'))

beforeAll(async () => {
  fpm = await startPhpFpm(scripts, { workers: 2, ini: { output_buffering: '0' } })
  utimesSync(join(fpm.documentRoot, 'file.txt'), 1_000_000_000, 1_000_000_000)
})
afterAll(async () => {
  await fpm[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

describe('a body that php-fpm gets', () => {
  const big = randomBytes(700_000)
  const pieces = [big.subarray(0, 1), big.subarray(1, 200_000), big.subarray(200_000)]

  it.each([
    ['with a length', { kind: 'length', length: big.length }, pieces],
    ['in chunks', { kind: 'chunked' }, pieces],
    ['read before', { kind: 'bytes', bytes: big }, undefined],
  ] as const)('arrives whole, %s', async (_, body, chunks) => {
    const asked = await ask(upstream(), '/body.php', { method: 'POST', body, ...(chunks && { chunks }) })
    expect(asked.body.toString()).toBe(`${big.length} ${sha1(big)} ${big.length}`)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    ['small, in chunks', { kind: 'chunked' }, [Buffer.from('a'), Buffer.from('bc')], 'abc'],
    ['of nothing, in chunks', { kind: 'chunked' }, [], ''],
    ['of nothing, with a length', { kind: 'length', length: 0 }, [], ''],
  ] as const)('arrives when it is %s', async (_, body, chunks, text) => {
    const asked = await ask(upstream(), '/body.php', { method: 'POST', body, chunks })
    expect(asked.body.toString()).toBe(`${text.length} ${sha1(Buffer.from(text))} ${text.length}`)
  })

  it('makes a form and its files', async () => {
    const boundary = 'b0undary'
    const part = (head: string, content: string | Buffer) =>
      Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')])
    const form = Buffer.concat([
      part('Content-Disposition: form-data; name="title"', 'caf\u00e9'),
      part('Content-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: x/y', big),
      Buffer.from(`--${boundary}--\r\n`),
    ])
    const asked = await ask(upstream(), '/form.php', {
      method: 'POST',
      headers: ['Content-Type', `multipart/form-data; boundary=${boundary}`],
      body: { kind: 'chunked' },
      chunks: [form.subarray(0, 70), form.subarray(70)],
    })
    expect(JSON.parse(asked.body.toString())).toEqual([{ title: 'caf\u00e9' }, { file: ['a.bin', sha1(big)] }])
  })

  it('waits for its end on a disk, under no name, and asks for more as it is written', async () => {
    let paused = 0
    let call: UpstreamCall | undefined
    const asked = await new Promise<string>((resolve, reject) => {
      let sent = 0
      const feed = (): void => {
        while (sent < 400) {
          sent += 1
          if (call?.write(Buffer.alloc(65_536, sent & 255)) === false) {
            paused += 1
            return
          }
        }
        expect(readdirSync(folder)).toEqual([])
        call?.end()
      }
      const parts: Buffer[] = []
      call = upstream().start(outgoing('/body.php', { method: 'PUT', body: { kind: 'chunked' } }), {
        ...noEvents,
        onConnected: feed,
        onDrain: feed,
        onData: (chunk) => parts.push(chunk),
        onEnd: () => resolve(Buffer.concat(parts).toString()),
        onFailure: (cause, error) => reject(error ?? new Error(cause)),
      })
    })
    expect(asked).toMatch(/^26214400 [0-9a-f]{40} 26214400$/)
    expect(paused).toBeGreaterThan(10)
  })

  it('is refused when it is too large, as soon as that is known', async () => {
    const site = { bodyBytesMax: 1_000 }
    const known = await ask(upstream({ site }), '/body.php', {
      method: 'POST',
      body: { kind: 'length', length: 1_001 },
    })
    expect(known).toMatchObject({ status: 413, reason: 'Request Entity Too Large' })
    const chunks = [Buffer.alloc(900), Buffer.alloc(101), Buffer.alloc(900)]
    const found = await ask(upstream({ site }), '/body.php', { method: 'POST', body: { kind: 'chunked' }, chunks })
    expect(found).toMatchObject({ status: 413, failure: undefined })
    expect(
      await ask(upstream({ site: { ...site, files: {}, errorPages: { 413: '/file.txt' } } }), '/body.php', {
        method: 'POST',
        body: { kind: 'chunked' },
        chunks,
      }),
    ).toMatchObject({ status: 413, body: Buffer.from('The quick brown fox.\n') })
  })

  it('fails where the disk does not take it', async () => {
    const asked = await ask(upstream({ spoolDirectory: join(folder, 'none') }), '/body.php', {
      method: 'POST',
      body: { kind: 'chunked' },
      chunks: [Buffer.alloc(100_000)],
    })
    expect(asked).toMatchObject({ failure: 'spool-failed', error: expect.stringContaining('ENOENT') })
  })
})

describe('an answer of php-fpm', () => {
  it('has the headers of the script, in its order', async () => {
    const asked = await ask(upstream(), '/head.php')
    expect(asked).toMatchObject({ status: 201, reason: 'Made Here', failure: undefined })
    expect(asked.headers).toEqual([
      'Content-Type: text/html; charset=UTF-8',
      'X-B: 1',
      'X-A: 2',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
    ])
    expect(await ask(upstream(), '/moved.php')).toMatchObject({ status: 302, reason: 'Found' })
    expect(await ask(upstream(), '/fatal.php')).toMatchObject({ status: 500 })
    expect(await ask(upstream(), '/head.php', { method: 'HEAD' })).toMatchObject({ status: 201, body: Buffer.alloc(0) })
  })

  it('is as large as it is, however slowly it is taken', async () => {
    const to = join(folder, 'hash')
    const asked = await ask(upstream(), `/big.php?to=${to}`, {
      onEvent: (event, call) => {
        if (event === 'onData') {
          call().pause()
          setImmediate(() => call().resume())
        }
      },
    })
    expect(asked.body).toHaveLength(320 * 65_536)
    expect(sha1(asked.body)).toBe(readFileSync(to, 'utf8'))
  })

  it('stops coming while nobody takes it', async () => {
    let received = 0
    let call: UpstreamCall | undefined
    const firstPiece = new Promise<void>((resolve) => {
      call = upstream().start(outgoing(`/big.php?to=${folder}/other`), {
        ...noEvents,
        onData: (chunk) => {
          received += chunk.length
          call?.pause()
          resolve()
        },
      })
    })
    await firstPiece
    const atPause = received
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(received - atPause).toBeLessThan(200_000)
    call?.abort()
  })

  it('breaks off where the worker dies, before it or within it', async () => {
    expect(await ask(upstream(), '/dies.php?after=0')).toMatchObject({ status: 0, failure: 'first-byte-upstream' })
    const within = await ask(upstream(), '/dies.php?after=1')
    expect(within).toMatchObject({ status: 200, body: Buffer.from('half'), failure: 'answer-body-upstream' })
  })

  it('comes with what the script said beside it in the log', async () => {
    const { log } = await ask(upstream(), '/says.php')
    expect(log).toMatchObject([{ script: '/says.php', said: 'PHP message: a warning of ours' }])
  })
})

describe('php-fpm', () => {
  it('is told when the client has left', async () => {
    const to = join(folder, 'aborted')
    await new Promise<void>((resolve) => {
      const call = upstream().start(outgoing(`/goes-on.php?to=${to}`), {
        ...noEvents,
        onData: () => {
          call.abort()
          resolve()
        },
      })
    })
    await until(() => existsSync(to))
    expect(readFileSync(to, 'utf8')).toBe('aborted')
  })

  it('answers others while a script goes on behind its answer', async () => {
    const first = await ask(upstream(), '/finishes.php')
    // On a connection that was kept it would be the same worker, when that is done.
    const second = await ask(upstream(), '/pid.php')
    expect(second.body.toString()).not.toBe(first.body.toString())
  })

  it('serves on when workers end after a number of requests, and connections are kept', async () => {
    await using shortLived = await startPhpFpm({ 'pid.php': scripts['pid.php'] }, { workers: 2, maxRequests: 3 })
    const { address, documentRoot } = shortLived
    const keeping = upstream({ address, documentRoot, keptConnectionsMax: 2 })
    const pids = new Set<string>()
    for (let i = 0; i < 20; i += 1) {
      let asked = await ask(keeping, '/pid.php')
      // What the caller does with a safe request.
      asked = asked.failure === 'first-byte-upstream' && asked.reused ? await ask(keeping, '/pid.php') : asked
      expect(asked.status).toBe(200)
      pids.add(asked.body.toString())
    }
    await keeping.close()
    expect(pids.size).toBeGreaterThan(4)
  })

  it('is not kept from others by more connections than are allowed to wait', async () => {
    const keeping = upstream({ keptConnectionsMax: 1, keptIdleMs: 60_000 })
    await Promise.all([1, 2].map(() => ask(keeping, '/slow.php?ms=50')))
    // One of two workers is kept; the other one answers everybody else.
    expect(await ask(upstream(), '/pid.php')).toMatchObject({ status: 200 })
    await keeping.close()
  })

  it('says at once when as many wait as may', async () => {
    await using small = await startPhpFpm({ 'slow.php': scripts['slow.php'] }, { workers: 1, backlog: 1 })
    const { address, documentRoot } = small
    const asked = await Promise.all(
      Array.from({ length: 8 }, () => ask(upstream({ address, documentRoot }), '/slow.php?ms=100')),
    )
    expect(asked.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    const refused = asked.filter(({ status }) => status === 0)
    expect(refused.length).toBeGreaterThan(0)
    expect(new Set(refused.map(({ failure }) => failure))).toEqual(new Set(['queue-full']))
  })

  it('is asked for its health without a script', async () => {
    const { address } = fpm
    expect(await upstream().probe?.({ path: undefined, timeoutMs: 2_000 })).toBe(true)
    expect(await upstream().probe?.({ path: '/ping', timeoutMs: 2_000 })).toBe(true)
    const gone: FastcgiOptions['address'] = {
      kind: 'unix',
      path: `${address.kind === 'unix' ? address.path : ''}.gone`,
    }
    expect(await upstream({ address: gone }).probe?.({ path: undefined, timeoutMs: 2_000 })).toBe(false)
    // Both workers are busy: the answer does not come in time.
    const busy = Promise.all([1, 2].map(() => ask(upstream(), '/slow.php?ms=400')))
    expect(await upstream().probe?.({ path: '/ping', timeoutMs: 50 })).toBe(false)
    await busy
  })

  it('can be reached by TCP too', async () => {
    await using tcp = await startPhpFpm({ 'pid.php': scripts['pid.php'] }, { tcpPort: await freePort() })
    const { address, documentRoot } = tcp
    expect(await ask(upstream({ address, documentRoot }), '/pid.php')).toMatchObject({ status: 200 })
    expect(upstream({ address, documentRoot }).origin).toMatch(/^fastcgi:\/\/127\.0\.0\.1:\d+$/)
  })
})

describe('a wrong description', () => {
  it('is refused at the start, with all of its problems', () => {
    const site: FastcgiSite = { rules: [{ match: /x/g, to: '/x' }] }
    const start = () => upstream({ site, documentRoot: '/nowhere/at/all' })
    expect(start).toThrow(/2 problem\(s\):\n {2}rules\[0\]\.match: leave out .*\n {2}\/nowhere\/at\/all: no folder/)
  })
})

describe('what must not happen', () => {
  it('a picture is not run, whatever stands behind its name', async () => {
    for (const target of ['/picture.jpg/x.php', '/picture.jpg%00.php', '/picture.jpg/.php', '/picture.jpg']) {
      for (const site of [{}, { pathInfo: true }, { files: {} }]) {
        const asked = await ask(upstream({ site }), target)
        expect(asked.body.toString()).not.toBe('run')
      }
    }
  })

  it('a client sets no proxy for the scripts', async () => {
    const asked = await ask(upstream(), '/proxy.php', { headers: ['Proxy', 'http://evil', 'PROXY', 'http://evil'] })
    expect(asked.body.toString()).toBe('falseunset')
  })

  it('TRACE does not reach a script', async () => {
    expect(await ask(upstream(), '/pid.php', { method: 'TRACE' })).toMatchObject({ status: 405 })
  })

  it('a header that php-fpm would misread is not sent', async () => {
    const asked = await ask(upstream(), '/pid.php', { headers: ['Cookie', 'x'.repeat(65_530)] })
    expect(asked).toMatchObject({ failure: 'request-invalid' })
  })
})

describe('a file', () => {
  const site: FastcgiSite = { files: {}, internal: [{ prefix: '/_files/', folder: '/nowhere' }] }
  const handing = (): Upstream =>
    upstream({ site: { ...site, internal: [{ prefix: '/_files/', folder: fpm.documentRoot }] } })

  it('is sent without a script', async () => {
    const asked = await ask(upstream({ site }), '/file.txt')
    expect(asked).toMatchObject({ status: 200, reason: 'OK', body: Buffer.from(scripts['file.txt']) })
    expect(asked.headers).toEqual([
      'Content-Type: text/plain',
      'Content-Length: 21',
      'Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT',
      'ETag: "3b9aca00-15"',
      'Accept-Ranges: bytes',
    ])
    expect(await ask(upstream({ site }), '/file.txt', { method: 'POST' })).toMatchObject({ status: 405 })
    expect(await ask(upstream({ site }), '/file.txt', { method: 'HEAD' })).toMatchObject({ body: Buffer.alloc(0) })
  })

  it('is sent in part', async () => {
    const one = await ask(upstream({ site }), '/file.txt', { headers: ['Range', 'bytes=4-8'] })
    expect(one).toMatchObject({ status: 206, body: Buffer.from('quick') })
    expect(headerOf(one, 'Content-Range: ')).toBe('bytes 4-8/21')
    const two = await ask(upstream({ site }), '/file.txt', { headers: ['Range', 'bytes=0-2,-5'] })
    const boundary = headerOf(two, 'Content-Type: ')?.replace('multipart/byteranges; boundary=', '')
    const part = (range: string, text: string) =>
      `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/21\r\n\r\n${text}`
    expect(two.body.toString()).toBe(`${part('0-2', 'The')}${part('16-20', 'fox.\n')}\r\n--${boundary}--\r\n`)
    expect(headerOf(two, 'Content-Length: ')).toBe(String(two.body.length))
  })

  it('that is a page for refusals and is gone leaves the plain page', async () => {
    const pages = { ...site, errorPages: { 404: '/gone.html', 405: '/file.txt' } }
    expect(await ask(upstream({ site: pages }), '/none')).toMatchObject({ status: 404 })
    const refused = await ask(upstream({ site: pages }), '/file.txt', { method: 'PUT' })
    expect(refused).toMatchObject({ status: 405, body: Buffer.from(scripts['file.txt']) })
  })

  it('is sent for a script that says so, with what the script says about it', async () => {
    const asked = await ask(handing(), '/hands.php?to=/_files/file.txt')
    expect(asked).toMatchObject({ status: 200, body: Buffer.from(scripts['file.txt']) })
    expect(asked.headers).toEqual([
      'Content-Type: application/zip',
      'Content-Length: 21',
      'Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT',
      'Content-Disposition: attachment',
      'ETag: "3b9aca00-15"',
      'Accept-Ranges: bytes',
    ])
    expect(await ask(handing(), '/hands.php?to=/_files/none')).toMatchObject({ status: 404 })
    expect(await ask(handing(), '/hands.php?to=/elsewhere')).toMatchObject({ failure: 'answer-head-invalid' })
    expect(await ask(handing(), '/_files/file.txt')).toMatchObject({ status: 404 })
    const range = await ask(handing(), '/hands.php?to=/_files/file.txt', { headers: ['Range', 'bytes=4-8'] })
    expect(range).toMatchObject({ status: 206, body: Buffer.from('quick') })
  })
})

// --- internal ---

function upstream(options: Partial<FastcgiOptions> = {}): Upstream {
  return createFastcgiUpstream({
    address: fpm.address,
    documentRoot: fpm.documentRoot,
    site: {},
    timeouts: { connectMs: 5_000, firstByteMs: 10_000, idleMs: 10_000 },
    connectionsMax: 8,
    spoolDirectory: folder,
    ...options,
  })
}

function sha1(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

const nothing = (): void => {}
const noEvents: Parameters<Upstream['start']>[1] = {
  onConnected: nothing,
  onDrain: nothing,
  onInformation: nothing,
  onHead: nothing,
  onData: nothing,
  onBatchEnd: nothing,
  onEnd: nothing,
  onFailure: nothing,
}
