import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { checkout } from '../test/test-stack.ts'
import { portUses, stackRoot } from './stack/index.ts'
import { launcherOf, type ProcessRecord, readRecords } from './stack/place.ts'
import { type PortReservation, reserveFreePorts } from './stack/ports.ts'
import { isAlive, until } from './stack/processes.ts'

const name = `test-start-${process.pid}`
const dir = join(stackRoot(checkout), name)
const children: ChildProcess[] = []
let reservation: PortReservation

beforeAll(async () => {
  reservation = await reserveFreePorts()
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await until(() => runningParts().length === 0 && !launcherLives(), 20_000)
})

afterAll(() => {
  reservation.release()
  for (const path of [dir, join(checkout, '.fig', name)]) rmSync(path, { recursive: true, force: true })
})

interface Started {
  readonly child: ChildProcess
  output(): string
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
}

/** As `npm start -- <words>` does. */
function npmStart(words: readonly string[] = []): Started {
  const ports = Object.entries(reservation.ports).map(([port, number]) => {
    return `--${portUses[port as keyof typeof portUses].option}=${number}`
  })
  const bootstrap = join(checkout, 'scripts', 'bootstrap.mjs')
  const child = spawn(process.execPath, [bootstrap, 'start', '--name', name, ...ports, ...words])
  children.push(child)
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(String(chunk)))
  return { child, output: () => chunks.join(''), ended: once(child, 'close').then(([code]) => code as number | null) }
}

async function ready(started: Started): Promise<string> {
  await until(() => started.output().includes('Next thing to try') || started.child.exitCode !== null, 90_000)
  if (!started.output().includes('Next thing to try')) throw new Error(`not ready:\n${started.output()}`)
  return started.output()
}

function launcherLives(): boolean {
  const launcher = launcherOf(dir)
  return launcher !== undefined && isAlive(launcher)
}

function runningParts(): ProcessRecord[] {
  return readRecords(dir).filter(isAlive)
}

const everything = ['fig', 'guard', 'mariadb', 'nginx', 'php', 'postgres', 'unleash']

describe('npm start', () => {
  it('brings everything up from nothing, says what runs where, refuses a second one, and stops whole on SIGTERM', async () => {
    const started = npmStart(['--mods', '100'])
    const table = await ready(started)
    const { site, legacy, unleash, operator } = reservation.ports
    for (const port of [site, legacy, unleash, operator]) expect(table).toContain(`http://127.0.0.1:${port} `)
    expect(table).toContain('admin / unleash4all')
    const answers = await Promise.all([site, legacy].map((port) => fetch(`http://127.0.0.1:${port}/index.php`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])

    const second = npmStart()
    expect(await second.ended).toBe(1)
    expect(second.output()).toMatch(/This stack is running already \(started by process \d+/)

    const parts = runningParts()
    expect(parts.map(({ part }) => part).sort()).toEqual(everything)
    started.child.kill('SIGTERM')
    expect(await started.ended).toBe(0)
    expect(started.output()).toContain('everything is stopped')
    expect(parts.filter(isAlive)).toEqual([])
  })

  it('finds its data again, but not for a site of another size', async () => {
    const other = npmStart(['--mods', '200'])
    expect(await other.ended).toBe(1)
    expect(other.output()).toContain('This stack holds a site of 100 mods, not 200.')
    expect(other.output()).toContain('npm start -- --fresh --mods 200')
    expect(runningParts()).toEqual([])
  })

  it('comes up again at once after its launcher was killed', async () => {
    await ready(npmStart())
    const before = runningParts()
    process.kill(launcherOf(dir)!.pid, 'SIGKILL')
    await ready(npmStart())
    expect(before.filter(isAlive)).toEqual([])
    expect(
      runningParts()
        .map(({ part }) => part)
        .sort(),
    ).toEqual(everything)
  })

  it('stops when the bootstrap above it is killed', async () => {
    const started = npmStart()
    await ready(started)
    started.child.kill('SIGKILL')
    expect(await until(() => !launcherLives(), 20_000)).toBe(true)
    expect(runningParts()).toEqual([])
  })

  it('says what is wrong with its options, before it starts anything', async () => {
    const started = npmStart(['--mods', 'many'])
    expect(await started.ended).toBe(1)
    expect(started.output()).toContain('--mods (or FIG_START_MODS) must be a whole number')
    expect(started.output()).not.toMatch(/^\s+at /m)
  })
})
