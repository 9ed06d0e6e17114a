import http from 'node:http'
import https from 'node:https'
import { connect } from 'node:net'
import { isAppError } from '../platform/index.ts'

/** What a look at one part of the old or the new site gave. */
export interface Check {
  readonly what: 'legacy' | 'mysql' | 'postgres'
  readonly ok: boolean
  /** With the address and without a password. */
  readonly detail: string
}

export interface Addresses {
  /** Several of one site with commas. */
  readonly legacy: string
  readonly mysql: string | undefined
  readonly postgres: string | undefined
}

export async function checkAll({ legacy, mysql, postgres }: Addresses): Promise<readonly Check[]> {
  const checks = [
    ...legacy.split(',').map((url) => checkLegacy(new URL(url.trim()))),
    ...(mysql === undefined ? [] : [checkMysql(mysql)]),
    ...(postgres === undefined ? [] : [checkPostgres(postgres)]),
  ]
  return Promise.all(checks)
}

/** Any answer in HTTP will do: a site may well say 403 or 500 on its first page. */
export async function checkLegacy(url: URL): Promise<Check> {
  const place = url.href.replace(/\/\/[^@/]*@/, '//').replace(/\/$/, '')
  try {
    const said = /^https?:$/.test(url.protocol) ? `answers with status ${await statusOf(url)}` : await reach(url)
    return { what: 'legacy', ok: true, detail: `the legacy site at ${place} ${said}` }
  } catch (error) {
    const why = reasonOf(error)
    return { what: 'legacy', ok: false, detail: `the legacy site at ${place} does not answer: ${why}` }
  }
}

export async function checkMysql(url: string): Promise<Check> {
  // Loaded here: who has no database does not wait for its driver.
  const { openMysql } = await import('../db/index.ts')
  const mysql = openMysql({ url, connectionsMax: 1, connectTimeoutMs: timeoutMs })
  return checkDatabase('mysql', 'MySQL', mysql, async () => {
    const connection = await mysql.connect()
    await connection.end()
  })
}

export async function checkPostgres(url: string): Promise<Check> {
  const { openPostgres } = await import('../db/index.ts')
  const postgres = openPostgres({ url, connectionsMax: 1, connectTimeoutMs: timeoutMs })
  return checkDatabase('postgres', 'Postgres', postgres, async () => {
    const client = await postgres.connect()
    await client.end()
  })
}

// --- internal ---

const timeoutMs = 5_000

async function checkDatabase(
  what: 'mysql' | 'postgres',
  name: string,
  database: { readonly place: string; close(): Promise<void> },
  connectOnce: () => Promise<void>,
): Promise<Check> {
  try {
    await connectOnce()
    return { what, ok: true, detail: `${name} at ${database.place} lets Fig in` }
  } catch (error) {
    const detail = isAppError(error) ? error.message : `${name} at ${database.place}: ${reasonOf(error)}`
    return { what, ok: false, detail }
  } finally {
    await database.close()
  }
}

function statusOf(url: URL): Promise<number> {
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers: { 'user-agent': 'fig init' } }, (response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
    sent.on('error', reject)
    sent.end()
  })
}

/** FastCGI can't be asked without a script: a connection says that somebody is there. */
function reach(url: URL): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const where = host === '' ? { path: decodeURIComponent(url.pathname) } : { host, port: Number(url.port || 9000) }
  return new Promise((resolve, reject) => {
    const socket = connect({ ...where, timeout: timeoutMs })
    socket.once('connect', () => {
      socket.destroy()
      resolve('takes connections')
    })
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
    socket.once('error', reject)
  })
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start the site or correct host and port (ECONNREFUSED)',
  ENOTFOUND: 'the host name is not known; correct the host (ENOTFOUND)',
  EAI_AGAIN: 'the host name could not be looked up; check DNS (EAI_AGAIN)',
  ECONNRESET: 'it closed the connection at once; is this the port of the web server? (ECONNRESET)',
  ENOENT: 'there is no such socket; correct the path (ENOENT)',
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code?.startsWith('HPE_') === true) return `what listens there speaks no HTTP (${code})`
  return (code === undefined ? undefined : reasons[code]) ?? (error.message || (code ?? 'unknown'))
}
