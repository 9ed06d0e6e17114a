/**
 * Where a stack keeps its things, and who may use them: folders, the launcher's claim, the records of running parts.
 *
 *   <dir>/launcher.json        who started this stack (see claimPlace)
 *   <dir>/processes/<part>.json  what runs, and how it is stopped
 *   <dir>/logs/<part>.log      this start; <part>.log.1 is the start before
 *   <dir>/<part>/              a part's own data
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { StackError } from './parts.ts'
import { endProcess, identify, isAlive, type ProcessIdentity, type StopStep } from './processes.ts'

export interface Place {
  readonly dir: string
  /** One start of one stack: records of another run are not ours to stop. */
  readonly run: string
}

export interface ProcessRecord extends ProcessIdentity {
  readonly part: string
  readonly run: string
  /** Lower stages stop first. */
  readonly stage: number
  readonly stop: readonly StopStep[]
}

/**
 * The folder of all stacks of a checkout: `.fig`. Postgres refuses to run as root and is started as `nobody`, who can't get
 * below a closed home folder such as /root: there the data lies under /var/tmp.
 */
export function stackRoot(checkout: string): string {
  if (process.getuid?.() !== 0 || othersCanEnter(checkout)) return makeFolder(join(checkout, '.fig'))
  const outside = makeFolder(outsideFolder(checkout))
  if (lstatSync(outside).uid !== 0) {
    throw new StackError(`${outside} belongs to another user`, `Remove ${outside} and start again.`)
  }
  return outside
}

/** Wherever the data lies, a person finds it at `.fig/<name>`. */
export function linkStack(checkout: string, dir: string): void {
  const link = join(makeFolder(join(checkout, '.fig')), basename(dir))
  if (link !== dir && lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(dir, link)
}

/** Test runs that were killed, and their guards with them, leave their data behind. */
export async function removeAbandonedStacks(checkout: string, prefix: string): Promise<void> {
  const root = stackRoot(checkout)
  for (const name of readdirSync(root).filter((entry) => entry.startsWith(prefix))) {
    const dir = join(root, name)
    const justBegun = Date.now() - (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? 0) < justBegunMs
    if (launcherOf(dir) === undefined && justBegun) continue
    try {
      await claimPlace(dir)
      rmSync(dir, { recursive: true, force: true })
    } catch (error) {
      if (!(error instanceof StackIsRunning)) throw error
    }
  }
}

/** Takes the place, ends whatever a killed launcher left running in it, and refuses when its launcher lives. */
export async function claimPlace(dir: string): Promise<Place> {
  const launcher = identify(process.pid)
  const place: Place = { dir, run: randomUUID() }
  refuseOthersData(dir)
  for (const folder of [dir, join(dir, 'logs'), join(dir, 'processes')]) makeFolder(folder)
  const claim = `${launcherFile(dir)}.${process.pid}`
  writeFileSync(claim, JSON.stringify({ ...launcher, run: place.run }))
  try {
    while (!linked(claim, launcherFile(dir))) {
      const owner = launcherOf(dir)
      if (owner !== undefined && isAlive(owner)) throw new StackIsRunning(dir, owner.pid)
      takeAwayStale(dir, `${claim}.stale`)
    }
  } finally {
    rmSync(claim, { force: true })
  }
  // The dead launcher's watch may be at the same work: ending a process twice does no harm, and the watch itself goes last.
  await endRecorded(dir, readRecords(dir))
  return place
}

/** Throws a stack's data away, unless it runs. */
export async function removeStack(dir: string): Promise<void> {
  if (!existsSync(dir)) return
  const place = await claimPlace(dir)
  for (const entry of readdirSync(dir)) rmSync(join(dir, entry), { recursive: true, force: true })
  releasePlace(place)
}

export function releasePlace(place: Place): void {
  if (launcherOf(place.dir)?.run === place.run) rmSync(launcherFile(place.dir), { force: true })
}

export class StackIsRunning extends StackError {
  readonly launcherPid: number

  constructor(dir: string, launcherPid: number) {
    super(
      `This stack is running already (started by process ${launcherPid}, data in ${dir}).`,
      `Use the one that runs, stop it with Ctrl-C in its terminal or with \`kill ${launcherPid}\`, or start a second one from another clone.`,
    )
    this.launcherPid = launcherPid
  }
}

export function launcherOf(dir: string): (ProcessIdentity & { readonly run: string }) | undefined {
  return readJson(launcherFile(dir))
}

export function writeRecord(place: Place, record: Omit<ProcessRecord, 'run'>): void {
  const file = recordFile(place.dir, record.part)
  writeFileSync(`${file}.new`, JSON.stringify({ ...record, run: place.run }, undefined, 2))
  renameSync(`${file}.new`, file)
}

export function readRecords(dir: string): ProcessRecord[] {
  const folder = join(dir, 'processes')
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.map((name) => readJson<ProcessRecord>(join(folder, name))).filter((record) => record !== undefined)
}

/** Stops recorded processes stage by stage: what serves first, what stores last. */
export async function endRecorded(dir: string, records: readonly ProcessRecord[]): Promise<void> {
  const stages = [...new Set(records.map((record) => record.stage))].sort((a, b) => a - b)
  for (const stage of stages) {
    const now = records.filter((record) => record.stage === stage)
    await Promise.all(
      now.map(async (record) => {
        await endProcess(record, record.stop)
        const file = recordFile(dir, record.part)
        if (readJson<ProcessRecord>(file)?.run === record.run) rmSync(file, { force: true })
      }),
    )
  }
}

/** Work that a stack needs once in its life. Interrupted work is done again. */
export async function oncePerPlace(dir: string, name: string, work: () => Promise<void>): Promise<void> {
  const file = join(dir, 'done', name)
  if (existsSync(file)) return
  await work()
  makeFolder(dirname(file))
  writeFileSync(file, '')
}

export function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  if (statSync(path).uid === process.getuid?.()) chmodSync(path, 0o755) // whatever the umask says
  return path
}

