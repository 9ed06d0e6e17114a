import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'

describe('the stack that the db tests get', () => {
  it('is a MariaDB whose binlog carries whole rows', async () => {
    const connection = await createConnection(inject('mysqlUrl'))
    const [rows] = await connection.query(
      'select @@log_bin on_, @@binlog_format f, @@binlog_row_image i, @@character_set_server c',
    )
    await connection.end()
    expect(rows).toEqual([{ on_: 1, f: 'ROW', i: 'FULL', c: 'latin1' }])
  })

  it('is a Postgres that can stream its log', async () => {
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    const { rows } = await client.query('show wal_level')
    await client.end()
    expect(rows).toEqual([{ wal_level: 'logical' }])
  })

  it('is an Unleash that knows both tokens', async () => {
    const { url, adminToken, clientToken } = inject('unleash')
    const asAdmin = await fetch(`${url}/api/admin/projects`, { headers: { authorization: adminToken } })
    const asClient = await fetch(`${url}/api/client/features`, { headers: { authorization: clientToken } })
    expect([asAdmin.status, asClient.status]).toEqual([200, 200])
  })
})
