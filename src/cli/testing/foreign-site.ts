import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A PHP site that is not ours, on nginx and php-fpm, in a folder of its own. */
export interface ForeignSite extends AsyncDisposable {
  readonly url: string
}

export function hasPhp(): boolean {
  return fpm() !== undefined && spawnSync('nginx', ['-v']).status === 0
}

export async function startForeignSite(script: string, files: Readonly<Record<string, string>>): Promise<ForeignSite> {
  const root = mkdtempSync(join(tmpdir(), 'fig-foreign-'))
  const site = join(root, 'site')
  mkdirSync(site)
  writeFileSync(join(site, 'index.php'), script)
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(site, name), content)
  }
  const port = await freePort()
  writeFileSync(join(root, 'fpm.conf'), fpmConf(root))
  writeFileSync(join(root, 'nginx.conf'), nginxConf(root, port))
  const asRoot = process.getuid?.() === 0 ? ['-R'] : []
  const children = [
    spawn(fpm() ?? '', ['-F', ...asRoot, '-y', join(root, 'fpm.conf')], { stdio: 'ignore' }),
    spawn('nginx', ['-c', join(root, 'nginx.conf'), '-p', root, '-e', join(root, 'error.log')], { stdio: 'ignore' }),
  ]
  const url = `http://127.0.0.1:${port}`
  await answers(url)
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(stop))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Ends a child of ours and waits until it is gone. */
export function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

// --- internal ---

function fpm(): string | undefined {
  return ['php-fpm8.2', 'php-fpm8.3', 'php-fpm8.4', 'php-fpm'].find((name) => spawnSync(name, ['-v']).status === 0)
}

function fpmConf(root: string): string {
  const user = process.getuid?.() === 0 ? 'user = root\ngroup = root\n' : ''
  return `[global]
error_log = ${root}/fpm.log
daemonize = no
[www]
${user}listen = ${root}/fpm.sock
pm = static
pm.max_children = 2
`
}

function nginxConf(root: string, port: number): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${root}/${name};`)
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${root}/nginx.pid;
error_log ${root}/error.log;
events {}
http {
  access_log off;
  ${temp.join('\n  ')}
  types { text/css css; }
  client_max_body_size 1m;
  server {
    listen 127.0.0.1:${port};
    root ${root}/site;
    location / { try_files $uri /index.php$is_args$args; }
    location ~ \\.php$ {
      fastcgi_pass unix:${root}/fpm.sock;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
    }
  }
}
`
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address === null || typeof address === 'string' ? 0 : address.port))
    })
  })
}

async function answers(url: string): Promise<void> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 200) {
      return
    }
    if (performance.now() > deadline) {
      throw new Error(`the foreign site at ${url} answers ${status}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