export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A Unix socket's path holds 107 bytes at most (sockaddr_un), and a checkout may lie deep. */
export function socketPath(dir: string, part: string): string {
  const path = join(dir, `${part}.sock`)
  if (Buffer.byteLength(path) <= socketPathMax) return path
  return join(tmpdir(), `fig-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.sock`)
}

/** For messages: the end of a part's log. */
export function logTail(dir: string, part: string, lines = 12): string[] {
  try {
    return readFileSync(logFile(dir, part), 'utf8').trimEnd().split('\n').slice(-lines)
  } catch {
    return []
  }
}

export function describeLog(dir: string, part: string, tail = logTail(dir, part)): string[] {
  const file = logFile(dir, part)
  return tail.length === 0 ? [`${file} is empty.`] : [`Last lines of ${file}:`, ...tail]
}

/** Keeps the log of the start before, and no more. */
export function rotateLog(dir: string, part: string): void {
  const file = logFile(dir, part)
  if (existsSync(file)) renameSync(file, `${file}.1`)
}

export function logFile(dir: string, part: string): string {
  return join(dir, 'logs', `${part}.log`)
}

// --- internal ---

/** Between making its folder and claiming it, a start is not to be taken for an abandoned one. */
const justBegunMs = 60_000
const socketPathMax = 107

/** Somebody started it with sudo once: every part would fail in its own words. */
function refuseOthersData(dir: string): void {
  const owner = statSync(dir, { throwIfNoEntry: false })?.uid
  const user = process.getuid?.()
  if (owner === undefined || user === undefined || owner === user) return
  throw new StackError(
    `The data in ${dir} belongs to another user (uid ${owner}, this is ${user}).`,
    `Start as that user, or throw the data away with \`sudo rm -rf ${dir}\`, or take another folder with --name.`,
  )
}

function othersCanEnter(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (dirname(folder) === folder) return true
  }
}

function outsideFolder(checkout: string): string {
  return join('/var/tmp', `fig${checkout.replaceAll(/[^A-Za-z0-9]+/g, '-')}`)
}

/** A hard link is made or refused in one step, with its content already there: nobody ever reads half a claim. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Should another start have put its own claim there meanwhile, it gets it back. */
function takeAwayStale(dir: string, aside: string): void {
  if (!existsSync(launcherFile(dir))) return
  renameSync(launcherFile(dir), aside)
  const taken = readJson<ProcessIdentity>(aside)
  if (taken !== undefined && isAlive(taken)) linked(aside, launcherFile(dir))
  rmSync(aside, { force: true })
}

function launcherFile(dir: string): string {
  return join(dir, 'launcher.json')
}

function recordFile(dir: string, part: string): string {
  return join(dir, 'processes', `${part}.json`)
}
