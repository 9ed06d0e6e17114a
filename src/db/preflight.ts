import type { RowDataPacket } from 'mysql2/promise'
import { AppError } from '../platform/index.ts'
import { databaseErrorCode, mysqlProblem } from './connection-problem.ts'
import type { Mysql } from './mysql.ts'

/**
 * Whether the changes of this server can be followed: every reason against it at once, each with its remedy.
 * @throws AppError 'sync.unsuitable-source' or 'database.unreachable'
 */
export async function checkBinlogSource(db: Mysql): Promise<void> {
  const problems = [...(await variableProblems(db)), ...(await privilegeProblems(db))]
  if (problems.length > 0) {
    throw new AppError(
      'sync.unsuitable-source',
      `the changes of MySQL at ${db.place} cannot be followed:\n  ${problems.join('\n  ')}`,
    )
  }
}

// --- internal ---

const wanted = [
  { name: 'log_bin', good: ['1', 'ON'], remedy: 'start the server with log_bin (its binary log)' },
  { name: 'binlog_format', good: ['ROW'], remedy: 'set binlog_format=ROW: other formats hide rows' },
  { name: 'binlog_row_image', good: ['FULL'], remedy: 'set binlog_row_image=FULL: guards need whole before-images' },
  { name: 'binlog_row_metadata', good: ['FULL'], remedy: 'set binlog_row_metadata=FULL: columns are told by name' },
] as const

async function variableProblems(db: Mysql): Promise<readonly string[]> {
  const rows = await query(
    db,
    `show global variables where variable_name in ('version', 'server_id', ${wanted.map(({ name }) => `'${name}'`).join(', ')})`,
  )
  const values = new Map(rows.map((row) => [String(row.Variable_name).toLowerCase(), String(row.Value)]))
  const problems = wanted
    .filter(({ name, good }) => !(good as readonly string[]).includes((values.get(name) ?? '').toUpperCase()))
    .map(({ name, remedy }) => `${name} is ${values.get(name) ?? 'not known to this server'}; ${remedy}`)
  const version = values.get('version') ?? ''
  if (!/mariadb/i.test(version)) {
    problems.push(`the server is ${version}, not MariaDB; only MariaDB's transaction ids are followed so far`)
  } else if (/^10\.[0-4]\./.test(version)) {
    problems.push(`the server is ${version}; MariaDB 10.5 or later is needed`)
  }
  if (values.get('server_id') === '0') problems.push('server_id is 0; set it to any other number')
  return problems
}

async function privilegeProblems(db: Mysql): Promise<readonly string[]> {
  const rows = await query(db, 'show grants')
  const grants = rows.map((row) => String(Object.values(row)[0]).toUpperCase())
  const everywhere = grants.filter((grant) => / ON \*\.\* TO /.test(grant)).join(' ')
  const has = (...names: readonly string[]) =>
    everywhere.includes('ALL PRIVILEGES') || names.some((name) => everywhere.includes(name))
  return [
    ...(has('REPLICATION SLAVE') ? [] : ['the user lacks REPLICATION SLAVE; grant replication slave on *.* to it']),
    ...(has('BINLOG MONITOR', 'REPLICATION CLIENT', 'SUPER')
      ? []
      : ['the user lacks BINLOG MONITOR; grant binlog monitor on *.* to it']),
  ]
}

async function query(db: Mysql, sql: string): Promise<readonly RowDataPacket[]> {
  try {
    const [rows] = await db.pool.query<RowDataPacket[]>(sql)
    return rows
  } catch (error) {
    const code = databaseErrorCode(error)
    throw code === undefined ? error : mysqlProblem(error, db.place)
  }
}
