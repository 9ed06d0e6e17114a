import {
  checkBinlogSource,
  migrateMysql,
  migratePostgres,
  quotePostgresText,
  withPostgresTransaction,
} from '../db/index.ts'
import { AppError, isAppError } from '../platform/index.ts'
import { backfillGroup } from './backfill.ts'
import { formatGtidPosition, type GtidPosition } from './capture/gtid.ts'
import { waitUntilCaughtUp } from './freshness.ts'
import { GroupStore } from './groups.ts'
import { checkAgainstLegacy } from './mapping/check-legacy.ts'
import { compileMapping, type MappedTable, type Mapping } from './mapping/compile.ts'
import { checkAgainstModern, createTableStatement } from './mapping/ddl.ts'
import { type LegacyFacts, readLegacyFacts } from './mapping/legacy-facts.ts'
import type { RowChange } from './mapping/row-change.ts'
import { MysqlPosition } from './mysql-position.ts'
import { captureStatements } from './outbox/triggers.ts'
import { Pipeline } from './pipeline.ts'
import { StoredPosition } from './stored-position.ts'
import type {
  Freshness,
  FreshnessOptions,
  SetupOptions,
  SetupProgress,
  Sync,
  SyncLimits,
  SyncOptions,
  SyncStatus,
  SyncTransaction,
  TransactionOptions,
  VerifyOptions,
  VerifyReport,
} from './sync.ts'
import { observeSync } from './sync-metrics.ts'
import { runTransaction } from './transaction/run-transaction.ts'
import { verifyGroup } from './verify/verify-group.ts'
import { WaitablePosition } from './waitable-position.ts'

/** @throws AppError 'sync.invalid-mapping' */
export function createSync(options: SyncOptions): Sync {
  return new MysqlToPostgresSync(options, compileMapping(options.definition))
}

// --- internal ---

const defaultLimits: SyncLimits = {
  catchUpTimeoutMs: 2000,
  barrierTimeoutMs: 250,
  attemptsMax: 6,
  idleInTransactionMs: 15_000,
  silenceTimeoutMs: 10_000,
  pendingChangesMax: 20_000,
}

class MysqlToPostgresSync implements Sync {
  readonly #options: SyncOptions
  readonly #mapping: Mapping
  readonly #ownSchema: string
  readonly #limits: SyncLimits
  readonly #groups: GroupStore
  readonly #applied = new WaitablePosition()
  /** For as long as another process follows MySQL. */
  readonly #stored: StoredPosition
  readonly #position: MysqlPosition
  readonly #pipeline: Pipeline
  readonly #closing = new AbortController()
  #facts: LegacyFacts | undefined
  #autoIncrement: ReadonlyMap<string, string> = new Map()

