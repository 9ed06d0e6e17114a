import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { postgresPart, postgresUrl, preparePostgres } from '../../../scripts/stack/postgres.ts'

/** A Postgres server of a test's own, which it may stop and start. */
export class OwnPostgres implements AsyncDisposable {
  readonly url: string
  readonly #options: {
    readonly checkout: string
    readonly dir: string
    readonly port: number
    readonly durable: boolean
  }
  #server: ChildProcess | undefined

  /** @param dir gone afterwards; where all stacks of this checkout have theirs */
  static async open(dir: string): Promise<OwnPostgres> {
    const checkout = join(import.meta.dirname, '..', '..', '..')
    const options = { checkout, dir, port: await freePort(), durable: false }
    await preparePostgres(options)
    const postgres = new OwnPostgres(options)
    await postgres.start()
    return postgres
  }

  private constructor(options: { checkout: string; dir: string; port: number; durable: boolean }) {
    this.#options = options
    this.url = postgresUrl(options.port)
  }

  async start(): Promise<void> {
    const part = postgresPart(this.#options)
    const server = spawn(part.command, [...part.args], {
      ...part.user,
      env: { ...part.env },
      cwd: '/',
      stdio: 'ignore',
    })
    this.#server = server
    await once(server, 'spawn')
    while ((await part.ready(server.pid ?? 0)) !== true) {
      if (server.exitCode !== null) throw new Error(`Postgres ended with ${server.exitCode} instead of starting`)
      await delay(10)
    }
  }

  /** As `kill -9` of the whole server does for its clients: their connections end at once. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const exit = once(server, 'exit')
    server.kill('SIGQUIT')
    await exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(dirname(join(this.#options.dir, 'postgres')), { recursive: true, force: true })
  }
}

// --- internal ---

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
