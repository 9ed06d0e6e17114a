import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { describeError, type Logger } from '../platform/index.ts'
import { createEvaluator, evaluateNothing } from './evaluator.ts'
import type { FlagHealth, FlagSnapshot, Flags } from './flags.ts'
import { readFlagsFile } from './flags-file.ts'
import { pause } from './pause.ts'

export interface FileFlagsOptions {
  readonly file: string
  readonly log: Logger
  /** The folder is watched, so a change is seen at once; where it can't be (network file systems don't tell), after this. */
  readonly pollIntervalMs?: number
}

/**
 * Flags from a file, without a server: edit it, and the change is in force. The folder is watched, not the file: editors replace
 * a file by renaming another over it, and a mounted configuration is a link that is turned. A file that is broken, or gone, leaves
 * the last good state in force.
 *
 *   none ──> file ──> file (newer) ──> …
 */
export function createFileFlags(options: FileFlagsOptions): Flags {
  return new FileFlags(options)
}

// --- internal ---

const pollIntervalDefaultMs = 1_000
/** Some programs write in place: what looks broken, or gone, is looked at again after this before it counts. */
const settleMs = 100
/** A write announces itself several times over. */
const burstMs = 10

type Content =
  | { readonly outcome: 'text'; readonly text: string }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unreadable'; readonly detail: string }

class FileFlags implements Flags {
  readonly #file: string
  readonly #log: Logger
  readonly #pollIntervalMs: number
  readonly #closing = new AbortController()
  #snapshot: FlagSnapshot = Object.freeze({ source: 'none', receivedAt: undefined, evaluate: evaluateNothing })
  #inForce: string | undefined
  #problem: string | undefined
  #watcher: FSWatcher | undefined
  #changed = false
  #wake: () => void = () => undefined
  #following: Promise<void> | undefined

  constructor({ file, log, pollIntervalMs = pollIntervalDefaultMs }: FileFlagsOptions) {
    this.#file = file
    this.#log = log.child({ part: 'flags' })
    this.#pollIntervalMs = pollIntervalMs
  }

  snapshot(): FlagSnapshot {
    return this.#snapshot
  }

  health(): FlagHealth {
    const { source, receivedAt } = this.#snapshot
    return { source, receivedAt, problem: this.#problem, staleSince: undefined }
  }

  async start(): Promise<void> {
    if (this.#following !== undefined) return
    const first = this.#look()
    this.#following = first.then(() => this.#followUntilClosed())
    await first
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake()
    await this.#following
    this.#stopWatching()
  }

  async #followUntilClosed(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await this.#waitForChange()
      await pause(burstMs, signal)
      if (!signal.aborted) await this.#look()
    }
  }

  async #waitForChange(): Promise<void> {
    if (this.#changed || this.#closing.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#pollIntervalMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #look(): Promise<void> {
    this.#watchFolder()
    this.#changed = false // before reading: what changes from here on is looked at again
    const problem = this.#take(await this.#read())
    if (problem === undefined || problem === this.#problem) return
    await pause(settleMs, this.#closing.signal)
    const settled = this.#closing.signal.aborted ? undefined : this.#take(await this.#read())
    if (settled !== undefined) this.#report(settled)
  }

  async #read(): Promise<Content> {
    try {
      return { outcome: 'text', text: await readFile(this.#file, 'utf8') }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      return code === 'ENOENT' ? { outcome: 'missing' } : { outcome: 'unreadable', detail: code }
    }
  }

  /** @returns what is wrong with it; the state in force stays then */
  #take(content: Content): string | undefined {
    if (content.outcome === 'missing') return `${this.#file} does not exist`
    if (content.outcome === 'unreadable') return `${this.#file} cannot be read: ${content.detail}`
    const problem = content.text === this.#inForce ? undefined : this.#put(content.text)
    if (problem !== undefined) return problem
    if (this.#problem !== undefined) this.#log.info({ file: this.#file }, 'the flag file can be used again')
    this.#problem = undefined
    return undefined
  }

  #put(text: string): string | undefined {
    const reading = readFlagsFile(text)
    if (reading.outcome === 'broken') return reading.problems.map((problem) => `${this.#file}:${problem}`).join('; ')
    const { definitions } = reading
    this.#snapshot = Object.freeze({
      source: 'file',
      receivedAt: Date.now(),
      evaluate: createEvaluator(definitions, this.#log),
    })
    this.#inForce = text
    this.#log.info({ file: this.#file, flags: definitions.features.length }, 'the flags of the file are in force')
    return undefined
  }

  #report(problem: string): void {
    if (problem === this.#problem) return
    this.#problem = problem
    const { source } = this.#snapshot
    this.#log.warn({ problem, inForce: source }, 'the flag file cannot be used; what was in force stays')
  }

  /** Anew while something is wrong: the folder itself may be another one by now. */
  #watchFolder(): void {
    if (this.#problem === undefined && this.#watcher !== undefined) return
    this.#stopWatching()
    try {
      const name = basename(this.#file)
      this.#watcher = watch(dirname(this.#file), { persistent: false }, (event, changed) => {
        // Renames of other files count: where the file is a link, it is another name that is turned.
        if (event === 'change' && changed !== null && changed !== name) return
        this.#changed = true
        this.#wake()
      })
      this.#watcher.on('error', () => this.#stopWatching()) // The polling goes on and watches anew.
    } catch (error) {
      this.#log.debug({ file: this.#file, error: describeError(error) }, 'the folder cannot be watched; it is polled')
    }
  }

  #stopWatching(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
