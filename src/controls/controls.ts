import { databaseErrorCode, openPostgres, type Postgres } from '../db/index.ts'
import { AppError, isAppError, type Logger } from '../platform/index.ts'
import {
  type ControlEvent,
  controlsChannel,
  ensureEventTable,
  readHistory,
  readState,
  type StoredState,
  storeKill,
  storeUndo,
} from './event-store.ts'
import { checkKill, checkUndo, type KillRequest, type UndoRequest } from './kill-request.ts'
import { createKillState, type KillState, noKills } from './kill-state.ts'
import { type KeptState, readStateFile, writeStateFile } from './state-file.ts'
import { Wakening } from './wakening.ts'

/** What is in force at one instant. Immutable; a change is a new snapshot. */
export interface ControlSnapshot {
  /** The id of the latest kill or undo; 0 before the first. */
  readonly epoch: number
  readonly kills: KillState
  /** Where the state was had from. It stays in force when Postgres goes away later: see confirmedAt. */
  readonly source: 'postgres' | 'file' | 'none'
  /** When Postgres last said so, in milliseconds of the epoch. */
  readonly confirmedAt: number | undefined
}

/**
 * The kill switch. Each process follows the history in Postgres over one connection of its own, which no handler can keep
 * busy: it is told of changes by NOTIFY, and looks by itself where no NOTIFY comes through. A connection that falls silent
 * is replaced. Whatever happens to Postgres, the last known state stays in force.
 */
export interface Controls {
  /** Returns once the state is known, at the latest after the start timeout. Postgres may be down. */
  start(): Promise<void>
  snapshot(): ControlSnapshot
  /** On every process in well under a second; in this one's snapshot when it returns. Works without start(). */
  kill(request: KillRequest): Promise<ControlEvent>
  /** `last`: the latest kill in force. */
  undo(what: number | 'last', request: UndoRequest): Promise<ControlEvent>
  /** Newest first. */
  history(limit: number): Promise<readonly ControlEvent[]>
  close(): Promise<void>
}

export interface ControlsOptions {
  /** A store that the caller closes, or the URL of one. No connection of its pool is used. */
  readonly postgres: Postgres | { readonly url: string }
  /** Fig's own schema in Postgres. */
  readonly ownSchema: string
  /** Holds the last known state for a start without Postgres; several processes may share it. */
  readonly stateFile?: string | undefined
  readonly log: Logger
  readonly pollIntervalMs?: number
  /** A connection that says nothing for so long is replaced. */
  readonly answerTimeoutMs?: number
  readonly startTimeoutMs?: number
}

export function followControls(options: ControlsOptions): Controls {
  return new FollowedControls(options)
}

// --- internal ---

type Client = Awaited<ReturnType<Postgres['connect']>>

const historyLimitMax = 1000
const retryMs = 100
/** Whether Postgres is back is asked this often: a kill can be in force again only then. */
const retryMaxMs = 1000
/** Longer than the poll may take: the table may be locked by another kill. */
const commandTimeoutMs = 3000
const connectTimeoutMs = 2000
const seenTimeoutMs = 1000
const goodbyeMs = 500

const nothingKnown: ControlSnapshot = Object.freeze({
  epoch: 0,
  kills: noKills,
  source: 'none',
  confirmedAt: undefined,
})

class FollowedControls implements Controls {
  readonly #postgres: Postgres
  readonly #options: ControlsOptions
  readonly #log: Logger
  readonly #closing = new AbortController()
  readonly #attempted = Promise.withResolvers<void>()
  readonly #confirmed = Promise.withResolvers<void>()
  readonly #wakening = new Wakening()
  readonly #seen = new Set<() => void>()
  #snapshot: ControlSnapshot = nothingKnown
  #following: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #interrupted = false
  #kept: number | undefined
  #keeping: Promise<void> | undefined
  #keepFailed = false

  constructor(options: ControlsOptions) {
    this.#options = options
    this.#log = options.log.child({ part: 'controls' })
    this.#postgres =
      'url' in options.postgres
        ? openPostgres({ url: options.postgres.url, connectionsMax: 1, connectTimeoutMs })
        : options.postgres
  }

  snapshot(): ControlSnapshot {
    return this.#snapshot
  }

