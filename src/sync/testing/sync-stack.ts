import { randomBytes } from 'node:crypto'
import type { RowDataPacket } from 'mysql2/promise'
import { type Mysql, openMysql, openPostgres, type Postgres } from '../../db/index.ts'
import { type Logger, silentLogger } from '../../platform/index.ts'
import { createSync } from '../create-sync.ts'
import type { Sync, SyncDefinition, SyncLimits } from '../index.ts'

export interface SyncStackOptions {
  /** Root's URL of a MariaDB and superuser's URL of a Postgres: `inject('mysqlUrl')`, `inject('postgresUrl')`. */
  readonly mysqlUrl: string
  readonly postgresUrl: string
  readonly definition: SyncDefinition
  readonly legacySchema: readonly string[]
  readonly limits?: Partial<SyncLimits>
  readonly log?: Logger
}

/** A legacy schema, a Postgres database and Fig's schema of their own, with helpers; all dropped in the end. */
export class SyncStack implements AsyncDisposable {
  readonly mysql: Mysql
  readonly postgres: Postgres
  readonly ownSchema: string
  readonly urls: { readonly mysql: string; readonly postgres: string }
  readonly #options: SyncStackOptions
  readonly #syncs = new Set<Sync>()
  readonly #name: string

  static async open(options: SyncStackOptions): Promise<SyncStack> {
    const name = `fig_t_${randomBytes(5).toString('hex')}`
    const root = openMysql({ url: withDatabase(options.mysqlUrl, 'mysql') })
    await root.pool.query(`create database ${name} character set latin1`)
    await root.close()
    const superuser = openPostgres({ url: options.postgresUrl })
    await superuser.pool.query(`create database ${name}`)
    await superuser.close()
    const stack = new SyncStack(options, name)
    for (const statement of options.legacySchema) await stack.mysql.pool.query(statement)
    return stack
  }

  private constructor(options: SyncStackOptions, name: string) {
    this.#options = options
    this.#name = name
    this.ownSchema = `${name}_own`
    this.urls = { mysql: withDatabase(options.mysqlUrl, name), postgres: withDatabase(options.postgresUrl, name) }
    this.mysql = openMysql({ url: this.urls.mysql })
    this.postgres = openPostgres({ url: this.urls.postgres })
  }

  /** A sync over this stack's stores; closed with the stack. */
  sync(limits: Partial<SyncLimits> = {}, mysql: Mysql = this.mysql): Sync {
    const sync = createSync({
      definition: this.#options.definition,
      mysql,
      postgres: this.postgres,
      ownSchema: this.ownSchema,
      log: this.#options.log ?? silentLogger(),
      limits: { ...this.#options.limits, ...limits },
    })
    this.#syncs.add(sync)
    return sync
  }

  async started(limits: Partial<SyncLimits> = {}): Promise<Sync> {
    const sync = this.sync(limits)
    await sync.setup()
    await sync.start()
    return sync
  }

  /** Runs statements as the legacy site does: its own connection, no strict mode. */
  async legacy(...statements: readonly string[]): Promise<void> {
    const connection = await this.mysql.connect()
    try {
      await connection.query("set sql_mode = ''")
      for (const statement of statements) await connection.query(statement)
    } finally {
      await connection.end()
    }
  }

  async legacyRows(sql: string): Promise<readonly Record<string, unknown>[]> {
    const [rows] = await this.mysql.pool.query<RowDataPacket[]>(sql)
    return rows
  }

  async modernRows(sql: string): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await this.postgres.pool.query<Record<string, unknown>>(sql)
    return rows
  }

  async conflicts(): Promise<readonly Record<string, unknown>[]> {
    return this.modernRows(`select * from "${this.ownSchema}".conflicts order by id`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#syncs].map((sync) => sync.close()))
    await this.mysql.pool.query(`drop database if exists ${this.#name}`)
    await this.mysql.pool.query(`drop database if exists ${this.ownSchema}`)
    await Promise.all([this.mysql.close(), this.postgres.close()])
    const superuser = openPostgres({ url: this.#options.postgresUrl })
    await superuser.pool.query(`drop database if exists ${this.#name} with (force)`)
    await superuser.close()
  }
}

/** Waits for a condition of the real world; fails with what it saw last. */
export async function until<T>(look: () => Promise<T>, good: (seen: T) => boolean, timeoutMs = 10_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const seen = await look()
    if (good(seen)) return seen
    if (performance.now() > deadline)
      throw new Error(`not so within ${timeoutMs} ms; last seen: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

// --- internal ---

function withDatabase(text: string, name: string): string {
  const url = new URL(text)
  url.pathname = `/${name}`
  return url.href
}