  constructor(options: SyncOptions, mapping: Mapping) {
    this.#options = options
    this.#mapping = mapping
    this.#ownSchema = options.ownSchema ?? 'fig'
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#groups = new GroupStore(this.#ownSchema)
    this.#stored = new StoredPosition(options.postgres, this.#groups, [...mapping.groups.keys()])
    this.#position = new MysqlPosition(options.mysql)
    this.#pipeline = new Pipeline({
      ...options,
      mapping,
      ownSchema: this.#ownSchema,
      groups: this.#groups,
      applied: this.#applied,
      limits: this.#limits,
      observer: observeSync(options.metrics, options.log, () => this.status()),
    })
  }

  async setup(setup: SetupOptions = {}): Promise<void> {
    const { postgres } = this.#options
    const report = setup.onProgress ?? (() => {})
    const client = await postgres.connect()
    try {
      // One process at a time; who comes second finds everything in place.
      await client.query(
        `select pg_advisory_lock(hashtextextended(${quotePostgresText(`${this.#ownSchema}/setup`)}, 0))`,
      )
      report({ step: 'schema' })
      const facts = await this.#prepare()
      report({ step: 'tables' })
      await this.#createTables()
      const states = await this.#groups.list(postgres.pool, [...this.#mapping.groups.keys()])
      for (const [group, tables] of this.#mapping.groups) {
        const state = states.find(({ name }) => name === group)
        const inPlace = state !== undefined && state.phase !== 'legacy' && state.stopped === undefined
        if (inPlace && setup.refill?.includes(group) !== true) continue
        if (state?.owner === 'postgres')
          throw new AppError('sync.stopped', `${group}: Postgres owns it; it cannot be copied anew`)
        await this.#fill(group, tables, facts, report)
      }
      report({ step: 'triggers' })
      await this.#renewTriggers()
    } finally {
      await client.end()
    }
  }

  async start(): Promise<void> {
    try {
      if (this.#facts === undefined) await this.#prepare()
    } catch (error) {
      // A database that is down at the moment is no reason not to serve the legacy site; a wrong setting is.
      if (!isAppError(error) || error.code !== 'database.unreachable') throw error
      this.#options.log.error({ err: error }, 'sync cannot reach its databases yet')
    }
    await this.#pipeline.start()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([this.#pipeline.close(), this.#stored.close()])
  }

  async transaction<T>(
    group: string,
    work: (tx: SyncTransaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    if (!this.#mapping.groups.has(group)) throw new AppError('sync.write-refused', `there is no group "${group}"`)
    if (this.#facts === undefined) await this.#prepare()
    const groups = new Set([group])
    return runTransaction(
      {
        ...this.#options,
        mapping: this.#mapping,
        ownSchema: this.#ownSchema,
        caughtUp: (limits) => this.#caughtUp(groups, limits),
        letsPass: (changes, position) => this.#letsPass(groups, changes, position),
        limits: this.#limits,
        autoIncrement: this.#autoIncrement,
      },
      group,
      work,
      options.signal,
    )
  }

  async caughtUp(tables: readonly string[], options: FreshnessOptions): Promise<Freshness> {
    const groups = new Set(tables.flatMap((table) => this.#mapping.tables.get(table)?.group ?? []))
    const before = this.#followerState(groups)
    if (before !== 'follows') return before
    try {
      if (!(await this.#caughtUp(groups, options))) return 'stale'
    } catch (error) {
      this.#options.log.warn({ err: error }, 'cannot ask the databases for their position')
      return 'stale'
    }
    // A group may have been stopped while we waited: the position went on without it.
    return this.#followerState(groups) === 'stale' ? 'stale' : 'fresh'
  }

  async verify(group: string, options: VerifyOptions = {}): Promise<VerifyReport> {
    const tables = this.#mapping.groups.get(group)
    if (tables === undefined) throw new AppError('sync.invalid-mapping', `there is no group "${group}"`)
    return verifyGroup({
      ...this.#options,
      group,
      tables,
      differencesMax: options.differencesMax ?? 1000,
      signal: options.signal,
      caughtUp: () => this.#caughtUp(new Set([group]), { timeoutMs: verifyCatchUpMs }),
    })
  }

  status(): SyncStatus {
    return {
      stream: this.#pipeline.state,
      position: this.#applied.current.size === 0 ? undefined : formatGtidPosition(this.#applied.current),
      pendingChanges: this.#pipeline.pendingChanges,
      groups: this.#pipeline.groups.map(({ name, phase, owner, epoch, stopped }) => ({
        name,
        phase,
        owner,
        epoch,
        stopped,
      })),
    }
  }

  /** Who stands by knows what is stored, and nothing else of what the leader knows. */
  #standsBy(): boolean {
    return this.#pipeline.state === 'standby'
  }

  #caughtUp(groups: ReadonlySet<string>, limits: { timeoutMs: number; signal?: AbortSignal }): Promise<boolean> {
    const applied = this.#standsBy() ? this.#stored.of(groups) : this.#applied
    return waitUntilCaughtUp(this.#position, applied, limits)
  }

  /** Who stands by can't see what is on its way; nothing is once Postgres has got there. */
  #letsPass(groups: ReadonlySet<string>, changes: readonly RowChange[], position: GtidPosition): Promise<boolean> {
    const timeoutMs = this.#limits.barrierTimeoutMs
    if (this.#standsBy()) return this.#stored.of(groups).reached(position, { timeoutMs })
    return this.#pipeline.letsPass(changes, position, timeoutMs)
  }

  /** `fresh`: Postgres owns them all. `follows`: fresh once caught up. `stale`: not set up, stopped, or not known yet. */
  #followerState(groups: ReadonlySet<string>): Freshness | 'follows' {
    // Read anew with each position.
    if (this.#standsBy()) return groups.size === 0 ? 'fresh' : 'follows'
    const states = this.#pipeline.groups.filter(({ name }) => groups.has(name))
    if (states.length < groups.size) return 'stale'
    const followers = states.filter(({ owner }) => owner === 'mysql')
    if (followers.length === 0) return 'fresh'
    return followers.every(({ phase, stopped }) => phase === 'dual' && stopped === undefined) ? 'follows' : 'stale'
  }

  /** What every start needs and no start repeats at a cost: schemas, and the mapping held against the legacy one. */
  async #prepare(): Promise<LegacyFacts> {
    const { mysql, postgres } = this.#options
    await checkBinlogSource(mysql)
    const client = await postgres.connect()
    try {
      await migratePostgres(client, this.#ownSchema)
      await this.#groups.ensure(client, [...this.#mapping.groups.keys()])
    } finally {
      await client.end()
    }
    await migrateMysql(mysql, this.#ownSchema)
    const facts = await readLegacyFacts(mysql)
    checkAgainstLegacy(this.#mapping, facts)
    this.#facts = facts
    this.#autoIncrement = autoIncrementColumns(this.#mapping, facts)
    return facts
  }

  /** A group whose rows cannot be carried is stopped and says why; the others go on. */
  async #fill(
    group: string,
    tables: readonly MappedTable[],
    facts: LegacyFacts,
    onProgress: (progress: SetupProgress) => void,
  ): Promise<void> {
    const { mysql, postgres, log } = this.#options
    try {
      await backfillGroup({
        mysql,
        postgres,
        groups: this.#groups,
        ownSchema: this.#ownSchema,
        group,
        tables,
        rowsEstimate: (table) => facts.tables.get(table.legacy)?.rowsEstimate ?? 0,
        onProgress,
        signal: this.#closing.signal,
      })
    } catch (error) {
      if (!isAppError(error) || error.code !== 'sync.value-refused') throw error
      log.error({ group, err: error }, 'this group cannot be copied; PHP goes on answering for it')
      await this.#groups.stop(postgres.pool, group, error.message)
    }
  }

  async #createTables(): Promise<void> {
    const tables = [...this.#mapping.tables.values()]
    await withPostgresTransaction(this.#options.postgres, async (client) => {
      for (const table of tables) await client.query(createTableStatement(table))
      await checkAgainstModern(client, tables)
    })
  }

  /** The columns may have changed since the last start. */
  async #renewTriggers(): Promise<void> {
    await withPostgresTransaction(this.#options.postgres, async (client) => {
      for (const table of this.#mapping.tables.values()) {
        for (const statement of captureStatements(table, this.#ownSchema)) await client.query(statement)
      }
    })
  }
}

const verifyCatchUpMs = 30_000

function autoIncrementColumns(mapping: Mapping, facts: LegacyFacts): ReadonlyMap<string, string> {
  return new Map(
    [...mapping.tables.values()].flatMap((table) => {
      const column = [...(facts.tables.get(table.legacy)?.columns ?? [])].find(([, { autoIncrement }]) => autoIncrement)
      return column === undefined ? [] : [[table.name, column[0]] as const]
    }),
  )
}
