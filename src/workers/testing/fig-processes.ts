import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

// Fig as real processes: a primary with its workers, a site behind them, and what is asked of them. Ended with everything.

export interface RunningFig extends AsyncDisposable {
  readonly child: ChildProcess
  readonly pid: number
  readonly port: number
  readonly operatorUrl: string
  /** Lines of the log, of all processes. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  readonly stderr: () => string
  /** How the primary ended: `exit code 0`, `signal SIGKILL`. */
  readonly ended: Promise<string>
  ask(path: string): Promise<{ readonly status: number; readonly text: string }>
  workers(): Promise<readonly WorkerSeen[]>
  /** Waits until so many workers serve, and no other. */
  serving(count: number): Promise<readonly WorkerSeen[]>
  logged(fits: (line: Readonly<Record<string, unknown>>) => boolean): Promise<Readonly<Record<string, unknown>>>
}

export interface WorkerSeen {
  readonly worker: number
  readonly pid: number
  readonly state: string
  readonly ready: boolean
  readonly connections: number
}

/** Starts Fig and waits until it is up. */
export async function startFig(settings: Readonly<Record<string, string>>): Promise<RunningFig> {
  const started = launchFig(settings)
  const fig: RunningFig = { ...started, ...askers(started) }
  try {
    const up = await Promise.race([
      fig.logged(({ msg, operatorUrl }) => msg === 'fig is up' && operatorUrl !== undefined),
      started.ended.then((how) => {
        throw new Error(`fig ended with ${how}: ${started.stderr()}`)
      }),
    ])
    const port = Number(new URL(String(up.siteUrl)).port)
    return {
      ...fig,
      port,
      operatorUrl: String(up.operatorUrl),
      ...askers({ ...started, operatorUrl: String(up.operatorUrl) }),
    }
  } catch (error) {
    await fig[Symbol.asyncDispose]()
    throw error
  }
}

/** Starts Fig where it is not expected to come up. */
export function launchFig(settings: Readonly<Record<string, string>>): Omit<RunningFig, keyof Askers> {
  const { PATH, HOME } = process.env
  const main = join(import.meta.dirname, '../../main.ts')
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of a group of its own: what is left of it in the end can be told.
    detached: true,
    env: { PATH, HOME, FIG_PORT: '0', FIG_OPERATOR_PORT: '0', ...settings },
  })
  const leader = child.pid ?? 0
  const endAll = (): void => {
    if (isGroupAlive(leader)) process.kill(-leader, 'SIGKILL')
  }
  // A test that ran out of time does not come to its own end.
  onTestFinished(endAll)
  const log: Record<string, unknown>[] = []
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) log.push(parsed(line))
  })
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += String(chunk)
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
  return {
    child,
    pid: leader,
    port: 0,
    operatorUrl: '',
    log,
    stderr: () => stderr,
    ended,
    async [Symbol.asyncDispose]() {
      endAll()
      await ended
    },
  }
}

/** Whether the primary or any of its workers lives. */
export function isGroupAlive(leader: number): boolean {
  const isMember = (pid: string) => {
    try {
      // proc(5): the name in brackets may hold anything; then come state, parent and group.
      const [state, , group] = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')
      return Number(group) === leader && state !== 'Z'
    } catch {
      return false // gone meanwhile
    }
  }
  if (process.platform === 'linux') return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && isMember(pid))
  try {
    return process.kill(-leader, 0)
  } catch {
    return false
  }
}

export interface Site extends AsyncDisposable {
  readonly url: string
  /** Requests that it is answering at the moment, at most so far. */
  readonly runningMax: () => number
}

/** A legacy site that takes a little while for each page, so that something always runs. */
export async function startSite(answerMs = 5): Promise<Site> {
  let running = 0
  let runningMax = 0
  const server = http.createServer((req, res) => {
    running += 1
    runningMax = Math.max(runningMax, running)
    res.once('close', () => {
      running -= 1
    })
    setTimeout(() => res.end(`page ${req.url}`), answerMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runningMax: () => runningMax,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Asks again until there is an answer; fails loudly, never by sleeping. */
export async function until<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  what: string,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

// --- internal ---

type Askers = Pick<RunningFig, 'ask' | 'workers' | 'serving' | 'logged'>

function askers({ operatorUrl, log }: Pick<RunningFig, 'operatorUrl' | 'log'>): Askers {
  const ask = async (path: string) => {
    const response = await fetch(`${operatorUrl}${path}`)
    return { status: response.status, text: await response.text() }
  }
  const workers = async () => {
    const { text } = await ask('/status')
    return (JSON.parse(text) as { readonly workers: readonly WorkerSeen[] }).workers
  }
  return {
    ask,
    workers,
    serving: (count) =>
      until(async () => {
        const seen = await workers()
        return seen.length === count && seen.every(({ ready, state }) => ready && state === 'serving')
          ? seen
          : undefined
      }, `${count} workers`),
    logged: (fits) => until(() => log.find(fits), 'a log line'),
  }
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return { msg: line }
  }
}
