import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Mysql, Postgres } from '../db/index.ts'
import { AppError, type Logger } from '../platform/index.ts'
import { isPositionLost, openBinlogStream } from './capture/binlog-stream.ts'
import { coversAll, earliest, type GtidPosition } from './capture/gtid.ts'
import { type GroupState, type GroupStore, groupsChannel, isFollowed } from './groups.ts'
import type { Mapping } from './mapping/compile.ts'
import type { RowChange } from './mapping/row-change.ts'
import { PendingTransactions } from './pending-transactions.ts'
import { pruneTransactionIds } from './prune.ts'
import { StreamApplier, type StreamObserver } from './stream-applier.ts'
import type { SyncLimits, SyncStatus } from './sync.ts'
import { interference } from './transaction/interference.ts'
import { WaitablePosition } from './waitable-position.ts'
import { WantedPositions, wantedPositionChannel } from './wanted-positions.ts'

export interface PipelineOptions {
  readonly mysql: Mysql
  readonly postgres: Postgres
  readonly mapping: Mapping
  readonly groups: GroupStore
  readonly ownSchema: string
  readonly applied: WaitablePosition
  readonly limits: Pick<SyncLimits, 'pendingChangesMax' | 'silenceTimeoutMs'>
  readonly observer: StreamObserver
  readonly log: Logger
}

