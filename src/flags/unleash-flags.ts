import { AppError, describeError, type Logger } from '../platform/index.ts'
import { type Backup, readBackup, writeBackup } from './backup-file.ts'
import { createEvaluator, evaluateNothing } from './evaluator.ts'
import type { FlagHealth, FlagSnapshot, Flags } from './flags.ts'
import { pause } from './pause.ts'
import { connectToUnleash, type Poll, type PollProblem } from './unleash-server.ts'

export interface UnleashFlagsOptions {
  /** With its path: 'http://127.0.0.1:4242/api'. */
  readonly url: string
  /** A backend (client) token; it decides project and environment. */
  readonly token: string
  readonly log: Logger
  /**
   * The server itself looks for changes once a second, so a flip is seen after 1 s plus this at most. An unchanged answer is
   * an empty 304.
   */
  readonly refreshIntervalMs?: number
  readonly requestTimeoutMs?: number
  /** How long start() waits for a server that doesn't answer, if there is no backup either. */
  readonly startTimeoutMs?: number
  /** A state that the server has not confirmed for longer than this is reported as stale, and stays in force. */
  readonly maximumAgeMs?: number
  /** Written on every change; read at start where the server can't be had. */
  readonly backupFile?: string
}

/**
 * Flags from Unleash. Never stops trying: whatever went wrong (server down, slow, hung, restarted, token refused, nonsense for an
 * answer), the last known state stays in force and the next answer that is good replaces it. That is why the polling is ours and
 * not unleash-client's, which stops for good after a 401 or 403, waits up to ten intervals after a few 503s, and throws from
 * destroy() while a request hangs (docs/decisions/0009-own-flag-polling.md).
 *
 *   none ──> backup ──> server ──> server (newer) ──> …
 *     └────────────────────^
 */
export function createUnleashFlags(options: UnleashFlagsOptions): Flags {
  const settings = { ...defaults, ...options }
  return new UnleashFlags(settings)
}

// --- internal ---

const defaults = { refreshIntervalMs: 200, requestTimeoutMs: 2_000, startTimeoutMs: 2_000, maximumAgeMs: 60_000 }
/** After failures the pause doubles up to this: a server that comes back is heard within about a second. */
const retryPauseMaxMs = 1_000
/** An unchanged state is written again now and then, so that a backup's age is about that of its last confirmation. */
const backupIntervalMs = 60_000

type Settings = UnleashFlagsOptions & typeof defaults

