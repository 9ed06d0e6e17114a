import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { BenchProblem } from '../problem.ts'
import type { ProxyKind } from './proxy.ts'

/** Everything on that is on in production: routes, flags from a server, metrics, access log. */
export function figWithRoutes(name: string, routes: 10 | 500 | 10_000): ProxyKind {
  return {
    name,
    programs: [],
    version: async () => {
      const manifest = readFileSync(join(checkout, 'package.json'), 'utf8')
      return (JSON.parse(manifest) as { readonly version: string }).version
    },
    prepare: async ({ folder, port, upstreamPort, flagServerUrl }) => {
      const operatorPort = await freePort()
      const accessLog = join(folder, 'access.log')
      return {
        command: [process.execPath, join(checkout, 'bin', 'fig.mjs'), 'serve', '--json'],
        environment: {
          FIG_MODE: 'production',
          FIG_LEGACY_URL: `http://127.0.0.1:${upstreamPort}`,
          FIG_PORT: String(port),
          FIG_OPERATOR_PORT: String(operatorPort),
          FIG_ROUTES: join(import.meta.dirname, '..', 'fig', `routes-${routes}.config.ts`),
          FIG_UNLEASH_URL: `${flagServerUrl}/${routes}/api`,
          FIG_UNLEASH_TOKEN: 'bench',
          FIG_DATA_DIR: folder,
        },
        outputFile: accessLog,
        accessLog,
        verify: () => verifyDecisions(operatorPort),
      }
    },
  }
}

// --- internal ---

const checkout = join(import.meta.dirname, '..', '..', '..')

/** A figure without the flags' share would be worth nothing: Fig's own counters must name flag and route. */
async function verifyDecisions(operatorPort: number): Promise<void> {
  const metrics = await (await fetch(`http://127.0.0.1:${operatorPort}/metrics`)).text()
  const decided = metrics
    .split('\n')
    .some(
      (line) =>
        line.startsWith('fig_decisions_total{') && /reason="flag-off"/.test(line) && /route="article"/.test(line),
    )
  if (!decided)
    throw new BenchProblem(
      'Fig did not decide by flag: fig_decisions_total has no route="article", reason="flag-off".',
      'Compare bench/edge/fig/ with what src/flags and src/routing expect.',
    )
}
