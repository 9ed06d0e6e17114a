import type { Connection, RowDataPacket } from 'mysql2/promise'
import { loadTable } from './load-table.ts'
import { memberCount } from './members.ts'
import { modsMin } from './mod-plan.ts'
import { readSchema, type Schema } from './schema.ts'
import { SeedError } from './seed-error.ts'
import { mysqlErrorCode, openServer, prepareSession, type Server, type ServerOptions } from './server.ts'
import { tableSeeds } from './tables/index.ts'
import { surveyWorld, type World } from './world.ts'

export interface SeedOptions extends ServerOptions {
  readonly database: string
  readonly mods: number
  readonly seed?: number
  // Replace a database of that name that holds tables.
  readonly drop?: boolean
  // Write the rows to the binlog too. Off: a seed comes before anything that reads it.
  readonly binlog?: boolean
  readonly onProgress?: (progress: SeedProgress) => void
  readonly signal?: AbortSignal
}

export interface SeedProgress {
  readonly step: 'schema' | 'rows' | 'triggers' | 'done'
  readonly table: string | undefined
  readonly rows: number
  readonly rowsExpected: number
  // 0 to 1, by what rows cost rather than by how many they are.
  readonly share: number
  readonly elapsedMs: number
}

export interface SeedResult {
  readonly database: string
  readonly mods: number
  readonly seed: number
  readonly rows: number
  readonly rowsByTable: Readonly<Record<string, number>>
  readonly elapsedMs: number
}

// Makes the database, its rows and then its triggers. Whatever goes wrong after the database was made, it is dropped
// again: a half-made site is worse than none.
export async function seedLegacy(options: SeedOptions): Promise<SeedResult> {
  const startedAt = performance.now()
  checkOptions(options)
  const schema = await readSchema()
  const { mods, seed = 1 } = options
  await using server = await openServer(options)
  await prepareSession(server, options.binlog ?? false)
  throwIfInterrupted(options.signal)
  await createDatabase(server.connection, options)
  try {
    const world = surveyWorld({ seed, mods, members: memberCount(mods) })
    const report = progressReporter(world, options, startedAt)
    report('schema', undefined, 0)
    for (const statement of schema.tables) await server.connection.query(statement)
    const rowsByTable: Record<string, number> = {}
    for (const table of tableSeeds) {
      rowsByTable[table.table] = await loadTable(server, table, world, {
        onRows: (rows) => report('rows', table.table, rows),
        signal: options.signal,
      })
    }
    report('triggers', undefined, 0)
    await finish(server, schema)
    report('done', undefined, 0)
    const rows = Object.values(rowsByTable).reduce((sum, count) => sum + count, 0)
    return { database: options.database, mods, seed, rows, rowsByTable, elapsedMs: performance.now() - startedAt }
  } catch (error) {
    throw await undo(server, options, error)
  }
}

// --- internal ---

const databaseName = /^[A-Za-z0-9_]{1,64}$/
const modsMax = 10_000_000

function checkOptions({ mods, seed = 1, database }: SeedOptions): void {
  const problems: string[] = []
  if (!Number.isInteger(mods) || mods < modsMin || mods > modsMax) {
    problems.push(`mods must be a whole number from ${modsMin} to ${modsMax}, not ${mods}`)
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > 0x7fffffff) {
    problems.push(`seed must be a whole number from 0 to 2147483647, not ${seed}`)
  }
  if (!databaseName.test(database)) problems.push(`database must be letters, digits and _, not '${database}'`)
  if (problems.length > 0) throw new SeedError('wrong-option', `${problems.join('; ')}.`)
}

async function createDatabase(connection: Connection, { database, drop = false }: SeedOptions): Promise<void> {
  const [tables] = await connection.query<RowDataPacket[]>(
    'SELECT COUNT(*) AS count FROM information_schema.tables WHERE table_schema = ?',
    [database],
  )
  const count = Number(tables[0]?.count)
  if (count > 0 && !drop) {
    throw new SeedError(
      'database-exists',
      `The database ${database} exists and holds ${count} tables. Pass --drop to replace it, or name another.`,
    )
  }
  try {
    if (drop) await connection.query(`DROP DATABASE IF EXISTS \`${database}\``)
    // latin1, as a server of 2006 made it; the tables say for themselves what they are.
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET latin1 COLLATE latin1_swedish_ci`,
    )
    await connection.query(`USE \`${database}\``)
  } catch (error) {
    throw new SeedError(
      'privilege-missing',
      `The account may not create the database ${database} (${mysqlErrorCode(error)}). Grant it ALL on ${database}.*.`,
      error,
    )
  }
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new SeedError('interrupted', 'Interrupted before anything was made.')
}

// The triggers keep the sql_mode they were made under, so that must be the site's: empty.
async function finish({ connection }: Server, { triggers }: Schema): Promise<void> {
  await connection.query("SET unique_checks = 1, foreign_key_checks = 1, sql_mode = ''")
  for (const statement of triggers) await connection.query(statement)
  const names = tableSeeds.map(({ table }) => `\`${table}\``).join(', ')
  // Statistics as they are now, not whenever the server gets to it: plans and row estimates are the same on every run.
  await connection.query(`ANALYZE TABLE ${names}`)
}

function progressReporter(world: World, { onProgress }: SeedOptions, startedAt: number) {
  const weightOf = new Map(tableSeeds.map(({ table, weight }) => [table, weight]))
  const expected = tableSeeds.map((seed) => ({ rows: seed.estimate(world), weight: seed.weight }))
  const rowsExpected = expected.reduce((sum, { rows }) => sum + rows, 0)
  const costExpected = expected.reduce((sum, { rows, weight }) => sum + rows * weight, 0)
  let rowsDone = 0
  let costDone = 0
  return (step: SeedProgress['step'], table: string | undefined, rows: number): void => {
    rowsDone += rows
    costDone += rows * (weightOf.get(table ?? '') ?? 0)
    const share = step === 'done' ? 1 : Math.min(0.999, costDone / costExpected)
    onProgress?.({ step, table, rows: rowsDone, rowsExpected, share, elapsedMs: performance.now() - startedAt })
  }
}

async function undo(server: Server, { database, signal }: SeedOptions, cause: unknown): Promise<SeedError> {
  const isAborted = signal?.aborted === true
  let rest = `The database ${database} was dropped again.`
  try {
    await server.connection.query(`DROP DATABASE IF EXISTS \`${database}\``)
  } catch (error) {
    rest = `The half-made database ${database} is still there (${mysqlErrorCode(error) ?? 'connection lost'}); run again with --drop.`
  }
  if (isAborted) return new SeedError('interrupted', `Interrupted. ${rest}`, cause)
  if (cause instanceof SeedError) return new SeedError(cause.code, `${cause.message} ${rest}`, cause)
  if (mysqlErrorCode(cause) === 'ER_BINLOG_CREATE_ROUTINE_NEED_SUPER') {
    const grant = 'Grant it SUPER, or set log_bin_trust_function_creators = 1'
    return new SeedError(
      'privilege-missing',
      `The account may not create triggers beside a binlog. ${grant}. ${rest}`,
      cause,
    )
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  return new SeedError('load-failed', `The server refused the seed: ${message}. ${rest}`, cause)
}
