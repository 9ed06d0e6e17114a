/** Two copies of one application, each with php-fpm, nginx and a database, and Fig in front of the second. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beginLifetime } from '../scripts/stack/lifetime.ts'
import { claimPlace, type Place, removeAbandonedStacks, socketPath, stackRoot } from '../scripts/stack/place.ts'
import type { Application, Installation } from './application.ts'
import { copyDatabase, createDatabase, databaseAt, databaseEnvironment, runSql } from './databases.ts'
import { unpackPackages } from './debian-packages.ts'
import { type HttpClient, http1Client, http2Client } from './http-client.ts'
import { begin, type CompatPorts, databasePart, figPart, nginxPart, phpPart, reservePorts } from './parts.ts'
import { missingExtensions, writeExtensionSettings } from './php-extensions.ts'
import { CompatProblem } from './problem.ts'
import { runProgram } from './run-program.ts'
import { type Both, both, type SideName, sideNames } from './sides.ts'
import { fpmSettings, nginxSettings, phpSettings, publicHost, type ServedSite } from './web-server-settings.ts'

export interface ServedPair {
  /** Of the application, as Debian numbers it. */
  readonly version: string
  readonly folder: string
  readonly http1: () => Both<HttpClient>
  /** The site itself in HTTP/1.1, Fig in HTTP/2 over TLS. */
  readonly http2: () => Both<HttpClient>
  stop(): Promise<void>
}

export interface ServeOptions {
  readonly checkout: string
  readonly keep: boolean
  readonly signal: AbortSignal
  readonly say: (what: string) => void
}

const prefix = 'compat-'

export async function servePair(application: Application, options: ServeOptions): Promise<ServedPair> {
  const all = stackRoot(options.checkout)
  await removeAbandonedStacks(options.checkout, prefix)
  const place = await claimPlace(join(all, `${prefix}${application.name}-${randomBytes(3).toString('hex')}`))
  const lifetime = beginLifetime(place, { temporary: !options.keep })
  const ports = await reservePorts()
  const stop = async (): Promise<void> => {
    await lifetime.stop()
    ports.release()
  }
  try {
    const running = await startAll(application, {
      ...options,
      place,
      ports,
      store: join(all, 'debian-packages'),
    })
    return { ...running, folder: place.dir, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// --- internal ---

interface Start extends ServeOptions {
  readonly place: Place
  readonly ports: CompatPorts
  readonly store: string
}

type Running = Omit<ServedPair, 'stop' | 'folder'>

async function startAll(application: Application, start: Start): Promise<Running> {
  const { place, ports, say } = start
  say('unpacking packages')
  const extensions = await missingExtensions(application.extensions)
  const root = join(place.dir, 'packages')
  // For mariadb-dump: the machine may have the server alone.
  const tools = application.needsDatabase ? ['mariadb-client'] : []
  const names = [...application.packages, ...extensions.packages, ...tools]
  const unpacked = await unpackPackages(names, start.store, root)
  const scanned = join(place.dir, 'php')
  const environment = writeExtensionSettings(extensions.modules, [...phpSettings, ...(application.phpSettings ?? [])], {
    root,
    folder: scanned,
  })
  const sites = both((side) => siteOf(side, start))
  for (const side of sideNames) makeFolders(sites[side])
  await application.layOut({ root, ...sites.direct })
  if (application.needsDatabase) await startDatabases(sites, start)
  writeSettings(application, sites, start)
  await begin(start, phpPart(place, environment))
  await begin(start, nginxPart(place, ports))
  say('installing')
  const ofSite = { ...databaseEnvironment(sites.direct.database), COMPAT_STORAGE: sites.direct.storage }
  await application.install(installationOf(sites.direct, { ...environment, ...ofSite }))
  await copySite(application, sites, start)
  const certificate = await makeCertificate(place.dir)
  await begin(start, figPart(place, ports, { checkout: start.checkout, environment: application.figSettings ?? {} }))
  const origins = { direct: `http://127.0.0.1:${ports.nginx.direct}`, fig: `http://127.0.0.1:${ports.fig.http}` }
  const secureOrigin = `https://127.0.0.1:${ports.fig.https}`
  return {
    version: unpacked.versions.get(application.packages[0] ?? '') ?? 'unknown',
    http1: () => both((side) => http1Client(origins[side], publicHost)),
    http2: () => ({
      direct: http1Client(origins.direct, publicHost),
      fig: http2Client(secureOrigin, publicHost, certificate),
    }),
  }
}

function siteOf(side: SideName, { place, ports }: Start): ServedSite {
  const folder = join(place.dir, side)
  return {
    side,
    port: ports.nginx[side],
    socket: socketPath(place.dir, `php-${side}`),
    database: databaseAt(ports.database[side]),
    documents: join(folder, 'documents'),
    storage: join(folder, 'storage'),
  }
}

function makeFolders(site: ServedSite): void {
  for (const name of ['sessions', 'temporary']) mkdirSync(join(site.storage, name), { recursive: true })
}

async function startDatabases(sites: Both<ServedSite>, start: Start): Promise<void> {
  for (const side of sideNames) {
    const { database } = sites[side]
    const folder = { dir: join(start.place.dir, side), port: database.port, durable: false }
    await createDatabase(folder, database, () => begin(start, databasePart(side, folder)))
  }
}

function writeSettings(application: Application, sites: Both<ServedSite>, start: Start): void {
  const { dir } = start.place
  const served = sideNames.map((side) => sites[side])
  writeFileSync(join(dir, 'php-fpm.conf'), fpmSettings(dir, served))
  writeFileSync(join(dir, 'nginx.conf'), nginxSettings(dir, served, application.nginxRules))
}

function installationOf(site: ServedSite, environment: Readonly<Record<string, string>>): Installation {
  const client = http1Client(`http://127.0.0.1:${site.port}`, publicHost)
  return {
    ...site,
    post: async (target, form) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' }
      const body = new URLSearchParams(form).toString()
      const answer = await client.ask({ method: 'POST', target, headers, body })
      const problem = `The installer answers ${answer.status}: ${answer.body.toString('utf8').slice(0, 1_000)}`
      if (answer.status >= 400) throw new CompatProblem(problem, 'See its log with --keep.')
      return answer.body.toString('utf8')
    },
    php: (words) => runProgram(['php', ...words], { cwd: site.documents, environment }),
    sql: (statements) => runSql(site.database, statements),
  }
}

/** Files keep their times, which validators are made of. */
async function copySite(application: Application, sites: Both<ServedSite>, start: Start): Promise<void> {
  for (const folder of ['documents', 'storage'] as const) {
    await runProgram(['cp', '--archive', `${sites.direct[folder]}/.`, sites.fig[folder]])
  }
  if (!application.needsDatabase) return
  await copyDatabase(sites.direct.database, sites.fig.database, join(start.place.dir, 'packages/usr/bin/mariadb-dump'))
}

async function makeCertificate(dir: string): Promise<string> {
  const files = { certificate: join(dir, 'certificate.pem'), key: join(dir, 'key.pem') }
  const names = ['-subj', `/CN=${publicHost}`, '-addext', `subjectAltName=DNS:${publicHost}`]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await runProgram(['openssl', 'req', '-x509', ...kind, '-keyout', files.key, '-out', files.certificate, ...names])
  return readFileSync(files.certificate, 'utf8')
}
