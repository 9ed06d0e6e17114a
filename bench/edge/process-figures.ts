/** What a process and all that it started have used, from /proc (see proc(5)). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** A process that Processes started leads a session; its children belong to it. */
export function sessionMembers(leader: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.[field.session] === String(leader))
}

/** User and system time, with that of children that have ended, in milliseconds. */
export function cpuMs(leader: number): number {
  const counted = [field.userTicks, field.systemTicks, field.childrenUserTicks, field.childrenSystemTicks]
  let ticks = 0
  for (const pid of sessionMembers(leader)) {
    const stat = statOf(pid)
    for (const index of counted) ticks += Number(stat?.[index] ?? 0)
  }
  return ticks * tickMs
}

export interface Memory {
  readonly residentBytes: number
  /** The most since the last forgetPeak(). */
  readonly peakBytes: number
}

/** Summed over the processes: pages that they share count once for each. */
export function memoryOf(leader: number): Memory {
  const statuses = sessionMembers(leader).map(statusOf)
  return {
    residentBytes: statuses.reduce((sum, status) => sum + kilobytes(status, 'VmRSS') * 1024, 0),
    peakBytes: statuses.reduce((sum, status) => sum + kilobytes(status, 'VmHWM') * 1024, 0),
  }
}

/** Lets the peak start again from what is in use now. */
export function forgetPeak(leader: number): void {
  for (const pid of sessionMembers(leader)) writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** The processors this process may use. */
export function allowedCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(statusOf('self'))?.[1] ?? ''
  return parseCoreList(list)
}

/** '0-2,5' -> [0, 1, 2, 5] */
export function parseCoreList(list: string): readonly number[] {
  return list
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

// --- internal ---

/** USER_HZ is 100 on every platform that Node runs on; the kernel converts to it. */
const tickMs = 10

/** Counted from the state, which follows the name in brackets. */
const field = { session: 3, userTicks: 11, systemTicks: 12, childrenUserTicks: 13, childrenSystemTicks: 14 } as const

function statOf(pid: number): readonly string[] | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`)
  // A name may hold blanks and brackets: the fields begin after the last one.
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function statusOf(pid: number | 'self'): string {
  return readOrEmpty(`/proc/${pid}/status`)
}

/** A process may end between being listed and being read. */
function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
}
