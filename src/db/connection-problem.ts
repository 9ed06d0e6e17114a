import { AppError } from '../platform/index.ts'

/** Says of a failed MySQL connection what and where, without the password; other errors come back as they are. */
export function mysqlProblem(error: unknown, place: string): unknown {
  return problem(error, `MySQL at ${place}`, mysqlReasons)
}

export function postgresProblem(error: unknown, place: string): unknown {
  return problem(error, `Postgres at ${place}`, postgresReasons)
}

/** The driver's code of an error or of the first cause that has one: SQLSTATE for Postgres, ER_… for MySQL, E… for sockets. */
export function databaseErrorCode(error: unknown): string | undefined {
  for (
    let current: unknown = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  ) {
    if (!(current instanceof AppError) && 'code' in current && typeof current.code === 'string') return current.code
  }
  return undefined
}

// --- internal ---

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start the server or correct host and port',
  ENOTFOUND: 'the host name is not known; correct the host',
  EAI_AGAIN: 'the host name could not be looked up; check DNS',
  ETIMEDOUT: 'no answer in time; check the network and the firewall',
  EHOSTUNREACH: 'the host cannot be reached; check the network',
  ECONNRESET: 'the connection was closed during the greeting; check the server log and its connection limit',
  PROTOCOL_SEQUENCE_TIMEOUT: 'no answer in time; check the network and the load of the server',
  PROTOCOL_CONNECTION_LOST: 'the connection was lost; check that the server still runs',
}

const mysqlReasons: Readonly<Record<string, string>> = {
  ...networkReasons,
  ER_ACCESS_DENIED_ERROR: 'user or password is wrong; correct them in the URL',
  ER_DBACCESS_DENIED_ERROR: 'the user may not use this schema; grant it',
  ER_BAD_DB_ERROR: 'the schema that the URL names does not exist; correct its last part',
  ER_CON_COUNT_ERROR: 'the server has no connection left; raise max_connections or lower the pool sizes',
}

const postgresReasons: Readonly<Record<string, string>> = {
  ...networkReasons,
  '28P01': 'the password is wrong; correct it in the URL',
  '28000': 'the user may not log in from here; correct the user or pg_hba.conf',
  '3D000': 'the database that the URL names does not exist; create it or correct the last part of the URL',
  '53300': 'the server has no connection left; raise max_connections or lower the pool sizes',
  '57P03': 'the server is starting up; try again in a moment',
}

function problem(error: unknown, where: string, reasons: Readonly<Record<string, string>>): unknown {
  const code = networkCode(error) ?? databaseErrorCode(error)
  const reason = code === undefined ? undefined : reasons[code]
  if (reason === undefined) return error
  return new AppError('database.unreachable', `${where}: ${reason} (${code})`, { cause: error })
}

/** Node reports a name with several addresses as one AggregateError. */
function networkCode(error: unknown): string | undefined {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined
  return first instanceof Error && 'code' in first ? String(first.code) : undefined
}
