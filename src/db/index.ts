export { databaseErrorCode, mysqlProblem, postgresProblem } from './connection-problem.ts'
export { type Migration, migrateMysql, migratePostgres } from './fig-schema.ts'
export {
  type Mysql,
  type MysqlConnection,
  type MysqlPoolConnection,
  type MysqlSettings,
  openMysql,
  queryMysql,
  quoteMysqlName,
  streamMysqlRows,
  withMysqlConnection,
} from './mysql.ts'
export {
  openPostgres,
  type Postgres,
  type PostgresSettings,
  quotePostgresName,
  quotePostgresText,
  withPostgresTransaction,
} from './postgres.ts'
export { checkBinlogSource } from './preflight.ts'
