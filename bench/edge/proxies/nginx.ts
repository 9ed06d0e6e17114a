import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nginxSettings, nginxTemporaryFolders } from '../nginx-settings.ts'
import { outputOf } from '../run-program.ts'
import type { ProxyKind, ProxyPlace } from './proxy.ts'

/** As packaged: a line is written when its request ends. */
export const nginx: ProxyKind = {
  name: 'nginx',
  programs: ['nginx'],
  version: async () => /nginx\/([\d.]+)/.exec(await outputOf('nginx', ['-v']))?.[1] ?? '',
  prepare: async (place) => prepare(place, ''),
}

/** As Fig does it: lines are collected for a tenth of a second, or 8 KB. */
export const nginxBuffered: ProxyKind = {
  ...nginx,
  name: 'nginx-buffered',
  optional: true,
  prepare: async (place) => prepare(place, 'combined buffer=8k flush=100ms'),
}

// --- internal ---

function prepare(place: ProxyPlace, logOptions: string) {
  const { folder } = place
  const accessLog = join(folder, 'access.log')
  const configFile = join(folder, 'nginx.conf')
  writeFileSync(configFile, proxyConfig(place, `access_log ${accessLog} ${logOptions};`))
  return { command: ['nginx', '-p', folder, '-c', configFile], accessLog }
}

/**
 * Bodies stay in memory: by default nginx writes a request body above 16 KB, and the rest of an answer that its client is
 * slow to take, to the disk, and would look worse than it has to.
 */
function proxyConfig({ folder, port, upstreamPort, connectionsMax }: ProxyPlace, accessLog: string): string {
  const pass = `proxy_pass http://legacy;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;`
  return `${nginxSettings(folder, { connectionsMax: connectionsMax + 1_024 })}
http {
  ${nginxTemporaryFolders(folder)}
  ${accessLog}
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  client_max_body_size 0;
  client_body_buffer_size 128k;
  proxy_max_temp_file_size 0;
  upstream legacy { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      ${pass}
    }
    location /large/ {
      proxy_request_buffering off;
      ${pass}
    }
  }
}
`
}
