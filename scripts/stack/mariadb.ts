/** A private MariaDB: the legacy site's store, with the binlog that Fig captures from. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PartDefinition } from './part.ts'
import { type Account, accountUrl, partTitles, remedyFor, StackError } from './parts.ts'
import { socketPath } from './place.ts'
import { connects } from './probes.ts'
import { findProgram } from './programs.ts'

export interface MariadbOptions {
  readonly dir: string
  readonly port: number
  /** A test's data need not survive a power cut. */
  readonly durable: boolean
}

export async function prepareMariadb(options: MariadbOptions): Promise<void> {
  const data = dataFolder(options)
  if (existsSync(data)) return makeTemporaryFolder(options)
  const unfinished = `${data}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  makeTemporaryFolder(options)
  const install = findProgram('mariadb-install-db')
  const settings = ['--no-defaults', '--force', '--auth-root-authentication-method=normal', '--skip-test-db']
  try {
    await promisify(execFile)(
      install,
      [...settings, `--datadir=${unfinished}`, temporaryFolder(options), ...asRoot()],
      { cwd: '/' },
    )
  } catch (cause) {
    const { stderr = '', stdout = '' } = cause as { stderr?: string; stdout?: string }
    const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-12)
    throw new StackError(
      `${partTitles.mariadb} could not create its data folder.`,
      remedyFor(lines, remedy),
      lines,
      cause,
    )
  }
  renameSync(unfinished, data)
}

export function mariadbPart(options: MariadbOptions): PartDefinition {
  return {
    part: 'mariadb',
    command: findProgram('mariadbd'),
    args: [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${dataFolder(options)}`,
      temporaryFolder(options),
      `--socket=${socketPath(options.dir, 'mariadb')}`,
      `--pid-file=${join(options.dir, 'mariadb', 'mysqld.pid')}`,
      `--port=${options.port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--server-id=1',
      '--log-bin=binlog',
      '--binlog-format=ROW',
      '--binlog-row-image=FULL',
      '--binlog-row-metadata=FULL',
      '--expire-logs-days=7',
      '--character-set-server=latin1',
      '--local-infile=1',
      '--innodb-buffer-pool-size=256M',
      ...(options.durable ? [] : ['--innodb-flush-log-at-trx-commit=2']),
    ],
    stage: 3,
    stop: [{ signal: 'SIGTERM', waitMs: 20_000 }],
    readyTimeoutMs: 60_000,
    ready: () => connects({ port: options.port, greeting: true }),
    remedy,
  }
}

export function mariadbUrl(port: number, database = '', account: Account = { user: 'root' }): string {
  return accountUrl('mysql', port, database, account)
}

// --- internal ---

const remedy = 'Read the log. If its data is damaged, `npm start -- --fresh` starts over with new data.'

function dataFolder(options: MariadbOptions): string {
  return join(options.dir, 'mariadb', 'data')
}

/** Its own: a MariaDB that starts clears its temporary folder of `#sql` files, also of those that another one uses in /tmp. */
function temporaryFolder(options: MariadbOptions): string {
  return `--tmpdir=${join(options.dir, 'mariadb', 'tmp')}`
}

function makeTemporaryFolder(options: MariadbOptions): void {
  mkdirSync(join(options.dir, 'mariadb', 'tmp'), { recursive: true })
}

function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}
