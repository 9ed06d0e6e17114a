import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  claimPlace,
  oncePerPlace,
  readRecords,
  releasePlace,
  removeAbandonedStacks,
  StackIsRunning,
  writeRecord,
} from './place.ts'
import { identify, isAlive } from './processes.ts'

let checkout: string
let dir: string
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'fig-place-'))
  chmodSync(checkout, 0o755)
  dir = join(checkout, '.fig', 'test-a')
})
afterEach(() => rmSync(checkout, { recursive: true, force: true }))

describe('claiming a folder', () => {
  it('is refused while its launcher lives, with the pid to stop', async () => {
    await claimPlace(dir)
    const again = claimPlace(dir)
    await expect(again).rejects.toThrow(StackIsRunning)
    await expect(again).rejects.toThrow(`process ${process.pid}`)
  })

  it('goes to one of many that try at once', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => claimPlace(dir)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('succeeds after the launcher gave it back', async () => {
    releasePlace(await claimPlace(dir))
    await expect(claimPlace(dir)).resolves.toMatchObject({ dir })
  })

  it('succeeds where the launcher is dead, or its pid is a stranger’s by now', async () => {
    releasePlace(await claimPlace(dir))
    writeFileSync(join(dir, 'launcher.json'), JSON.stringify({ ...identify(process.pid), startTime: '1', run: 'old' }))
    await expect(claimPlace(dir)).resolves.toMatchObject({ dir })
  })

  it('ends what a dead launcher left running, and forgets it', async () => {
    const place = await claimPlace(dir)
    const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    const ended = once(orphan, 'exit')
    const identity = identify(orphan.pid!)!
    writeRecord(place, { ...identity, part: 'mariadb', stage: 3, stop: [{ signal: 'SIGTERM', waitMs: 1_000 }] })
    rmSync(join(dir, 'launcher.json'))
    await claimPlace(dir)
    await ended
    expect(isAlive(identity)).toBe(false)
    expect(readRecords(dir)).toEqual([])
  })

  it('forgets a record that was cut short by a crash', async () => {
    releasePlace(await claimPlace(dir))
    writeFileSync(join(dir, 'processes', 'php.json'), '{"pid": 12')
    await expect(claimPlace(dir)).resolves.toMatchObject({ dir })
  })
})

describe('work that a stack needs once', () => {
  it('is not done twice', async () => {
    let times = 0
    for (let turn = 0; turn < 2; turn++) await oncePerPlace(dir, 'work', async () => void times++)
    expect(times).toBe(1)
  })

  it('is done again when it failed', async () => {
    const failing = oncePerPlace(dir, 'work', () => Promise.reject(new Error('cut short')))
    await expect(failing).rejects.toThrow('cut short')
    let times = 0
    await oncePerPlace(dir, 'work', async () => void times++)
    expect(times).toBe(1)
  })
})

describe('removing what killed test runs left', () => {
  it('takes abandoned stacks only: not one that runs, not one that is just being made, not one of another name', async () => {
    const stacks = join(checkout, '.fig')
    await claimPlace(join(stacks, 'test-running'))
    for (const name of ['test-abandoned', 'test-beginning', 'main']) mkdirSync(join(stacks, name), { recursive: true })
    for (const name of ['test-abandoned', 'main']) utimesSync(join(stacks, name), 0, 0)
    await removeAbandonedStacks(checkout, 'test-')
    const left = ['test-running', 'test-abandoned', 'test-beginning', 'main'].filter((name) =>
      existsSync(join(stacks, name)),
    )
    expect(left).toEqual(['test-running', 'test-beginning', 'main'])
    expect(readFileSync(join(stacks, 'test-running', 'launcher.json'), 'utf8')).toContain(`"pid":${process.pid}`)
  })
})
