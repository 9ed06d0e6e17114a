import { type Mysql, type Postgres, queryMysql, quoteMysqlName, quotePostgresName } from '../db/index.ts'

/**
 * Forgets transaction ids that nobody can ask for any more. In Postgres one whose outbox rows are still there has not come
 * back through the binlog yet, however old it is, and stays. MySQL's are asked for within seconds, after a lost commit.
 */
export async function pruneTransactionIds(postgres: Postgres, mysql: Mysql, ownSchema: string): Promise<void> {
  const own = quotePostgresName(ownSchema)
  await postgres.pool.query(
    `delete from ${own}.applied_transactions a where a.applied_at < now() - interval '1 day'
       and not exists (select from ${own}.outbox o where o.transaction_id = a.id)`,
  )
  const sql = `delete from ${quoteMysqlName(ownSchema)}.transactions where created < now() - interval 1 day limit 10000`
  await queryMysql(mysql.pool, sql, [], queryTimeoutMs)
}

// --- internal ---

const queryTimeoutMs = 2000