  async start(): Promise<void> {
    if (this.#following !== undefined) return
    await this.#loadFile()
    this.#following ??= this.#follow()
    // With a known state one attempt is enough; without one it is worth waiting for a Postgres that is just starting.
    const enough = this.#snapshot.source === 'file' ? this.#attempted : this.#confirmed
    await within(this.#options.startTimeoutMs ?? 3000, enough.promise, this.#closing.signal)
    if (this.#snapshot.source === 'none') {
      this.#log.error(
        { postgres: this.#postgres.place },
        'no kill switch: its state could be had neither from Postgres nor from a file; no kill is in force until Postgres answers',
      )
    }
  }

  async kill(request: KillRequest): Promise<ControlEvent> {
    checkKill(request)
    const event = await this.#command((client) => storeKill(client, this.#options.ownSchema, request))
    await this.#untilSeen(event.id)
    return event
  }

  async undo(what: number | 'last', request: UndoRequest): Promise<ControlEvent> {
    checkUndo(what, request)
    const event = await this.#command((client) => storeUndo(client, this.#options.ownSchema, what, request))
    await this.#untilSeen(event.id)
    return event
  }

  history(limit: number): Promise<readonly ControlEvent[]> {
    const rows = Math.min(Math.max(Math.trunc(limit), 1), historyLimitMax)
    return this.#command((client) => readHistory(client, this.#options.ownSchema, rows))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    this.#wakening.wake()
    await this.#following
    await this.#keeping
    if (this.#postgres !== this.#options.postgres) await this.#postgres.close()
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      try {
        await this.#session(() => {
          failures = 0
        })
      } catch (error) {
        if (signal.aborted) return
        failures += 1
        this.#reportInterruption(error)
      }
      this.#attempted.resolve()
      const pauseMs = Math.min(retryMaxMs, retryMs * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
      await this.#wakening.sleep(pauseMs, signal)
    }
  }

  /** One connection, until it is lost or this process closes. */
  async #session(onAnswer: () => void): Promise<void> {
    const { ownSchema, pollIntervalMs = 500, answerTimeoutMs = 1000 } = this.#options
    const { signal } = this.#closing
    const client = await this.#connect(answerTimeoutMs)
    if (client === undefined) return
    const wake = () => this.#wakening.wake()
    client.on('notification', ({ payload }) => {
      if (payload === ownSchema) wake()
    })
    client.on('end', wake)
    try {
      await ensureEventTable(client, ownSchema)
      await client.query(`listen ${controlsChannel}`)
      while (!signal.aborted) {
        this.#take(await readState(client, ownSchema))
        onAnswer()
        await this.#wakening.sleep(pollIntervalMs, signal)
      }
    } finally {
      client.off('end', wake) // the pause before the next attempt is not to be cut short by this one's end
      await goodbye(client)
    }
  }

