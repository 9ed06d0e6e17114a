/** The servers of a run, as parts of a stack: started behind other work, ended by their records. */
import { join } from 'node:path'
import { mariadbPart } from '../scripts/stack/mariadb.ts'
import { type PartDefinition, startPart } from '../scripts/stack/part.ts'
import { type Place, socketPath } from '../scripts/stack/place.ts'
import { type PortReservation, reserveFreePorts } from '../scripts/stack/ports.ts'
import { connects } from '../scripts/stack/probes.ts'
import { findPhpFpm, findProgram } from '../scripts/stack/programs.ts'
import type { MariadbFolder } from './databases.ts'
import type { Both, SideName } from './sides.ts'

export interface CompatPorts {
  readonly nginx: Both<number>
  readonly database: Both<number>
  readonly fig: { readonly http: number; readonly https: number; readonly operator: number }
  release(): void
}

/** A stack has names for six ports: two of those are enough. */
export async function reservePorts(): Promise<CompatPorts> {
  const first: PortReservation = await reserveFreePorts()
  const second: PortReservation = await reserveFreePorts()
  return {
    nginx: { direct: first.ports.legacy, fig: second.ports.legacy },
    database: { direct: first.ports.mariadb, fig: second.ports.mariadb },
    fig: { http: first.ports.site, https: second.ports.site, operator: first.ports.operator },
    release() {
      first.release()
      second.release()
    },
  }
}

export interface PartContext {
  readonly place: Place
  readonly signal: AbortSignal
  readonly say: (what: string) => void
}

/** Beside the work of others: whatever is started here comes after it. */
export async function begin({ place, signal, say }: PartContext, part: PartDefinition): Promise<void> {
  say(`starting ${part.instance ?? part.part}`)
  const behindOthers = { ...part, command: findProgram('nice'), args: ['-n', '10', part.command, ...part.args] }
  await startPart(behindOthers, { place, signal, onWaiting: () => undefined })
}

export function databasePart(side: SideName, folder: MariadbFolder): PartDefinition {
  return { ...mariadbPart(folder), instance: `mariadb-${side}` }
}

export function phpPart(place: Place, environment: Readonly<Record<string, string>>): PartDefinition {
  const asRoot = process.getuid?.() === 0 ? ['-R'] : []
  return {
    part: 'php',
    command: findPhpFpm(),
    args: ['-y', join(place.dir, 'php-fpm.conf'), ...asRoot],
    env: environment,
    stage: 2,
    stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    readyTimeoutMs: 30_000,
    ready: () => connects({ path: socketPath(place.dir, 'php-fig') }),
    remedy: 'Read the log.',
  }
}

export function nginxPart(place: Place, ports: CompatPorts): PartDefinition {
  return {
    part: 'nginx',
    command: findProgram('nginx'),
    args: ['-e', join(place.dir, 'nginx-error.log'), '-c', join(place.dir, 'nginx.conf')],
    stage: 1,
    stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    readyTimeoutMs: 30_000,
    ready: () => connects({ port: ports.nginx.fig, greeting: false }),
    remedy: 'Read the log.',
  }
}

/** As anybody would start it. */
export function figPart(
  place: Place,
  ports: CompatPorts,
  settings: { readonly checkout: string; readonly environment: Readonly<Record<string, string>> },
): PartDefinition {
  const legacy = `http://127.0.0.1:${ports.nginx.fig}`
  const words = ['serve', '--legacy', legacy, '--port', String(ports.fig.http), '--json']
  const tls = ['--tls-cert', join(place.dir, 'certificate.pem'), '--tls-key', join(place.dir, 'key.pem')]
  return {
    part: 'fig',
    command: process.execPath,
    args: [join(settings.checkout, 'bin/fig.mjs'), ...words, ...tls, '--tls-port', String(ports.fig.https)],
    env: {
      FIG_OPERATOR_PORT: String(ports.fig.operator),
      FIG_DATA_DIR: join(place.dir, 'fig-data'),
      ...settings.environment,
    },
    cwd: place.dir,
    stage: 0,
    stop: [{ signal: 'SIGTERM', waitMs: 10_000 }],
    readyTimeoutMs: 30_000,
    ready: () => connects({ port: ports.fig.https, greeting: false }),
    remedy: 'Read the log.',
  }
}
