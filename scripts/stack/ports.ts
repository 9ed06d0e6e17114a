/** Ports: the fixed ones of `npm start`, checked before anything is started, and free ones for tests. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PartName, type PortName, type Ports, portNames, portUses, StackError } from './parts.ts'
import { commandOf, identify, isAlive, type ProcessIdentity } from './processes.ts'

export type PortState = 'free' | 'taken' | 'forbidden'

export async function portState(port: number): Promise<PortState> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const state = await tryListen(port, host)
    if (state !== 'free') return state
  }
  return 'free'
}

/** Refuses ports that can't be had, all of them at once. */
export async function checkPorts(ports: Ports, parts: readonly PartName[]): Promise<void> {
  const wanted = portNames.filter((name) => parts.includes(portUses[name].part))
  const problems = [...duplicates(ports, wanted)]
  for (const name of wanted) {
    const state = await portState(ports[name])
    const { title, option } = portUses[name]
    if (state === 'taken') {
      const holder = holderOf(ports[name])
      const by = holder === undefined ? 'another program' : `process ${holder} (${commandOf(holder) ?? 'unknown'})`
      problems.push(`Port ${ports[name]}, wanted for ${title}, is held by ${by}. Another port: --${option} <port>`)
    }
    if (state === 'forbidden') {
      problems.push(`Port ${ports[name]}, wanted for ${title}, is not for this user. Another port: --${option} <port>`)
    }
  }
  if (problems.length === 0) return
  const remedy = 'Choose other ports: `npm start -- --ports-from 20000` moves all of them, the options above move one.'
  throw new StackError(`${problems.length === 1 ? 'A port is' : 'Ports are'} not free.`, remedy, problems)
}

export interface PortReservation {
  readonly ports: Ports
  release(): void
}

/**
 * Free ports below the range the kernel hands out by itself, so that an outgoing connection can't take one between the
 * choice and the start. A file per port keeps two test runs that choose at the same moment apart.
 */
export async function reserveFreePorts(): Promise<PortReservation> {
  const reserved: { port: number; file: string }[] = []
  while (reserved.length < portNames.length) {
    const port = firstFreePort + Math.floor(Math.random() * freePortCount)
    const file = claim(port)
    if (file === undefined) continue
    if ((await portState(port)) === 'free') reserved.push({ port, file })
    else rmSync(file, { force: true })
  }
  const ports = Object.fromEntries(portNames.map((name, index) => [name, reserved[index]!.port]))
  return {
    ports: ports as Record<PortName, number>,
    release() {
      for (const { file } of reserved) rmSync(file, { force: true })
    },
  }
}

// --- internal ---

function* duplicates(ports: Ports, wanted: readonly PortName[]): Generator<string> {
  for (const [index, name] of wanted.entries()) {
    const twin = wanted.slice(index + 1).find((other) => ports[other] === ports[name])
    if (twin !== undefined) {
      yield `Port ${ports[name]} is wanted for both ${portUses[name].title} and ${portUses[twin].title}.`
    }
  }
}

/** The process that listens, where the kernel tells (Linux, and processes that we may look into). */
function holderOf(port: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)))
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  return pids.map(Number).find((pid) => openFiles(pid).some((file) => inodes.has(file)))
}

/** proc(5): local address and port in hexadecimal, state 0A is LISTEN, the tenth field is the inode. */
function listeningInodes(table: string, port: number): string[] {
  if (!existsSync(table)) return []
  const rows = readFileSync(table, 'utf8').split('\n').slice(1)
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const fields = rows.map((row) => row.trim().split(/\s+/))
  return fields
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hexPort}`))
    .map((row) => `socket:[${row[9]}]`)
}

/** Other users' processes can't be looked into, and files come and go meanwhile. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  return orNothing(() => readdirSync(folder)).flatMap((file) => orNothing(() => [readlinkSync(`${folder}/${file}`)]))
}

function orNothing(look: () => string[]): string[] {
  try {
    return look()
  } catch {
    return []
  }
}

const firstFreePort = 16_400
const freePortCount = 32_000 - firstFreePort

function tryListen(port: number, host: string): Promise<PortState> {
  const { promise, resolve, reject } = Promise.withResolvers<PortState>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve('taken')
    else if (error.code === 'EACCES') resolve('forbidden')
    else reject(error)
  })
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve('free')))
  return promise
}

/** Creates the file that stands for a port; undefined when a living process has it. */
function claim(port: number): string | undefined {
  const folder = join(tmpdir(), `fig-ports-${process.getuid?.() ?? 0}`)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, String(port))
  try {
    writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' })
    return file
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (!ownerLives(file)) rmSync(file, { force: true }) // for the next one who draws this number
  return undefined
}

function ownerLives(file: string): boolean {
  try {
    return isAlive(JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity)
  } catch {
    return true // being written at this moment, or removed already: not ours either way
  }
}
