/** What stands behind every proxy: nginx with three files, and a place that takes a body before it answers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { largeBytes, pageBytes, postAnswer, tinyText } from './cases.ts'
import { freePort } from './free-port.ts'
import { nginxSettings, nginxTemporaryFolders } from './nginx-settings.ts'
import { type Processes, waitUntilReady } from './processes.ts'

export interface Upstream {
  readonly port: number
  /** Connections taken since its start. */
  connections(): Promise<number>
}

export async function startUpstream(
  processes: Processes,
  { folder, cores, signal }: { readonly folder: string; readonly cores: string; readonly signal: AbortSignal },
): Promise<Upstream> {
  const own = join(folder, 'upstream')
  mkdirSync(own)
  writeFileSync(join(own, 'tiny.html'), tinyText)
  writeFileSync(join(own, 'page.html'), `<!doctype html>${'legacy '.repeat(pageBytes)}`.slice(0, pageBytes))
  writeFileSync(join(own, 'large.bin'), Buffer.alloc(largeBytes, 'legacy'))
  const port = await freePort()
  const statusPort = await freePort()
  const configFile = join(own, 'nginx.conf')
  writeFileSync(configFile, upstreamConfig(own, port, statusPort))
  const running = processes.start({ name: 'upstream', command: ['nginx', '-p', own, '-c', configFile], cores })
  const status = () => fetch(`http://127.0.0.1:${statusPort}/`)
  await waitUntilReady(
    running,
    () =>
      status().then(
        ({ ok }) => ok,
        () => false,
      ),
    signal,
  )
  return { port, connections: async () => takenConnections(await (await status()).text()) }
}

// --- internal ---

/**
 * POST: nginx answers `return 200` before it has read the body. Behind proxy_pass, with request buffering, it reads the
 * whole body first; what it then asks is itself, over a Unix socket and without the body.
 */
function upstreamConfig(own: string, port: number, statusPort: number): string {
  return `${nginxSettings(own, { connectionsMax: 16_384 })}
http {
  ${nginxTemporaryFolders(own)}
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  open_file_cache max=16;
  client_body_buffer_size 128k;
  types { text/html html; }
  default_type application/octet-stream;
  upstream taker { server unix:${own}/taker.sock; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${own};
    location / { try_files /tiny.html =404; }
    location /topics/ { try_files /page.html =404; }
    location /downloads/ { try_files /large.bin =404; }
    location /comments/ {
      proxy_pass http://taker;
      proxy_http_version 1.1;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
    }
  }
  server { listen unix:${own}/taker.sock; location / { default_type text/plain; return 200 "${postAnswer.trim()}\\n"; } }
  server { listen 127.0.0.1:${statusPort}; location / { stub_status; } }
}
`
}

/** The second line of stub_status: accepts, handled, requests. */
function takenConnections(text: string): number {
  return Number(/^\s*(\d+) \d+ \d+/m.exec(text)?.[1] ?? Number.NaN)
}
