/** The legacy site's content, made once per stack. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ports, remedyFor, StackError } from './parts.ts'
import { describeLog, readJson } from './place.ts'
import { siteDatabase } from './site.ts'

export interface SeedOptions {
  readonly checkout: string
  readonly dir: string
  readonly ports: Ports
  /** How many mods; undefined takes what is there, or the default. */
  readonly mods: number | undefined
  readonly signal: AbortSignal
  readonly onProgress: (what: string) => void
}

export const defaultMods = 2_000

export function isSeeded(dir: string): boolean {
  return existsSync(seedFile(dir))
}

export async function seedOnce(options: SeedOptions): Promise<void> {
  const done = readJson<Seeded>(seedFile(options.dir))
  const schema = schemaHash(options.checkout)
  if (done !== undefined) {
    refuseOtherSize(done, options.mods)
    if (done.schema !== schema) options.onProgress(schemaChanged)
    return
  }
  const mods = options.mods ?? defaultMods
  const { createMysqlAccounts, emptySite } = await import('./databases.ts')
  await emptySite(options.ports.mariadb)
  await createMysqlAccounts(options.ports.mariadb)
  await seed(options, mods)
  const seeded: Seeded = { mods, schema }
  writeFileSync(seedFile(options.dir), JSON.stringify(seeded))
}

// --- internal ---

const schemaChanged =
  'the schema in legacy-fixtures/sql has changed since this content was written: `npm start -- --fresh` writes it anew'

interface Seeded {
  readonly mods: number
  readonly schema: string
}

function refuseOtherSize(done: Seeded, mods: number | undefined): void {
  if (mods === undefined || mods === done.mods) return
  throw new StackError(
    `This stack holds a site of ${done.mods} mods, not ${mods}.`,
    `Leave out --mods to use it, or start over with \`npm start -- --fresh --mods ${mods}\`.`,
  )
}

function schemaHash(checkout: string): string {
  const schema = readFileSync(join(checkout, 'legacy-fixtures', 'sql', 'schema.sql'))
  return createHash('sha256').update(schema).digest('hex')
}

const progressEveryMs = 2_000

function seedFile(dir: string): string {
  return join(dir, 'seed.json')
}

async function seed(options: SeedOptions, mods: number): Promise<void> {
  const { seedLegacy, SeedError } = await import('../../legacy-fixtures/seed/index.ts')
  let saidAt = performance.now()
  const onProgress = (share: number, table: string | undefined): void => {
    if (performance.now() - saidAt < progressEveryMs) return
    saidAt = performance.now()
    options.onProgress(`writing the site's content: ${Math.floor(share * 100)} % (${table ?? 'triggers'})`)
  }
  try {
    await seedLegacy({
      port: options.ports.mariadb,
      user: 'root',
      database: siteDatabase,
      mods,
      drop: true,
      signal: options.signal,
      onProgress: ({ share, table }) => onProgress(share, table),
    })
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof SeedError)) throw error
    const log = describeLog(options.dir, 'mariadb')
    throw new StackError(error.message, remedyFor([error.message, ...log], 'Read the log and start again.'), log, error)
  }
}
