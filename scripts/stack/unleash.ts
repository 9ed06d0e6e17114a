/** The flag server, on the same Postgres, without its telemetry. */
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PartDefinition, plainEnvironment, quickStart } from './part.ts'
import { readJson } from './place.ts'
import { postgresUrl } from './postgres.ts'
import { answers } from './probes.ts'

export interface UnleashOptions {
  readonly checkout: string
  readonly dir: string
  readonly port: number
  readonly postgresPort: number
}

export interface UnleashTokens {
  readonly adminToken: string
  readonly clientToken: string
}

export const unleashLogin = { user: 'admin', password: 'unleash4all' }
export const unleashDatabase = 'unleash'

/** Made once per stack: the server takes them over at its first start only. */
export function unleashTokens(dir: string): UnleashTokens {
  const file = join(dir, 'unleash-tokens.json')
  if (!existsSync(file)) {
    const secret = (): string => randomBytes(24).toString('hex')
    const tokens = { adminToken: `*:*.${secret()}`, clientToken: `default:development.${secret()}` }
    writeFileSync(file, JSON.stringify(tokens), { mode: 0o600 })
  }
  return readJson<UnleashTokens>(file)!
}

export function unleashPart(options: UnleashOptions): PartDefinition {
  const { adminToken, clientToken } = unleashTokens(options.dir)
  return {
    part: 'unleash',
    command: process.execPath,
    args: [...quickStart, join(options.checkout, 'node_modules', 'unleash-server', 'dist', 'server.js')],
    cwd: options.dir,
    env: {
      ...plainEnvironment(),
      NODE_ENV: 'production',
      DATABASE_URL: postgresUrl(options.postgresPort, unleashDatabase),
      DATABASE_SSL: 'false',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(options.port),
      UNLEASH_URL: unleashUrl(options.port),
      INIT_ADMIN_API_TOKENS: adminToken,
      INIT_CLIENT_API_TOKENS: clientToken,
      CHECK_VERSION: 'false',
      SEND_TELEMETRY: 'false',
      LOG_LEVEL: 'warn',
      GRACEFUL_SHUTDOWN_TIMEOUT: '200',
    },
    stage: 2,
    stop: [{ signal: 'SIGTERM', waitMs: 3_000 }],
    readyTimeoutMs: 120_000,
    ready: () => answers(`${unleashUrl(options.port)}/health`),
    remedy: 'Read the log. If its data is damaged, `npm start -- --fresh` starts over with new data.',
  }
}

export function unleashUrl(port: number): string {
  return `http://127.0.0.1:${port}`
}
