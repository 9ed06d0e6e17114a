import type { ClientBase } from 'pg'
import { AppError } from '../platform/index.ts'
import { type Mysql, quoteMysqlName } from './mysql.ts'
import { quotePostgresName } from './postgres.ts'

/**
 * Fig's own tables, in a schema of their own in both databases; the site's schemas are never altered.
 * A migration is never edited once released: add the next one. `breaking` marks one that an older Fig cannot live with.
 */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly breaking: boolean
  readonly statements: readonly string[]
}

/** Brings Fig's Postgres schema up to date. Safe to run at every start and from several processes. */
export async function migratePostgres(
  client: ClientBase,
  schema: string,
  list: readonly Migration[] = migrations,
): Promise<void> {
  const own = quotePostgresName(schema)
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}/migrate`])
    await client.query(`create schema if not exists ${own}`)
    await client.query(
      `create table if not exists ${own}.migrations (
         version integer primary key, name text not null, breaking boolean not null,
         applied_at timestamptz not null default now())`,
    )
    const { rows } = await client.query<{ version: number; name: string; breaking: boolean }>(
      `select version, name, breaking from ${own}.migrations order by version`,
    )
    refuseNewer(rows, list, schema)
    const present = new Set(rows.map((row) => row.version))
    for (const migration of list.filter(({ version }) => !present.has(version))) {
      for (const statement of migration.statements) await client.query(statement.replaceAll('{own}', own))
      await client.query(`insert into ${own}.migrations (version, name, breaking) values ($1, $2, $3)`, [
        migration.version,
        migration.name,
        migration.breaking,
      ])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Fig's own MySQL schema: one table, whose rows carry transaction ids into the binlog. */
export async function migrateMysql(db: Mysql, schema: string): Promise<void> {
  const own = quoteMysqlName(schema)
  // Looked for first: a user without the right to create schemas can still start once an administrator has made it.
  const [present] = await db.pool.query(
    "select 1 from information_schema.tables where table_schema = ? and table_name = 'transactions'",
    [schema],
  )
  if (Array.isArray(present) && present.length > 0) return
  await db.pool.query(`create database if not exists ${own} character set ascii`)
  await db.pool.query(
    `create table if not exists ${own}.transactions (
       id char(36) character set ascii collate ascii_bin not null primary key,
       created timestamp not null default current_timestamp,
       key created (created)) engine=InnoDB`,
  )
}

// --- internal ---

function refuseNewer(
  rows: readonly { version: number; name: string; breaking: boolean }[],
  list: readonly Migration[],
  schema: string,
): void {
  const newest = list.at(-1)?.version ?? 0
  const unknown = rows.find((row) => row.version > newest && row.breaking)
  if (unknown !== undefined) {
    throw new AppError(
      'database.schema-newer',
      `Postgres schema "${schema}" has migration ${unknown.version} (${unknown.name}), which this version of Fig cannot work with`,
    )
  }
}

const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'groups, checkpoints, transactions, outbox, conflicts',
    breaking: true,
    statements: [
      `create table {own}.groups (
         name text primary key,
         phase text not null default 'legacy'
           check (phase in ('legacy', 'backfilling', 'dual', 'fenced', 'modern')),
         owner text not null default 'mysql' check (owner in ('mysql', 'postgres')),
         epoch bigint not null default 1,
         stopped text,
         backfilled_at timestamptz,
         updated_at timestamptz not null default now())`,
      // The position up to which Postgres holds a group's changes; it commits together with the rows. Whoever follows under an
      // older epoch (before the group was copied anew, or changed hands) cannot move it.
      `create table {own}.checkpoints (
         group_name text primary key references {own}.groups (name) on delete cascade,
         epoch bigint not null,
         gtid text not null,
         file text not null,
         file_offset bigint not null,
         updated_at timestamptz not null default now()) with (fillfactor = 50)`,
      // Unique: whoever inserts an id second waits for the first to commit or roll back.
      `create table {own}.applied_transactions (
         id uuid primary key,
         origin text not null check (origin in ('handler', 'binlog')),
         applied_at timestamptz not null default now())`,
      'create index on {own}.applied_transactions (applied_at)',
      // What handlers wrote, captured by row triggers in the same transaction. While MySQL owns a group its rows live until
      // the transaction has come back through the binlog: what MySQL made of it is compared with what the handler wrote.
      `create table {own}.outbox (
         id bigint generated always as identity primary key,
         transaction_id uuid not null,
         table_name text not null,
         before jsonb,
         after jsonb,
         created_at timestamptz not null default now())`,
      'create index on {own}.outbox (transaction_id, id)',
      `create table {own}.conflicts (
         id bigint generated always as identity primary key,
         happened_at timestamptz not null default now(),
         group_name text not null,
         table_name text not null,
         key jsonb not null,
         kind text not null,
         resolution text not null,
         before jsonb,
         after jsonb,
         found jsonb,
         position text not null)`,
    ],
  },
]
