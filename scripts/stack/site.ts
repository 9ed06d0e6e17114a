/** The legacy site: php-fpm and nginx, configured from the templates beside the site. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PartDefinition } from './part.ts'
import { logFile, makeFolder, rotateLog, socketPath } from './place.ts'
import { answers, connects } from './probes.ts'
import { findPhpFpm, findProgram } from './programs.ts'

export interface SiteOptions {
  readonly checkout: string
  readonly dir: string
  readonly port: number
  readonly mariadbPort: number
}

/** The account that the site uses, as its PHP code names it. */
export const siteAccount = { user: 'modvault', password: 'modvault' }
export const siteDatabase = 'modvault'

export interface SiteFolders {
  readonly run: string
  readonly storage: string
  readonly sessions: string
}

export function siteFolders(dir: string): SiteFolders {
  const run = join(dir, 'site')
  return { run, storage: join(run, 'storage'), sessions: join(run, 'sessions') }
}

export function siteUrl(port: number): string {
  return `http://127.0.0.1:${port}`
}

/** Folders, and the configuration for the ports of this start. */
export function prepareSite(options: SiteOptions): void {
  const { run, storage, sessions } = siteFolders(options.dir)
  for (const folder of [run, storage, sessions]) makeFolder(folder)
  for (const folder of ['files', 'images', 'uploads', 'mail']) mkdirSync(join(storage, folder), { recursive: true })
  chmodSync(sessions, 0o700)
  linkLogs(options.dir, run)
  const words = templateWords(options)
  for (const [template, file] of configurationFiles) {
    const text = readFileSync(join(options.checkout, 'legacy-fixtures', 'conf', template), 'utf8')
    writeFileSync(join(run, file), fill(text, words, template))
  }
}

export function phpPart(options: SiteOptions): PartDefinition {
  const { run } = siteFolders(options.dir)
  const asRoot = process.getuid?.() === 0 ? ['-R'] : []
  return {
    part: 'php',
    command: findPhpFpm(),
    args: ['-c', join(run, 'php.ini'), '-y', join(run, 'php-fpm.conf'), ...asRoot],
    env: { MV_DB_PASS: siteAccount.password },
    stage: 2,
    stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    readyTimeoutMs: 30_000,
    ready: () => connects({ path: fpmSocket(options.dir) }),
    remedy: 'Read the log. A missing PHP extension is installed with `apt-get install php-fpm php-cli php-mysql`.',
  }
}

export function nginxPart(options: SiteOptions): PartDefinition {
  const { run } = siteFolders(options.dir)
  return {
    part: 'nginx',
    command: findProgram('nginx'),
    args: ['-e', join(run, 'nginx-error.log'), '-c', join(run, 'nginx.conf')],
    stage: 1,
    stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    readyTimeoutMs: 30_000,
    ready: () => answers(`${siteUrl(options.port)}/robots.txt`),
    remedy: 'Read the log. The configuration comes from legacy-fixtures/conf/nginx.conf.template.',
  }
}

// --- internal ---

const configurationFiles = [
  ['nginx.conf.template', 'nginx.conf'],
  ['php-fpm.conf.template', 'php-fpm.conf'],
  ['php.ini', 'php.ini'],
] as const
const phpWorkers = 6

function templateWords(options: SiteOptions): Readonly<Record<string, string>> {
  // Only root can give the workers another account. Anybody else stays what they are, named by number: it may have no name.
  const isRoot = process.getuid?.() === 0
  return {
    ...siteFolders(options.dir),
    port: String(options.port),
    docroot: join(options.checkout, 'legacy-fixtures', 'site'),
    socket: fpmSocket(options.dir),
    user: isRoot ? 'root' : String(process.getuid?.()),
    group: isRoot ? 'root' : String(process.getgid?.()),
    workers: String(phpWorkers),
    db_host: '127.0.0.1',
    db_port: String(options.mariadbPort),
    db_user: siteAccount.user,
    db_pass: siteAccount.password,
    db_name: siteDatabase,
    secret: siteSecret(options.dir),
  }
}

function fill(text: string, words: Readonly<Record<string, string>>, template: string): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, word: string) => {
    const value = words[word]
    if (value === undefined) throw new Error(`${template} has the unknown word {{${word}}}`)
    return value
  })
}

/** The templates put their logs into the run folder; a person looks for them where all logs are. */
function linkLogs(dir: string, run: string): void {
  const logs = {
    'nginx-error.log': 'nginx',
    'php-fpm.log': 'php',
    'php-error.log': 'php',
    'nginx-access.log': 'access',
  }
  for (const [file, log] of Object.entries(logs)) {
    const link = join(run, file)
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(logFile(dir, log), link)
  }
  rotateLog(dir, 'access')
}

function siteSecret(dir: string): string {
  const file = join(siteFolders(dir).run, 'secret')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

function fpmSocket(dir: string): string {
  return socketPath(dir, 'php-fpm')
}
