import type { Readable } from 'node:stream'
import type { Connection as CoreConnection } from 'mysql2'
import mysql, {
  type Connection,
  type ConnectionOptions,
  type Pool,
  type PoolConnection,
  type RowDataPacket,
} from 'mysql2/promise'
import { AppError } from '../platform/index.ts'
import { databaseErrorCode, mysqlProblem } from './connection-problem.ts'

export type { Connection as MysqlConnection, PoolConnection as MysqlPoolConnection } from 'mysql2/promise'

/** The legacy MySQL or MariaDB: pools whose values come back as exact text, in UTC, whatever the server's defaults are. */
export interface Mysql {
  /** The legacy schema that the URL names. */
  readonly schema: string
  /** For drivers that open their own connection (the binlog reader). */
  readonly connectionOptions: ConnectionOptions
  readonly pool: Pool
  /** A pool of one, so that asking for the position never queues behind writers. */
  readonly positionPool: Pool
  /** Host and port, for messages. */
  readonly place: string
  /** One connection outside the pools; the caller ends it. */
  connect(): Promise<Connection>
  close(): Promise<void>
}

export interface MysqlSettings {
  /** `mysql://user:password@host:port/schema` */
  readonly url: string
  readonly connectionsMax?: number
  readonly connectTimeoutMs?: number
}

export function openMysql(settings: MysqlSettings): Mysql {
  const connectionOptions = connectionOptionsOf(settings)
  const place = `${connectionOptions.host}:${connectionOptions.port}`
  const pools = [settings.connectionsMax ?? 10, 1].map((connectionLimit) =>
    prepared(mysql.createPool({ ...connectionOptions, connectionLimit })),
  )
  const [pool, positionPool] = pools as [Pool, Pool]
  return {
    schema: connectionOptions.database ?? '',
    connectionOptions,
    pool,
    positionPool,
    place,
    connect: async () => {
      try {
        const connection = await mysql.createConnection(connectionOptions)
        await connection.query(sessionSettings)
        return connection
      } catch (error) {
        throw mysqlProblem(error, place)
      }
    },
    close: async () => {
      await Promise.all([pool.end(), positionPool.end()])
    },
  }
}

/** Lends one pooled connection to `work`; one that failed is not used again. */
export async function withMysqlConnection<T>(db: Mysql, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await db.pool.getConnection().catch((error: unknown) => {
    throw mysqlProblem(error, db.place)
  })
  let healthy = false
  try {
    const result = await work(connection)
    healthy = true
    return result
  } finally {
    // A connection that failed may hold an open transaction or a half-read answer: it does not go back to the pool.
    if (healthy) connection.release()
    else connection.destroy()
  }
}

/** One query on a pooled connection. A connection that does not answer in time is given up, and the next one is a new one. */
export async function queryMysql(
  pool: Pool,
  sql: string,
  values: readonly unknown[],
  timeoutMs: number,
): Promise<readonly RowDataPacket[]> {
  const connection = await pool.getConnection()
  try {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: timeoutMs }, [...values])
    connection.release()
    return rows
  } catch (error) {
    if (databaseErrorCode(error)?.startsWith('ER_') === true) connection.release()
    else connection.destroy()
    throw error
  }
}

/** The rows of a query one by one, in constant memory: as objects, or as arrays where so asked. */
export function streamMysqlRows(
  connection: Connection,
  sql: string,
  options: { readonly rowsAsArray?: boolean } = {},
): Readable {
  // The promise wrapper has the connection that can stream, but not in its type.
  const { connection: core } = connection as unknown as { readonly connection: CoreConnection }
  return core.query({ sql, rowsAsArray: options.rowsAsArray ?? false }).stream({ highWaterMark: 1000 })
}

/** `a`b` -> `` `a``b` ``. */
export function quoteMysqlName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

// --- internal ---

// Not strict: what PHP may store (zero and impossible dates, enum '') Fig must be able to store too; what MySQL alters then
// comes back through the binlog. READ COMMITTED takes no gap locks, so writers meet only on rows they really share.
const sessionSettings = [
  "SET SESSION time_zone = '+00:00'",
  "sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'",
  'innodb_lock_wait_timeout = 5',
  'net_write_timeout = 600',
].join(', ')

function prepared(pool: Pool): Pool {
  // The event hands out the callback-style connection; what it queues runs before anything that the borrower sends.
  pool.pool.on('connection', (connection) => {
    connection.query(sessionSettings)
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  })
  return pool
}

function connectionOptionsOf(settings: MysqlSettings): ConnectionOptions {
  const url = URL.canParse(settings.url) ? new URL(settings.url) : undefined
  const schema = decodeURIComponent(url?.pathname.slice(1) ?? '')
  if (url === undefined || !['mysql:', 'mariadb:'].includes(url.protocol) || schema === '') {
    throw new AppError('config.invalid', 'the MySQL URL must read mysql://user:password@host:port/schema')
  }
  return {
    host: url.hostname === '' ? '127.0.0.1' : url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: schema,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    connectTimeout: settings.connectTimeoutMs ?? 5000,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
  }
}