class UnleashFlags implements Flags {
  readonly #settings: Settings
  readonly #log: Logger
  readonly #poll: (signal: AbortSignal) => Promise<Poll>
  readonly #closing = new AbortController()
  readonly #attempted = Promise.withResolvers<void>()
  readonly #confirmed = Promise.withResolvers<void>()
  #snapshot: FlagSnapshot = Object.freeze({ source: 'none', receivedAt: undefined, evaluate: evaluateNothing })
  #latest: Backup | undefined
  #written: Backup | undefined
  #writing: Promise<void> = Promise.resolve()
  #polling: Promise<void> | undefined
  #failures = 0
  #failingSince: number | undefined
  #problem: PollProblem | undefined
  #detail = ''
  #reportedStale = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#log = settings.log.child({ part: 'flags' })
    this.#poll = connectToUnleash(settings)
  }

  snapshot(): FlagSnapshot {
    return this.#snapshot
  }

  health(): FlagHealth {
    const { source, receivedAt } = this.#snapshot
    const problem = this.#problem === undefined ? undefined : `${this.#problem}: ${this.#detail}`
    return { source, receivedAt, problem, staleSince: this.#staleSince() }
  }

  async start(): Promise<void> {
    if (this.#polling !== undefined) return
    await this.#loadBackup()
    this.#polling = this.#pollUntilClosed()
    await this.#waitForServer()
    this.#reportStart()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#polling
    await this.#writing
  }

  async #pollUntilClosed(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const poll = await this.#poll(signal)
      if (!signal.aborted) this.#takeSafely(poll)
      this.#reportAge()
      this.#attempted.resolve()
      await pause(this.#pauseMs(), signal)
    }
  }

  /** Whatever a server sends, it must not end the polling. */
  #takeSafely(poll: Poll): void {
    try {
      this.#take(poll)
    } catch (error) {
      this.#log.error({ error: describeError(error) }, 'a flag state could not be used')
      this.#take({ outcome: 'failed', problem: 'bad-answer', detail: 'it could not be used' })
    }
  }

  #take(poll: Poll): void {
    if (poll.outcome === 'failed') {
      this.#failures += 1
      this.#failingSince ??= Date.now()
      if (this.#problem !== poll.problem) this.#reportProblem(poll.problem, poll.detail)
      this.#problem = poll.problem
      this.#detail = poll.detail
      return
    }
    this.#reportRecovery()
    const receivedAt = Date.now()
    const definitions = poll.outcome === 'changed' ? poll.definitions : this.#latest?.definitions
    if (definitions === undefined) return
    const evaluate = poll.outcome === 'changed' ? createEvaluator(definitions, this.#log) : this.#snapshot.evaluate
    this.#snapshot = Object.freeze({ source: 'server', receivedAt, evaluate })
    this.#latest = { definitions, receivedAt }
    this.#confirmed.resolve()
    this.#keepBackup(this.#latest)
  }

  #pauseMs(): number {
    const { refreshIntervalMs } = this.#settings
    if (this.#failures === 0) return refreshIntervalMs
    return Math.min(refreshIntervalMs * 2 ** Math.min(this.#failures, 10), Math.max(retryPauseMaxMs, refreshIntervalMs))
  }

  /** With a backup one attempt is enough; without one it is worth waiting for a server that is just starting. */
  async #waitForServer(): Promise<void> {
    const answered = new AbortController()
    const timeIsUp = pause(this.#settings.startTimeoutMs, AbortSignal.any([answered.signal, this.#closing.signal]))
    const enough = this.#snapshot.source === 'backup' ? this.#attempted : this.#confirmed
    await Promise.race([enough.promise, timeIsUp])
    answered.abort()
  }

  async #loadBackup(): Promise<void> {
    const { backupFile, url } = this.#settings
    if (backupFile === undefined) return
    try {
      const backup = await readBackup(backupFile, url)
      if (backup === undefined) return
      const evaluate = createEvaluator(backup.definitions, this.#log)
      this.#snapshot = Object.freeze({ source: 'backup', receivedAt: backup.receivedAt, evaluate })
    } catch (error) {
      this.#log.warn({ file: backupFile, error: describeError(error) }, 'the flag backup is unusable and is left alone')
    }
  }

  /** Beside the polling: a slow disk must not delay a flip. */
  #keepBackup(backup: Backup): void {
    const { backupFile, url } = this.#settings
    if (backupFile === undefined || !this.#isWorthWriting(backup)) return
    this.#written = backup
    this.#writing = this.#writing
      .then(() => writeBackup(backupFile, url, backup))
      .catch((error: unknown) => {
        this.#log.warn({ file: backupFile, error: describeError(error) }, 'the flag backup could not be written')
      })
  }

  #isWorthWriting({ definitions, receivedAt }: Backup): boolean {
    const written = this.#written
    return written?.definitions !== definitions || receivedAt - written.receivedAt >= backupIntervalMs
  }

  #reportStart(): void {
    const { source, receivedAt } = this.#snapshot
    if (source === 'server') return
    const problem = this.#problem ?? 'timeout'
    if (source === 'backup' && receivedAt !== undefined) {
      const ageSeconds = Math.round((Date.now() - receivedAt) / 1000)
      this.#log.warn({ problem, ageSeconds }, 'the flag server cannot be had: the backup of the last run is in force')
      return
    }
    const message = `no flag state from ${this.#settings.url} (${problem}) and no backup: routes take their default`
    this.#log.warn({ error: describeError(new AppError('flags.unavailable', message)) }, message)
  }

  #reportProblem(problem: PollProblem, detail: string): void {
    const { source } = this.#snapshot
    this.#log.warn({ problem, detail, inForce: source }, 'the flags could not be fetched; trying on')
  }

  #reportRecovery(): void {
    if (this.#problem !== undefined) this.#log.info({ failures: this.#failures }, 'the flag server answers again')
    this.#problem = undefined
    this.#failingSince = undefined
    this.#failures = 0
  }

  #staleSince(): number | undefined {
    const { receivedAt } = this.#snapshot
    if (receivedAt === undefined) return this.#failingSince
    const staleAt = receivedAt + this.#settings.maximumAgeMs
    return Date.now() > staleAt ? staleAt : undefined
  }

  /** The alarm: once when the state has grown too old, once when it is fresh again. */
  #reportAge(): void {
    const isStale = this.#snapshot.receivedAt !== undefined && this.#staleSince() !== undefined
    if (isStale === this.#reportedStale) return
    this.#reportedStale = isStale
    if (!isStale) {
      this.#log.info('the flags are fresh again')
      return
    }
    const { problem, receivedAt = 0 } = this.health()
    const ageSeconds = Math.round((Date.now() - receivedAt) / 1000)
    this.#log.error({ problem, ageSeconds, inForce: this.#snapshot.source }, 'the flags are stale: flips are not seen')
  }
}
