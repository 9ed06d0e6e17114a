/** Runs one command to its end, its output kept, for no longer than it may take. */
import { type ChildProcess, spawn } from 'node:child_process'

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>
  readonly limitMs: number
  readonly signal: AbortSignal
}

export interface CommandResult {
  readonly exitCode: number | undefined
  readonly output: string
  readonly end: 'exit' | 'limit' | 'stopped'
}

export function runCommand(command: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const [program, ...args] = command as [string, ...string[]]
  const child = spawn(program, args, {
    detached: true, // Ctrl-C is for us; we end it, with all that it started
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  }
  let end: CommandResult['end'] = 'exit'
  const stop = (reason: 'limit' | 'stopped') => (): void => {
    end = reason
    endGroup(child)
  }
  const limit = setTimeout(stop('limit'), options.limitMs)
  const stopped = stop('stopped')
  options.signal.addEventListener('abort', stopped)
  const finish = (exitCode: number | undefined): void => {
    clearTimeout(limit)
    options.signal.removeEventListener('abort', stopped)
    resolve({ exitCode, output: chunks.join(''), end })
  }
  child.once('error', (error) => {
    chunks.push(`${program} can't be run: ${error.message}\n`)
    finish(undefined)
  })
  child.once('close', (code) => finish(code ?? undefined))
  return promise
}

// --- internal ---

const graceMs = 10_000

function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM')
  const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
  child.once('close', () => clearTimeout(kill))
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
