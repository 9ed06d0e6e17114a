import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outputOf } from '../run-program.ts'
import type { ProxyKind, ProxyPlace } from './proxy.ts'

export const caddy: ProxyKind = {
  name: 'caddy',
  programs: ['caddy'],
  version: async () => /v?(\d+\.[\d.]+)/.exec(await outputOf('caddy', ['version']))?.[1] ?? '',
  prepare: async (place) => {
    const { folder } = place
    const configFile = join(folder, 'Caddyfile')
    const accessLog = join(folder, 'access.log')
    writeFileSync(configFile, configText(place, accessLog))
    return {
      command: ['caddy', 'run', '--adapter', 'caddyfile', '--config', configFile],
      environment: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      accessLog,
    }
  },
}

// --- internal ---

function configText({ port, upstreamPort }: ProxyPlace, accessLog: string): string {
  return `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  log {
    output file ${accessLog} {
      roll_disabled
    }
  }
  reverse_proxy 127.0.0.1:${upstreamPort} {
    transport http {
      keepalive_idle_conns_per_host 64
    }
  }
}
`
}
