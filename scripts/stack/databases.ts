/** Databases and accounts inside the two servers. Loaded at a first start only, and the drivers with it. */
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { figAccount, figDatabase } from './fig.ts'
import { mariadbUrl } from './mariadb.ts'
import { postgresUrl } from './postgres.ts'
import { siteAccount, siteDatabase } from './site.ts'
import { unleashDatabase } from './unleash.ts'

/** The site's account as its PHP knows it; Fig's with reading, its own schema, and the binlog. */
export async function createMysqlAccounts(port: number): Promise<void> {
  const connection = await createConnection(mariadbUrl(port))
  try {
    for (const statement of [
      `create user if not exists '${siteAccount.user}'@'127.0.0.1' identified by '${siteAccount.password}'`,
      `grant all on \`${siteDatabase}\`.* to '${siteAccount.user}'@'127.0.0.1'`,
      `create user if not exists '${figAccount.user}'@'127.0.0.1' identified by '${figAccount.password}'`,
      `grant select, insert, update, delete, lock tables, show view, trigger on \`${siteDatabase}\`.* to '${figAccount.user}'@'127.0.0.1'`,
      `grant all on \`${figDatabase}\`.* to '${figAccount.user}'@'127.0.0.1'`,
      `grant replication slave, binlog monitor on *.* to '${figAccount.user}'@'127.0.0.1'`,
    ]) {
      await connection.query(statement)
    }
  } finally {
    await connection.end()
  }
}

/** Throws away what an interrupted seed has left. */
export async function emptySite(port: number): Promise<void> {
  const connection = await createConnection(mariadbUrl(port))
  try {
    for (const database of [siteDatabase, figDatabase])
      await connection.query(`drop database if exists \`${database}\``)
  } finally {
    await connection.end()
  }
}

/** Throws away what a Fig has copied from content that is gone. */
export async function emptyFollower(port: number): Promise<void> {
  await onPostgres(port, async (client) => {
    await client.query(`drop database if exists ${figDatabase} with (force)`)
    await client.query(`create database ${figDatabase} owner ${figAccount.user}`)
  })
}

export async function createPostgresDatabases(port: number): Promise<void> {
  await onPostgres(port, async (client) => {
    const { rows } = await client.query('select datname name from pg_database union all select rolname from pg_roles')
    const known = new Set(rows.map(({ name }) => name as string))
    if (!known.has(figAccount.user)) {
      await client.query(`create role ${figAccount.user} login password '${figAccount.password}'`)
    }
    if (!known.has(unleashDatabase)) await client.query(`create database ${unleashDatabase}`)
    if (!known.has(figDatabase)) await client.query(`create database ${figDatabase} owner ${figAccount.user}`)
  })
}

// --- internal ---

async function onPostgres(port: number, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl(port) })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
