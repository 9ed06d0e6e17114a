import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { endProcess, identify, isAlive, type ProcessIdentity, until } from './processes.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Runs a shell script as leader of its own session, until it has printed something. */
async function runShell(script: string): Promise<{ child: ChildProcess; identity: ProcessIdentity; said: string }> {
  const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = await once(child.stdout!, 'data')
  return { child, identity: identify(child.pid!)!, said: String(said).trim() }
}

describe('a process identity', () => {
  it('is of a living process until that has ended', async () => {
    const { child, identity } = await runShell('echo ready; exec sleep 60')
    expect(isAlive(identity)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(identity)).toBe(false)
  })

  it('is not that of a stranger who was given the same pid since', async () => {
    const { identity } = await runShell('echo ready; exec sleep 60')
    expect(isAlive({ ...identity, startTime: '1' })).toBe(false)
    expect(isAlive({ ...identity, bootId: 'before the last boot' })).toBe(false)
  })

  it('is undefined where there is no process', () => {
    expect(identify(2 ** 22 + 1)).toBeUndefined()
  })
})

describe('ending a process', () => {
  it('leaves a stranger alone who was given the same pid since', async () => {
    const { identity } = await runShell('echo ready; exec sleep 60')
    await endProcess({ ...identity, startTime: '1' }, [{ signal: 'SIGKILL', waitMs: 50 }])
    await endProcess({ ...identity, bootId: 'before the last boot' }, [{ signal: 'SIGKILL', waitMs: 50 }])
    expect(isAlive(identity)).toBe(true)
  })

  it('asks first, and kills what does not listen', async () => {
    const { identity } = await runShell("trap '' TERM; echo ready; while :; do sleep 1; done")
    await endProcess(identity, [{ signal: 'SIGTERM', waitMs: 100 }])
    expect(isAlive(identity)).toBe(false)
  })

  it('reaches the workers whose leader was killed', async () => {
    const { child, identity, said } = await runShell('sleep 60 & echo $!; wait')
    const worker = identify(Number(said))!
    child.kill('SIGKILL')
    await until(() => !isAlive(identity), 5_000)
    expect(isAlive(worker)).toBe(true)
    await endProcess(identity, [{ signal: 'SIGTERM', waitMs: 100 }])
    expect(isAlive(worker)).toBe(false)
  })
})
