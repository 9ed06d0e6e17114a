import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What PHP made of a request: name -> value, `null` for an array; both as bytes in hexadecimal. */
export type Superglobal = Readonly<Record<string, string | null>>

export interface SentRequest {
  readonly query: string
  readonly cookie: string
  readonly contentType: string
  readonly body: Buffer
}

export interface PhpOracle extends AsyncDisposable {
  read(
    sent: SentRequest,
  ): Promise<{ readonly get: Superglobal; readonly post: Superglobal; readonly cookie: Superglobal }>
}

/** A real PHP that answers with what it finds in its superglobals. */
export async function openPhpOracle(): Promise<PhpOracle> {
  const folder = await mkdtemp(join(tmpdir(), 'fig-php-'))
  await writeFile(join(folder, 'index.php'), script)
  const quiet = ['-d', 'display_errors=0', '-d', 'log_errors=0']
  const server = spawn('php', [...quiet, '-S', '127.0.0.1:0', join(folder, 'index.php')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const port = await portOf(server)
  return {
    read: (sent) => ask(port, sent),
    async [Symbol.asyncDispose]() {
      server.kill('SIGTERM')
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

// --- internal ---

const script = `<?php
function facts(array $values): object {
  $facts = new stdClass();
  foreach ($values as $name => $value) $facts->{'x' . bin2hex((string) $name)} = is_array($value) ? null : bin2hex($value);
  return $facts;
}
echo json_encode(['get' => facts($_GET), 'post' => facts($_POST), 'cookie' => facts($_COOKIE)]);
`

async function portOf(server: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: server.stderr! })) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port === undefined) continue
    server.stderr!.resume() // it logs every connection; unread, the pipe would fill
    return Number(port)
  }
  throw new Error('php did not start')
}

async function ask(port: number, sent: SentRequest) {
  const outgoing = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: `/?${sent.query}`,
    headers: { 'content-type': sent.contentType, 'content-length': sent.body.length, cookie: sent.cookie },
  })
  outgoing.end(sent.body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  const { get, post, cookie } = JSON.parse(text) as Record<string, Superglobal>
  return { get: named(get!), post: named(post!), cookie: named(cookie!) }
}

/** The 'x' keeps JSON from reordering names that look like numbers. */
function named(facts: Superglobal): Superglobal {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name.slice(1), value]))
}
