import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg, { type ClientConfig, type CustomTypesConfig, type Pool } from 'pg'
import { AppError } from '../platform/index.ts'
import { postgresProblem } from './connection-problem.ts'

/** The modern Postgres: a pool whose lossy types come back as text, in UTC, and Drizzle over it. */
export interface Postgres {
  readonly pool: Pool
  /** For handlers: Drizzle over the pool. */
  readonly database: NodePgDatabase
  /** Host and port, for messages. */
  readonly place: string
  /** One connection outside the pool; the caller ends it. */
  connect(options?: Pick<ClientConfig, 'query_timeout'> & { readonly pipeline?: boolean }): Promise<pg.Client>
  close(): Promise<void>
}

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string
  readonly connectionsMax?: number
  readonly connectTimeoutMs?: number
}

export function openPostgres(settings: PostgresSettings): Postgres {
  const config = clientConfigOf(settings)
  const pool = new pg.Pool({ ...config, max: settings.connectionsMax ?? 10 })
  // A connection that the server closed. Idle, the pool drops it; lent out, its next query fails; without a listener either
  // would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const place = placeOf(settings.url)
  return {
    pool,
    database: drizzle(pool),
    place,
    connect: async (options = {}) => {
      const client = new pg.Client({ ...config, ...options })
      client.on('error', () => {})
      try {
        await client.connect()
        return client
      } catch (error) {
        throw postgresProblem(error, place)
      }
    },
    close: () => pool.end(),
  }
}

/** Runs `work` in one transaction: commits when it returns, rolls back when it throws. */
export async function withPostgresTransaction<T>(
  db: Postgres,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await db.pool.connect().catch((error: unknown) => {
    throw postgresProblem(error, db.place)
  })
  let healthy = true
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    healthy = await client.query('rollback').then(
      () => true,
      () => false,
    )
    throw error
  } finally {
    client.release(!healthy)
  }
}

/** `a"b` -> `"a""b"`. */
export function quotePostgresName(name: string): string {
  return pg.escapeIdentifier(name)
}

export function quotePostgresText(text: string): string {
  return pg.escapeLiteral(text)
}

// --- internal ---

const builtins = pg.types.builtins
// Dates lose microseconds, intervals their units, and JSON its large numbers when they become JavaScript objects.
const textTypes = new Set<number>([
  builtins.DATE,
  builtins.TIME,
  builtins.TIMETZ,
  builtins.TIMESTAMP,
  builtins.TIMESTAMPTZ,
  builtins.INTERVAL,
  builtins.JSON,
  builtins.JSONB,
])

const exactTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    textTypes.has(oid) ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text')) as never,
}

function clientConfigOf(settings: PostgresSettings): ClientConfig {
  if (!URL.canParse(settings.url) || !/^postgres(ql)?:$/.test(new URL(settings.url).protocol)) {
    throw new AppError('config.invalid', 'the Postgres URL must read postgres://user:password@host:port/database')
  }
  return {
    connectionString: settings.url,
    application_name: 'fig',
    types: exactTypes,
    connectionTimeoutMillis: settings.connectTimeoutMs ?? 5000,
    keepAlive: true,
    // Both in one place, for every session: texts of values must not depend on the server's settings.
    options:
      '-c timezone=UTC -c datestyle=ISO,YMD -c bytea_output=hex -c extra_float_digits=1 -c client_min_messages=warning',
  }
}

function placeOf(text: string): string {
  const url = new URL(text)
  return `${url.hostname || 'localhost'}:${url.port || 5432}${url.pathname}`
}
