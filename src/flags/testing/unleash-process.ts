import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import type { UnleashAccess } from './unleash-admin.ts'

/** A real Unleash of a test's own, on a database of its own, that can be killed and started again. */
export interface UnleashProcess extends UnleashAccess, AsyncDisposable {
  readonly clientToken: string
  start(): Promise<void>
  kill(): Promise<void>
}

export async function openUnleash(postgresUrl: string): Promise<UnleashProcess> {
  const database = `fig_flags_${process.pid}_${Date.now().toString(36)}`
  await administer(postgresUrl, `create database ${database}`)
  const port = await freePort()
  const adminToken = '*:*.admin-of-this-test'
  const clientToken = 'default:development.client-of-this-test'
  const url = `http://127.0.0.1:${port}`
  const databaseUrl = new URL(postgresUrl)
  databaseUrl.pathname = `/${database}`
  const environment = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl.href,
    DATABASE_SSL: 'false',
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
    INIT_ADMIN_API_TOKENS: adminToken,
    INIT_CLIENT_API_TOKENS: clientToken,
    CHECK_VERSION: 'false',
    SEND_TELEMETRY: 'false',
    LOG_LEVEL: 'error',
  }
  let child: ChildProcess | undefined
  const kill = async () => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return
    ending.kill('SIGKILL')
    await once(ending, 'exit')
  }
  return {
    url,
    adminToken,
    clientToken,
    kill,
    async start() {
      child = spawn(process.execPath, [serverEntry], { env: environment, stdio: 'ignore' })
      await untilHealthy(url, child)
    },
    async [Symbol.asyncDispose]() {
      await kill()
      await administer(postgresUrl, `drop database ${database} with (force)`)
    },
  }
}

// --- internal ---

const serverEntry = join(import.meta.dirname, '../../../node_modules/unleash-server/dist/server.js')
const startTimeoutMs = 60_000

async function administer(postgresUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`Unleash ended with ${child.exitCode}`)
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Unleash did not start within ${startTimeoutMs} ms`)
}
