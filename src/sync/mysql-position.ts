import { type Mysql, mysqlProblem, queryMysql } from '../db/index.ts'
import { type GtidPosition, parseGtidPosition } from './capture/gtid.ts'

/**
 * Where MySQL stands now: every transaction that was acknowledged before the call is within the answer. Callers at the same
 * time share one query, but nobody joins one that was sent before they asked: it might not know what they know.
 */
export class MysqlPosition {
  readonly #mysql: Mysql
  #running: Promise<GtidPosition> | undefined
  #next: Promise<GtidPosition> | undefined

  constructor(mysql: Mysql) {
    this.#mysql = mysql
  }

  now(): Promise<GtidPosition> {
    if (this.#running === undefined) return this.#run()
    this.#next ??= this.#running.then(
      () => this.#runNext(),
      () => this.#runNext(),
    )
    return this.#next
  }

  // --- internal ---

  #runNext(): Promise<GtidPosition> {
    this.#next = undefined
    return this.#run()
  }

  #run(): Promise<GtidPosition> {
    const running = this.#query().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }

  async #query(): Promise<GtidPosition> {
    try {
      const sql = 'select @@global.gtid_binlog_pos as position'
      const [row] = await queryMysql(this.#mysql.positionPool, sql, [], queryTimeoutMs)
      return parseGtidPosition(String(row?.position ?? ''))
    } catch (error) {
      throw mysqlProblem(error, this.#mysql.place)
    }
  }
}

const queryTimeoutMs = 2000
