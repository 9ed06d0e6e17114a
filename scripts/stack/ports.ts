/** Ports: the fixed ones of `npm start`, checked before anything is started, and free ones for tests. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PortName, type Ports, portNames } from './parts.ts'
import { identify, isAlive, type ProcessIdentity } from './processes.ts'

export type PortState = 'free' | 'taken' | 'forbidden'

export async function portState(port: number): Promise<PortState> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const state = await tryListen(port, host)
    if (state !== 'free') return state
  }
  return 'free'
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
