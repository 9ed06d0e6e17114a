/** Every process of a run: started in a session of its own, pinned, and ended whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BenchProblem } from './problem.ts'

export interface ProcessSpec {
  readonly name: string
  readonly command: readonly string[]
  /** As taskset takes it: '0' or '1,2'. */
  readonly cores: string
  readonly environment?: Readonly<Record<string, string>>
  /** Standard output goes here, for programs that log to it. */
  readonly outputFile?: string
}

export interface RunningProcess {
  readonly name: string
  readonly pid: number
  /** Why it is no longer there. */
  readonly ended: () => string | undefined
}

export class Processes {
  readonly #folder: string
  readonly #children = new Map<number, ChildProcess>()

  /** Error output is kept in `folder`. */
  constructor(folder: string) {
    this.#folder = folder
    // The last resort, where an orderly stop was cut short.
    process.on('exit', this.#killAll)
  }

  start(spec: ProcessSpec): RunningProcess {
    const errorFile = join(this.#folder, `${spec.name.replace(/\W+/g, '-')}.err`)
    const files = [openSync(spec.outputFile ?? '/dev/null', 'a'), openSync(errorFile, 'a')] as const
    // setpriv: should the bench be killed by SIGKILL, the kernel ends what it started.
    const words = ['-c', spec.cores, 'setpriv', '--pdeathsig', 'TERM', ...spec.command]
    const child = spawn('taskset', words, {
      detached: true,
      stdio: ['ignore', ...files],
      cwd: this.#folder,
      env: { PATH: process.env.PATH ?? '', ...spec.environment },
    })
    for (const file of files) closeSync(file)
    const { pid } = child
    if (pid === undefined) throw new BenchProblem(`${spec.name} could not be started.`, 'Is taskset installed?')
    this.#children.set(pid, child)
    child.once('exit', () => this.#children.delete(pid))
    return { name: spec.name, pid, ended: () => howItEnded(child, errorFile) }
  }

  async stop(running: RunningProcess): Promise<void> {
    const child = this.#children.get(running.pid)
    if (child === undefined) return
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    signalGroup(running.pid, 'SIGTERM')
    const late = new AbortController()
    await Promise.race([exited, delay(stopPatienceMs, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
    signalGroup(running.pid, 'SIGKILL')
    await exited
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((pid) => this.stop({ name: '', pid, ended: () => undefined })))
    process.off('exit', this.#killAll)
  }

  readonly #killAll = (): void => {
    for (const pid of this.#children.keys()) signalGroup(pid, 'SIGKILL')
  }
}

/** Waits until `attempt` answers true. @throws BenchProblem where the process ends, or too much time goes by */
export async function waitUntilReady(
  running: RunningProcess,
  attempt: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + startPatienceMs
  while (!(await attempt())) {
    signal.throwIfAborted()
    const ended = running.ended()
    if (ended !== undefined) throw new BenchProblem(`${running.name} ended at its start: ${ended}`, 'See why above.')
    if (performance.now() > deadline)
      throw new BenchProblem(`${running.name} does not answer after ${startPatienceMs / 1000} s.`, 'Run it again.')
    await delay(20)
  }
}

// --- internal ---

const stopPatienceMs = 3_000
const startPatienceMs = 20_000

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It is gone already, which is what was wanted.
  }
}

function howItEnded({ exitCode, signalCode }: ChildProcess, errorFile: string): string | undefined {
  if (exitCode === null && signalCode === null) return undefined
  const lastWords = readFileSync(errorFile, 'utf8').trim().split('\n').slice(-6).join('\n')
  return `${signalCode ?? `code ${exitCode}`}${lastWords === '' ? '' : `, after saying:\n${lastWords}`}`
}
