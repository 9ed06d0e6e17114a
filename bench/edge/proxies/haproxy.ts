import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../run-program.ts'
import type { ProxyKind, ProxyPlace } from './proxy.ts'

/** Logs to its standard output, which is a file here: cheaper than the syslog socket that it has as a service. */
export const haproxy: ProxyKind = {
  name: 'haproxy',
  programs: ['haproxy'],
  version: async () => /version ([\d.]+)/.exec(await outputOf('haproxy', ['-v']))?.[1] ?? '',
  prepare: async (place) => {
    const configFile = join(place.folder, 'haproxy.cfg')
    const accessLog = join(place.folder, 'access.log')
    writeFileSync(configFile, configText(place))
    return { command: ['haproxy', '-db', '-q', '-f', configFile], outputFile: accessLog, accessLog }
  },
}

// --- internal ---

function configText({ port, upstreamPort, connectionsMax }: ProxyPlace): string {
  return `global
  nbthread 1
  maxconn ${connectionsMax + 64}
  # It wants two descriptors for each connection and else does not start; idle clients need one.
  no strict-limits
  log stdout format raw local0 info

defaults
  mode http
  log global
  option httplog
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  timeout http-keep-alive 75s

frontend site
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Forwarded-Proto http
  default_backend legacy

backend legacy
  server legacy 127.0.0.1:${upstreamPort} pool-max-conn 64
`
}
