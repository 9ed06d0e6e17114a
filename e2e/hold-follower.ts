import { Client } from 'pg'
import type { StackDescription } from '../scripts/stack/index.ts'

/** While `work` runs, Postgres can be read, but what MySQL's binlog brings has to wait. */
export async function holdFollower(
  stack: Pick<StackDescription, 'figEnvironment'>,
  work: () => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: stack.figEnvironment.FIG_POSTGRES_URL })
  await client.connect()
  try {
    await client.query('begin')
    await client.query('lock table mods, endorsements, comments in exclusive mode')
    await work()
  } finally {
    await client.end() // rolls back
  }
}
