/** Fig itself, as the product runs it: src/main.ts with nothing but its environment. */
import { join } from 'node:path'
import { mariadbUrl } from './mariadb.ts'
import { type PartDefinition, plainEnvironment, quickStart } from './part.ts'
import type { Ports } from './parts.ts'
import { postgresUrl } from './postgres.ts'
import { readyz } from './probes.ts'
import { siteDatabase, siteFolders, siteUrl } from './site.ts'
import { unleashTokens, unleashUrl } from './unleash.ts'

export interface FigOptions {
  readonly checkout: string
  readonly dir: string
  readonly ports: Ports
  /** More settings, or other values for those below. */
  readonly figSettings?: Readonly<Record<string, string>>
}

/** An account with the rights that Fig needs and no more, in both servers. */
export const figAccount = { user: 'fig', password: 'fig' }
export const figDatabase = 'fig'

/** Everything that the Fig of this stack is told. A test that starts a second Fig changes ports and data folder. */
export function figEnvironment(options: FigOptions): Readonly<Record<string, string>> {
  const { ports, checkout, dir } = options
  return {
    FIG_PORT: String(ports.site),
    FIG_OPERATOR_PORT: String(ports.operator),
    FIG_LEGACY_URL: siteUrl(ports.legacy),
    FIG_ROUTES: join(checkout, 'routes.config.ts'),
    FIG_SYNC: join(checkout, 'sync.config.ts'),
    FIG_MYSQL_URL: mariadbUrl(ports.mariadb, siteDatabase, figAccount),
    FIG_POSTGRES_URL: postgresUrl(ports.postgres, figDatabase, figAccount),
    FIG_UNLEASH_URL: `${unleashUrl(ports.unleash)}/api`,
    FIG_UNLEASH_TOKEN: unleashTokens(dir).clientToken,
    FIG_PHP_SESSION_PATH: siteFolders(dir).sessions,
    FIG_DATA_DIR: join(dir, 'fig'),
    ...options.figSettings,
  }
}

export function figUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.site}`
}

export function operatorUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.operator}`
}

export function figPart(options: FigOptions): PartDefinition {
  return {
    part: 'fig',
    command: process.execPath,
    args: [...quickStart, join(options.checkout, 'src', 'main.ts')],
    cwd: options.checkout,
    env: { ...plainEnvironment(), ...figEnvironment(options) },
    stage: 0,
    stop: [{ signal: 'SIGTERM', waitMs: 12_000 }],
    readyTimeoutMs: 60_000,
    ready: () => readyz(operatorUrl(options.ports)),
    remedy: 'Read the log: every problem in it has a code and what to do.',
  }
}