/**
 * MySQL -> Postgres: read the binlog, apply, save the position; for ever.
 *
 *   idle -> connecting -> standby (another process leads) -> connecting -> streaming -> connecting (link lost) -> …
 *                                                                              '-> stopped (closed)
 *
 * One process per database leads: it holds an advisory lock on the very connection that it applies with, so a process that
 * lost its lock can no longer write. Everything that was read but not applied is dropped with its stream and read again.
 */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #closing = new AbortController()
  #state: SyncStatus['stream'] = 'idle'
  #groups: readonly GroupState[] = []
  #pending: PendingTransactions | undefined
  /** Up to where this stream has read; with `#pending` it tells what is on its way. */
  readonly #captured = new WaitablePosition()
  #running: Promise<void> = Promise.resolve()
  #firstState = Promise.withResolvers<void>()

  constructor(options: PipelineOptions) {
    this.#options = options
  }

  get state(): SyncStatus['stream'] {
    return this.#state
  }

  get groups(): readonly GroupState[] {
    return this.#groups
  }

  get pendingChanges(): number {
    return this.#pending?.changes ?? 0
  }

  /** Returns when the first attempt led somewhere: streaming, standing by, or failed and to be tried again. */
  async start(): Promise<void> {
    this.#running = this.#run()
    await this.#firstState.promise
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
    this.#state = 'stopped'
  }

  /**
   * Whether a handler that wrote `written`, with its rows locked in MySQL, may commit: nothing that MySQL did before meets it
   * on its way to Postgres. Knows only when this process streams.
   */
  async letsPass(written: readonly RowChange[], position: GtidPosition, timeoutMs: number): Promise<boolean> {
    const { applied } = this.#options
    if (coversAll(applied.current, position)) return true
    if (!(await this.#captured.reached(position, { timeoutMs }))) return false
    // The stream may have been lost while we were told: what it had read is not on its way any more, and not known.
    if (!coversAll(this.#captured.current, position)) return false
    const met = interference(this.#pending?.unsettled ?? [], written)
    return met === 'none' || (met === 'own' && (await applied.reached(position, { timeoutMs })))
  }

  // --- internal ---

  async #run(): Promise<void> {
    const { log } = this.#options
    let failures = 0
    while (!this.#closing.signal.aborted) {
      this.#state = 'connecting'
      const began = performance.now()
      try {
        await this.#session()
      } catch (error) {
        if (this.#closing.signal.aborted) break
        failures = performance.now() - began > healthyAfterMs ? 0 : failures + 1
        const retryMs = Math.min(backoffMaxMs, backoffMs * 2 ** failures) * (0.5 + Math.random() / 2)
        log.warn({ err: error, retryMs: Math.round(retryMs) }, 'following MySQL was interrupted')
        this.#state = 'connecting'
        this.#firstState.resolve()
        await delay(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
      }
    }
  }

  /** One Postgres connection: take the lead, then stream until the connection, the stream or this process ends. */
  async #session(): Promise<void> {
    const client = await this.#options.postgres.connect()
    const lost = connectionLoss(client)
    try {
      await client.query(`listen ${groupsChannel}; listen ${wantedPositionChannel}`)
      await this.#takeLead(client)
      while (!this.#closing.signal.aborted) await this.#follow(client, lost)
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  async #takeLead(client: Client): Promise<void> {
    const key = `${this.#options.ownSchema}/applier`
    // A leader whose machine vanished is noticed by the server within seconds, and its lock is free.
    await client.query('set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3')
    const { rows } = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [key],
    )
    if (rows[0]?.held === true) return
    this.#state = 'standby'
    this.#options.log.info('standing by: another process follows MySQL')
    this.#firstState.resolve()
    const giveUp = () => void client.end().catch(() => undefined)
    this.#closing.signal.addEventListener('abort', giveUp, { once: true })
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [key])
    this.#closing.signal.removeEventListener('abort', giveUp)
    this.#state = 'connecting'
  }

  /** Streams the groups that are to be followed until that set changes. */
  async #follow(client: Client, lost: Promise<never>): Promise<void> {
    const { groups, mapping, applied, log } = this.#options
    const changed = nextNotification(client, groupsChannel)
    this.#groups = await groups.list(client, [...mapping.groups.keys()])
    const followed = this.#groups.filter(isFollowed)
    for (const group of this.#groups.filter(({ stopped }) => stopped !== undefined)) {
      log.error({ group: group.name, reason: group.stopped }, 'this group is stopped; set it up anew to go on')
    }
    if (followed.length === 0) {
      this.#state = 'streaming'
      this.#firstState.resolve()
      await Promise.race([changed, lost, aborted(this.#closing.signal)])
      return
    }
    const from = earliest(followed.map(({ checkpoint }) => checkpoint ?? new Map()))
    applied.reset(from)
    await this.#stream(client, followed, from, Promise.race([changed, aborted(this.#closing.signal)]), lost)
  }

  async #stream(
    client: Client,
    followed: readonly GroupState[],
    from: ReturnType<typeof earliest>,
    until: Promise<void>,
    lost: Promise<never>,
  ): Promise<void> {
    const { mysql, mapping, ownSchema, limits, log, applied } = this.#options
    const stream = openBinlogStream({
      mysql,
      mapping,
      ownSchema,
      from,
      silenceTimeoutMs: limits.silenceTimeoutMs,
      onTransaction: (transaction) => {
        pending.add(transaction)
        this.#captured.advance(transaction.gtid)
      },
      onLost: (error) => pending.end(error),
    })
    const pending = new PendingTransactions(limits.pendingChangesMax, stream)
    this.#pending = pending
    this.#captured.reset(from)
    const applier = new StreamApplier({
      ...this.#options,
      client,
      followed,
      from,
      onStopped: (name, stopped) => {
        this.#groups = this.#groups.map((group) => (group.name === name ? { ...group, stopped } : group))
      },
    })
    this.#state = 'streaming'
    this.#firstState.resolve()
    log.info({ groups: followed.map(({ name }) => name) }, 'following MySQL')
    // Not a race per round: a race leaves its reactions behind on promises that live as long as the connection.
    void until.then(() => pending.end())
    lost.catch((error: Error) => pending.end(error))
    const wanted = new WantedPositions(client, applied, log, () => pending.wake())
    let prunedAt = Number.NEGATIVE_INFINITY
    let pruning = Promise.resolve()
    try {
      while (applier.following && (await pending.available())) {
        await answered(client, applier.apply(pending))
        while (wanted.takeDue()) await answered(client, applier.saveProgress())
        if (performance.now() - prunedAt < pruneEveryMs) continue
        prunedAt = performance.now()
        pruning = this.#prune()
      }
      await applier.saveProgress()
    } catch (error) {
      if (!isPositionLost(error)) throw error
      await applier.stopAll(
        'MySQL no longer has its changes from where Postgres stands: its binary logs were purged or reset',
      )
    } finally {
      wanted.close()
      this.#captured.reset(new Map())
      this.#pending = undefined
      await Promise.all([stream.close(), pruning])
    }
  }

  /** Beside the stream, on connections of its own: it must never hold the stream up. */
  async #prune(): Promise<void> {
    const { postgres, mysql, ownSchema, log } = this.#options
    try {
      await pruneTransactionIds(postgres, mysql, ownSchema)
    } catch (error) {
      log.warn({ err: error }, 'old transaction ids could not be removed')
    }
  }
}

const healthyAfterMs = 10_000
const backoffMs = 50
// Longer than a handler may sit on its locks.
const applyTimeoutMs = 60_000
const pruneEveryMs = 600_000
const backoffMaxMs = 5000

/** Cuts a connection whose server has fallen silent; what waits for it then fails. */
async function answered(client: Client, work: Promise<void>): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const timer = setTimeout(() => stream.destroy(), applyTimeoutMs)
  try {
    await work
  } finally {
    clearTimeout(timer)
  }
}

function connectionLoss(client: Client): Promise<never> {
  const loss = Promise.withResolvers<never>()
  loss.promise.catch(() => undefined)
  client.once('end', () =>
    loss.reject(new AppError('database.unreachable', 'the Postgres connection of the applier ended')),
  )
  return loss.promise
}

function nextNotification(client: Client, channel: string): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: { readonly channel: string }) => {
      if (message.channel !== channel) return
      client.off('notification', listen)
      resolve()
    }
    client.on('notification', listen)
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
