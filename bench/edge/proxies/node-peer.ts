import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { peersFolder } from '../peer-packages.ts'
import type { ProxyKind } from './proxy.ts'

/** A library from npm in a server of a few lines, without an access log: it has none. Runs on the same Node as Fig. */
export function nodePeer(name: string): ProxyKind {
  return {
    name,
    programs: [],
    isPeerPackage: true,
    version: async () => {
      const manifest = readFileSync(join(peersFolder, 'node_modules', name, 'package.json'), 'utf8')
      return (JSON.parse(manifest) as { readonly version: string }).version
    },
    prepare: async ({ port, upstreamPort }) => {
      const script = join(import.meta.dirname, 'peers', `${name.replace('@', '').replace('/', '-')}.mjs`)
      return {
        command: [process.execPath, script, String(port), `http://127.0.0.1:${upstreamPort}`],
        environment: { NODE_ENV: 'production' },
      }
    },
  }
}
