/** MySQL and Postgres of a stack, compared row by row under the mapping. */
import { setTimeout as delay } from 'node:timers/promises'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import type { StackDescription } from '../scripts/stack/index.ts'
import { openMysql, openPostgres } from '../src/db/index.ts'
import type { VerifyReport } from '../src/sync/index.ts'
import { compileMapping } from '../src/sync/mapping/compile.ts'
import { verifyGroup } from '../src/sync/verify/verify-group.ts'
import definition from '../sync.config.ts'

/** Waits until Fig has applied all that MySQL holds, and compares. Whoever writes has to have stopped. */
export async function compareStores(
  stack: Pick<StackDescription, 'mysqlUrl' | 'operatorUrl' | 'figEnvironment'>,
): Promise<readonly VerifyReport[]> {
  await waitUntilApplied(stack)
  const { FIG_MYSQL_URL = '', FIG_POSTGRES_URL = '' } = stack.figEnvironment
  const mysql = openMysql({ url: FIG_MYSQL_URL })
  const postgres = openPostgres({ url: FIG_POSTGRES_URL })
  // Not Sync.verify(): that asks a sync of its own whether Postgres has caught up, and here Fig's does the following.
  const caughtUp = () => waitUntilApplied(stack).then(() => true)
  const options = { mysql, postgres, differencesMax: 20, signal: undefined, caughtUp }
  try {
    const reports: VerifyReport[] = []
    for (const [group, tables] of compileMapping(definition).groups)
      reports.push(await verifyGroup({ ...options, group, tables }))
    return reports
  } finally {
    await Promise.all([mysql.close(), postgres.close()])
  }
}

/** What Postgres holds is what MySQL held at the call. */
export async function waitUntilApplied(
  stack: Pick<StackDescription, 'mysqlUrl' | 'operatorUrl'>,
  timeoutMs = 30_000,
): Promise<void> {
  const wanted = await mysqlPosition(stack.mysqlUrl)
  const deadline = performance.now() + timeoutMs
  let position: string | undefined
  while (performance.now() < deadline) {
    const status = (await (await fetch(`${stack.operatorUrl}/status`)).json()) as SyncPosition
    position = status.sync?.position
    if (position !== undefined && sequenceOf(position) >= sequenceOf(wanted)) return
    await delay(10)
  }
  throw new Error(`Fig has applied up to ${position ?? 'nothing'}, and MySQL stands at ${wanted}`)
}

/** How often Postgres was not as MySQL said, since it was set up. Stays 0 as long as nobody else writes to Postgres. */
export async function countConflicts(stack: Pick<StackDescription, 'figEnvironment'>): Promise<number> {
  const postgres = openPostgres({ url: stack.figEnvironment.FIG_POSTGRES_URL ?? '' })
  try {
    const { rows } = await postgres.pool.query<{ count: string }>('SELECT count(*) FROM fig.conflicts')
    return Number(rows[0]?.count)
  } finally {
    await postgres.close()
  }
}

// --- internal ---

interface SyncPosition {
  readonly sync?: { readonly position?: string }
}

async function mysqlPosition(mysqlUrl: string): Promise<string> {
  const connection = await createConnection(mysqlUrl)
  try {
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@gtid_binlog_pos AS position')
    return String(row?.position)
  } finally {
    await connection.end()
  }
}

/** The stack's MariaDB has one domain: `0-1-4711` is its 4711th transaction. */
function sequenceOf(position: string): number {
  return Number(position.split('-').at(-1))
}
