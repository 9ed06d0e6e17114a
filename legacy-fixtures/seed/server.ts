import { connect as connectSocket, type Socket } from 'node:net'
import mysql from 'mysql2/promise'
import { SeedError } from './seed-error.ts'

export interface ServerOptions {
  readonly host?: string
  readonly port?: number
  // A local socket file; wins over host and port.
  readonly socketPath?: string
  readonly user: string
  readonly password?: string
}

// The connection with the socket under it: mysql2 does not hold a LOAD DATA stream back, so the loader watches the
// socket's own buffer.
export interface Server extends AsyncDisposable {
  readonly connection: mysql.Connection
  readonly socket: Socket
}

export async function openServer(options: ServerOptions): Promise<Server> {
  const { host = '127.0.0.1', port = 3306, socketPath } = options
  const where = socketPath ?? `${host}:${port}`
  const socket = socketPath === undefined ? connectSocket({ host, port, noDelay: true }) : connectSocket(socketPath)
  try {
    const connection = await mysql.createConnection({
      user: options.user,
      password: options.password ?? '',
      stream: socket,
      charset: 'utf8mb4_general_ci',
      timezone: 'Z',
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      connectTimeout: connectTimeoutMs,
    })
    // A connection that breaks while a statement runs fails that statement; without a listener it would end the process too.
    connection.on('error', () => {})
    return { connection, socket, [Symbol.asyncDispose]: () => close(connection, socket) }
  } catch (error) {
    socket.destroy()
    throw connectError(error, where, options.user)
  }
}

// What the seed needs to be able to do, asked before anything is made.
export async function prepareSession({ connection }: Server, writesBinlog: boolean): Promise<void> {
  const [rows] = await connection.query<mysql.RowDataPacket[]>(
    'SELECT @@local_infile AS local_infile, @@log_bin AS log_bin',
  )
  if (Number(rows[0]?.local_infile) !== 1) {
    throw new SeedError(
      'local-infile-off',
      'The server refuses LOAD DATA LOCAL. Start it with --local-infile=1, or run SET GLOBAL local_infile = 1.',
    )
  }
  if (Number(rows[0]?.log_bin) === 1 && !writesBinlog) await leaveBinlogAlone(connection)
  // The legacy site's own way of talking to MySQL, and what its odd dates need: 2001-02-30 is only let in like this.
  await connection.query("SET NAMES utf8mb4, time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'")
  await connection.query('SET unique_checks = 0, foreign_key_checks = 0')
}

export function mysqlErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

// --- internal ---

const connectTimeoutMs = 10_000

// A seed is made before anything reads the binlog, and a million mods would be gigabytes of it.
async function leaveBinlogAlone(connection: mysql.Connection): Promise<void> {
  try {
    await connection.query('SET SESSION sql_log_bin = 0')
  } catch (error) {
    throw new SeedError(
      'privilege-missing',
      'The account may not switch off the binlog for its session. Grant it BINLOG ADMIN, or pass --binlog to write the seed there.',
      error,
    )
  }
}

function connectError(error: unknown, where: string, user: string): SeedError {
  const code = mysqlErrorCode(error)
  if (code === 'ER_ACCESS_DENIED_ERROR' || code === 'ER_DBACCESS_DENIED_ERROR') {
    return new SeedError('access-denied', `${where} does not let '${user}' in. Check --user and --password.`, error)
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error))
  return new SeedError(
    'server-unreachable',
    `No MariaDB or MySQL server answers at ${where} (${reason}). Start it, or check --host and --port.`,
    error,
  )
}

async function close(connection: mysql.Connection, socket: Socket): Promise<void> {
  if (!socket.destroyed) await connection.end().catch(() => connection.destroy())
  socket.destroy()
}
