// A process to be killed: follows MySQL and writes through sync.transaction as told, acknowledging on standard output.
//   node crash-child.ts <mysqlUrl> <postgresUrl> <ownSchema> <fault specification or -> <number of transactions>
import { eq, sql } from 'drizzle-orm'
import { openMysql, openPostgres } from '../../db/index.ts'
import { createLogger, enableFaultPoints } from '../../platform/index.ts'
import { createSync } from '../create-sync.ts'
import { authors, books, definition } from './specimens.ts'

const [mysqlUrl = '', postgresUrl = '', ownSchema = '', faults = '-', transactions = '0'] = process.argv.slice(2)

const mysql = openMysql({ url: mysqlUrl })
const postgres = openPostgres({ url: postgresUrl })
const log = createLogger({ level: 'warn', destination: { write: (line) => process.stderr.write(line) } })
const sync = createSync({ definition, mysql, postgres, ownSchema, log })
await sync.start()
if (faults !== '-') enableFaultPoints(faults, { production: false })
process.stdout.write('started\n')

for (let number = 1; number <= Number(transactions); number += 1) {
  await sync.transaction('library', async (tx) => {
    await tx
      .update(authors)
      .set({ visits: sql`${authors.visits} + 1` })
      .where(eq(authors.id, 1))
    await tx
      .insert(books)
      .values({ authorId: 1, number: sql`(select coalesce(max(number), 0) + 1 from books)`, title: 'x' })
  })
  process.stdout.write(`acknowledged ${number}\n`)
}
// Goes on following until it is killed.
