/** The legacy site's content, made once per stack. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ports, StackError } from './parts.ts'
import { describeLog, readJson } from './place.ts'
import { siteDatabase } from './site.ts'

export interface SeedOptions {
  readonly checkout: string
  readonly dir: string
  readonly ports: Ports
  /** How many mods; undefined takes what is there, or the default. */
  readonly mods: number | undefined
  /** There is a Postgres whose copy would be of the old content. */
  readonly hasFollower: boolean
  readonly signal: AbortSignal
  readonly onProgress: (what: string) => void
}

export const defaultMods = 2_000

/** True when the content was made now. */
export async function seedOnce(options: SeedOptions): Promise<boolean> {
  const file = join(options.dir, 'seed.json')
  const done = readJson<{ mods: number }>(file)
  if (done !== undefined) {
    if (options.mods === undefined || options.mods === done.mods) return false
    throw new StackError(
      `This stack holds a site of ${done.mods} mods, not ${options.mods}.`,
      `Leave out --mods to use it, or start over with \`npm start -- --fresh --mods ${options.mods}\`.`,
    )
  }
  const mods = options.mods ?? defaultMods
  const { createMysqlAccounts, emptyFollower, emptySite } = await import('./databases.ts')
  if (options.hasFollower) await emptyFollower(options.ports.postgres)
  await emptySite(options.ports.mariadb)
  await createMysqlAccounts(options.ports.mariadb)
  await seed(options, mods)
  writeFileSync(file, JSON.stringify({ mods }))
  return true
}

// --- internal ---

const progressEveryMs = 2_000

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
    const remedy = error.code === 'wrong-option' ? 'Give another --mods.' : 'Read the log of MariaDB, then start again.'
    throw new StackError(error.message, remedy, describeLog(options.dir, 'mariadb'), error)
  }
}
