/**
 * Which process is it, does it still live, and how is it ended.
 *
 * A pid alone says nothing after a crash: the number may belong to a stranger by now. A process is therefore known by its
 * pid, its start time and the boot it was started in, and nothing is ever signalled on the strength of a number alone.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
  readonly bootId: string
}

/** Signals tried one after the other; whatever then still lives is killed. */
export interface StopStep {
  readonly signal: NodeJS.Signals
  readonly waitMs: number
}

export function identify(pid: number): ProcessIdentity | undefined {
  const seen = look(pid)
  if (seen === undefined || seen.zombie) return undefined
  return { pid, startTime: seen.startTime, bootId: bootId() }
}

export function isAlive(process: ProcessIdentity): boolean {
  if (process.bootId !== bootId()) return false
  const seen = look(process.pid)
  return seen !== undefined && !seen.zombie && seen.startTime === process.startTime
}

/** Ends a process and everything it started in its own session. Resolves once nothing of it is left. */
export async function endProcess(process: ProcessIdentity, steps: readonly StopStep[]): Promise<void> {
  if (process.bootId !== bootId()) return
  for (const step of steps) {
    if (!isAlive(process)) break
    signal(process.pid, step.signal)
    await until(() => !isAlive(process), step.waitMs)
  }
  const leftovers = (): number[] => (isStranger(process) ? [] : groupMembers(process.pid))
  for (const pid of leftovers()) signal(pid, 'SIGKILL')
  await until(() => leftovers().length === 0, killWaitMs)
}

/** Polls a condition; false when the time is over. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() >= deadline) return false
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return true
}

/** What a process calls itself, for messages; undefined when it can't be told. */
export function commandOf(pid: number): string | undefined {
  try {
    if (linux) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return ps(['-o', 'command=', '-p', String(pid)])
  } catch {
    return undefined
  }
}

// --- internal ---

const linux = process.platform === 'linux'
const pollMs = 10
const killWaitMs = 5_000

interface Seen {
  readonly startTime: string
  readonly zombie: boolean
  readonly groupId: number
  readonly sessionId: number
}

function look(pid: number): Seen | undefined {
  try {
    if (linux) return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    const line = ps(['-o', 'stat=,pgid=,lstart=', '-p', String(pid)])
    const [, state = '', group = '0', startTime = ''] = /^(\S+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    if (startTime === '') return undefined
    return { startTime, zombie: state.startsWith('Z'), groupId: Number(group), sessionId: Number(group) }
  } catch {
    return undefined // no such process
  }
}

/** proc(5): the command in brackets may itself hold spaces and brackets, so fields are counted from the last bracket. */
function parseStat(stat: string): Seen {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    startTime: fields[19] ?? '',
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    groupId: Number(fields[2]),
    sessionId: Number(fields[3]),
  }
}

/** The pid was given to another program since. (Not while any member of the old session lives: the kernel keeps the number.) */
function isStranger(process: ProcessIdentity): boolean {
  const seen = look(process.pid)
  return seen !== undefined && seen.startTime !== process.startTime
}

/** Every part is started as the leader of a session of its own, so workers of a killed leader are found by it. */
function groupMembers(leader: number): number[] {
  if (linux) {
    const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
    return pids.map(Number).filter((pid) => {
      const seen = look(pid)
      return seen !== undefined && !seen.zombie && seen.sessionId === leader
    })
  }
  const rows = ps(['-axo', 'pid=,pgid=']).split('\n')
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number))
  return pairs.filter(([, group]) => group === leader).map(([pid]) => pid as number)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // gone already is what we want
  }
}

let knownBootId: string | undefined
function bootId(): string {
  knownBootId ??= linux
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim()
  return knownBootId
}

function ps(args: readonly string[]): string {
  return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