  /** undefined when closed meanwhile: a host that does not answer must not hold up the end of the process. */
  async #connect(answerTimeoutMs: number): Promise<Client | undefined> {
    const { signal } = this.#closing
    const connecting = this.#postgres.connect({ query_timeout: answerTimeoutMs })
    connecting.catch(() => undefined) // it is waited for below, unless this closes first
    const closed = Promise.withResolvers<undefined>()
    const onClose = () => closed.resolve(undefined)
    signal.addEventListener('abort', onClose)
    try {
      const client = await Promise.race([connecting, closed.promise])
      if (client === undefined) void connecting.then(goodbye, () => undefined)
      return client
    } finally {
      signal.removeEventListener('abort', onClose)
    }
  }

  #take({ epoch, kills }: StoredState): void {
    const before = this.#snapshot
    const confirmedAt = Date.now()
    const unchanged = before.source === 'postgres' && before.epoch === epoch
    if (!unchanged && epoch < before.epoch) {
      this.#log.error(
        { epoch, known: before.epoch },
        'Postgres knows less of the kill switch than before: its history was lost, and with it kills that were in force; look whether to kill anew',
      )
    }
    const state = unchanged ? before.kills : createKillState(kills)
    this.#snapshot = Object.freeze({ epoch, kills: state, source: 'postgres', confirmedAt })
    if (!unchanged && (epoch > 0 || before.epoch > 0)) {
      this.#log.warn({ epoch, kills: state.list }, state.list.length > 0 ? 'kills are in force' : 'no kill is in force')
    }
    if (this.#interrupted) {
      this.#interrupted = false
      this.#log.info({ epoch, postgres: this.#postgres.place }, 'the kill switch follows Postgres again')
    }
    this.#confirmed.resolve()
    for (const look of [...this.#seen]) look()
    this.#keep({ epoch, kills: state.list, confirmedAt })
  }

  #reportInterruption(error: unknown): void {
    if (this.#interrupted) return
    this.#interrupted = true
    const { epoch, source } = this.#snapshot
    this.#log.error(
      { err: error, postgres: this.#postgres.place, epoch, source },
      'the kill switch does not hear Postgres; the last known state stays in force',
    )
  }

  // The state file.

  get #origin(): string {
    return `${this.#postgres.place} ${this.#options.ownSchema}`
  }

  async #loadFile(): Promise<void> {
    const { stateFile } = this.#options
    if (stateFile === undefined) return
    try {
      const state = await readStateFile(stateFile, this.#origin)
      if (state === undefined || this.#snapshot.source !== 'none') return
      const { epoch, kills, confirmedAt } = state
      this.#snapshot = Object.freeze({ epoch, kills: createKillState(kills), source: 'file', confirmedAt })
      if (kills.length > 0) this.#log.warn({ epoch, kills, confirmedAt }, 'kills are in force, by the state file')
    } catch (error) {
      this.#log.error(
        { err: error, stateFile },
        'the state file of the kill switch could not be read; it is written anew once Postgres answers. Until then no kill of it is in force',
      )
    }
  }

  /** One write at a time; what changes meanwhile, or could not be written, is written at a later look. */
  #keep(state: KeptState): void {
    const { stateFile } = this.#options
    if (stateFile === undefined || this.#kept === state.epoch || this.#keeping !== undefined) return
    this.#keeping = writeStateFile(stateFile, this.#origin, state)
      .then(
        () => {
          this.#kept = state.epoch
          this.#keepFailed = false
        },
        (error: unknown) => {
          if (!this.#keepFailed)
            this.#log.error(
              { err: error, stateFile },
              'the state of the kill switch could not be written; it is tried again. A start without Postgres would not know it',
            )
          this.#keepFailed = true
        },
      )
      .finally(() => {
        this.#keeping = undefined
      })
  }

  // Commands.

  /** Over a connection of its own: the switch works while handlers hold every connection of the pool. */
  async #command<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { ownSchema } = this.#options
    const place = `Postgres at ${this.#postgres.place}`
    let client: Client
    try {
      client = await this.#postgres.connect({ query_timeout: commandTimeoutMs })
    } catch (error) {
      if (isAppError(error)) throw error
      throw new AppError('controls.store-failed', `${place} could not be reached; nothing was changed`, {
        cause: error,
      })
    }
    try {
      await ensureEventTable(client, ownSchema)
      return await work(client)
    } catch (error) {
      if (isAppError(error)) throw error
      throw new AppError('controls.store-failed', `${place} ${outcomeAfter(error)}`, { cause: error })
    } finally {
      await goodbye(client)
    }
  }

  /** What was killed here is killed here when kill() returns, as long as Postgres answers. */
  async #untilSeen(epoch: number): Promise<void> {
    if (this.#following === undefined || this.#snapshot.epoch >= epoch) return
    const seen = Promise.withResolvers<void>()
    const look = () => {
      if (this.#snapshot.epoch >= epoch) seen.resolve()
    }
    this.#seen.add(look)
    this.#wakening.wake()
    await within(seenTimeoutMs, seen.promise, this.#closing.signal)
    this.#seen.delete(look)
  }
}

/** An answer of the server means that the transaction is gone; without one, or when it shuts down, the commit may have been. */
function outcomeAfter(error: unknown): string {
  const code = databaseErrorCode(error)
  return code !== undefined && /^(?!57|08)[0-9A-Z]{5}$/.test(code)
    ? `refused (${code}); nothing was changed`
    : 'broke off; whether it was stored is not known'
}

async function within(timeoutMs: number, done: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, timeoutMs)
  const stop = () => over.resolve()
  signal.addEventListener('abort', stop)
  if (!signal.aborted) await Promise.race([done, over.promise])
  signal.removeEventListener('abort', stop)
  clearTimeout(timer)
}

/** Politely, but not for long: a connection that fell silent answers no goodbye either. */
async function goodbye(client: Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), goodbyeMs)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}
