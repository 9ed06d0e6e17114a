import { setTimeout as delay } from 'node:timers/promises'
import type { RowDataPacket } from 'mysql2/promise'
import {
  databaseErrorCode,
  type Mysql,
  type MysqlPoolConnection,
  mysqlProblem,
  queryMysql,
  quoteMysqlName,
  withMysqlConnection,
} from '../../db/index.ts'
import { AppError, faultPoint } from '../../platform/index.ts'
import { type GtidPosition, parseGtidPosition } from '../capture/gtid.ts'
import type { RowChange } from '../mapping/row-change.ts'
import { guardedWrite, statementTimeoutMs, WriteConflict } from './guarded-write.ts'

export interface MysqlCommitOptions {
  readonly mysql: Mysql
  readonly ownSchema: string
  readonly transactionId: string
  readonly changes: readonly RowChange[]
  /** Whether nothing up to this position of MySQL meets these changes on its way to Postgres. */
  readonly letsPass: (changes: readonly RowChange[], position: GtidPosition) => Promise<boolean>
}

/**
 * Writes the changes to MySQL and commits them: the point of no return. Returns only when MySQL has committed; throws only
 * when it has not, save for 'sync.outcome-unknown'.
 *
 * Right before the commit, with every row locked that this transaction touches, nothing that meets it may still be on its way
 * from MySQL to Postgres: it would be applied over this one. (A value that went from 1 to 2 and back to 1 passes every
 * before-image check.)
 */
export async function commitToMysql(options: MysqlCommitOptions): Promise<void> {
  const { mysql, transactionId, changes } = options
  let committing = false
  try {
    await withMysqlConnection(mysql, async (connection) => {
      await connection.query({ sql: 'start transaction', timeout: statementTimeoutMs })
      await guardedWrite(connection, changes)
      const position = await writeTransactionId(connection, options)
      if (!(await options.letsPass(changes, position))) {
        throw new WriteConflict('changes of the same rows are on their way')
      }
      await faultPoint('sync.before-mysql-commit')
      committing = true
      await connection.query({ sql: 'commit', timeout: statementTimeoutMs })
    })
  } catch (error) {
    if (!committing) throw asConflict(mysqlProblem(error, mysql.place))
    if (await hasCommitted(mysql, options.ownSchema, transactionId, error)) return
    throw new WriteConflict('the connection to MySQL broke before its commit', { cause: error })
  }
}

// --- internal ---

async function writeTransactionId(
  connection: MysqlPoolConnection,
  { ownSchema, transactionId }: MysqlCommitOptions,
): Promise<GtidPosition> {
  // One round trip while rows are locked. Before the commit: the position does not include this transaction.
  const sql = `insert into ${quoteMysqlName(ownSchema)}.transactions (id) values (?) returning @@global.gtid_binlog_pos as position`
  const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: statementTimeoutMs }, [transactionId])
  return parseGtidPosition(String(rows[0]?.position ?? ''))
}

const conflictCodes: ReadonlySet<string> = new Set([
  'ER_DUP_ENTRY',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_NO_REFERENCED_ROW_2',
  'ER_ROW_IS_REFERENCED_2',
])

/** What another writer may have caused may go away on the next attempt. */
function asConflict(error: unknown): unknown {
  const code = databaseErrorCode(error) ?? ''
  if (conflictCodes.has(code)) return new WriteConflict(`MySQL refused the write (${code})`, { cause: error })
  if (!code.startsWith('ER_') || error instanceof AppError) return error
  return new AppError('sync.write-refused', `MySQL refused the write (${code})`, { cause: error })
}

const outcomeAttemptsMax = 10

/**
 * Whether a commit happened whose answer never came. The id is unique: either it is there, or inserting it here makes sure that
 * the lost transaction, should it still be under way, can never commit.
 */
async function hasCommitted(mysql: Mysql, ownSchema: string, transactionId: string, cause: unknown): Promise<boolean> {
  for (let attempt = 1; attempt <= outcomeAttemptsMax; attempt += 1) {
    try {
      const insert = `insert into ${quoteMysqlName(ownSchema)}.transactions (id) values (?)`
      await queryMysql(mysql.pool, insert, [transactionId], statementTimeoutMs)
      return false
    } catch (error) {
      if (databaseErrorCode(error) === 'ER_DUP_ENTRY') return true
      await delay(Math.min(1000, 10 * 2 ** attempt))
    }
  }
  throw new AppError('sync.outcome-unknown', 'MySQL cannot be reached to ask whether it committed', { cause })
}
