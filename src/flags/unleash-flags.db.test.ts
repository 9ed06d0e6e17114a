import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { createLogger, silentLogger } from '../platform/index.ts'
import type { DeclaredFlag } from './declared-flags.ts'
import type { Flags } from './flags.ts'
import { type Fault, type FaultyGateway, openFaultyGateway } from './testing/faulty-gateway.ts'
import { describeFlags, showsStates } from './testing/flags-contract.ts'
import { type UnleashAdmin, unleashAdmin } from './testing/unleash-admin.ts'
import { openUnleash } from './testing/unleash-process.ts'
import { createUnleashFlags, type UnleashFlagsOptions } from './unleash-flags.ts'

const prefix = `flags-${process.pid}-`
const flag = `${prefix}route`
const opened: Flags[] = []

describeFlags('a real Unleash', async () => {
  const admin = unleashAdmin(inject('unleash'))
  const flags = open({ url: inject('unleash').url })
  await flags.start()
  const made = new Set<string>()
  return {
    prefix: `contract-${process.pid}-`,
    flags: () => flags,
    async set(states) {
      for (const [name, state] of Object.entries(states)) await setState(admin, made, name, state)
      await until(() => showsStates(flags.snapshot(), states))
    },
    async [Symbol.asyncDispose]() {
      await flags.close()
      for (const name of made) await admin.removeFeature(name)
    },
  }
})

describe('flags from a real Unleash', () => {
  const admin = unleashAdmin(inject('unleash'))
  let gateway: FaultyGateway
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fig-flags-'))
    gateway = await openFaultyGateway(inject('unleash').url)
    await admin.createFeature(flag)
  })
  afterEach(async () => {
    gateway.fault = 'none'
    await Promise.all(opened.splice(0).map((flags) => flags.close()))
  })
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    await admin.removeFeature(flag)
    await rm(folder, { recursive: true })
  })

  it('shows each of six flips within 1.5 s, to every visitor at once', async () => {
    const flags = await started({ url: inject('unleash').url })
    const delaysMs: number[] = []
    for (let flip = 0; flip < 6; flip += 1) {
      const wanted = flip % 2 === 0 ? 'on' : 'off'
      await admin.turn(flag, wanted)
      const turnedAt = performance.now()
      await until(() => stateOf(flags) === wanted, 5)
      delaysMs.push(performance.now() - turnedAt)
    }
    console.log(`flag flips seen after ${delaysMs.map((delayMs) => delayMs.toFixed(0)).join(', ')} ms`)
    expect(Math.max(...delaysMs)).toBeLessThan(1_500)
  })

  it('calls a flag with a constraint partial, even at 100 %', async () => {
    const flags = await started({ url: inject('unleash').url })
    await admin.turn(flag, 'on')
    await admin.setShare(flag, 100, [{ contextName: 'sessionId', operator: 'IN', values: ['chosen'] }])
    const ask = (id: string) => flags.snapshot().evaluate(flag, { id })
    await until(() => ask('chosen').partial)
    expect(ask('chosen')).toEqual({ state: 'on', partial: true })
    expect(ask('another')).toEqual({ state: 'off', partial: true })
    await admin.setShare(flag, 100)
  })

  it('keeps the last known state through every fault of a server, and hears it again afterwards', async () => {
    await admin.turn(flag, 'on')
    const trials = await Promise.all(faults.map(openTrial))
    await using _gateways = { [Symbol.asyncDispose]: () => closeAll(trials.map((trial) => trial.gateway)) }
    await until(() => trials.every(({ flags }) => stateOf(flags) === 'on'))
    for (const trial of trials) trial.gateway.fault = trial.fault
    const before = trials.map((trial) => trial.gateway.requests)
    const haveFailed = (times: number) => () =>
      trials.every((trial, at) => trial.gateway.requests >= before[at]! + times)
    await until(haveFailed(3)) // the first may have been answered before the fault
    const frozenAt = trials.map(({ flags }) => flags.snapshot().receivedAt)
    await admin.turn(flag, 'off')
    await until(haveFailed(6))
    expect(trials.map(({ fault, flags }) => `${fault}: ${stateOf(flags)}`)).toEqual(
      faults.map((fault) => `${fault}: on`),
    )
    expect(trials.map(({ flags }) => flags.snapshot().receivedAt)).toEqual(frozenAt)
    for (const trial of trials) trial.gateway.fault = 'none'
    const healedAt = performance.now()
    await until(() => trials.every(({ flags }) => stateOf(flags) === 'off'))
    expect(performance.now() - healedAt).toBeLessThan(2_500)
  })

  it('starts without an answer, in bounded time, from the backup that the last run left, and recovers by itself', async () => {
    await admin.turn(flag, 'on')
    const backupFile = join(folder, 'nested', 'backup.json')
    const first = await started({ url: gateway.url, backupFile })
    await until(() => stateOf(first) === 'on')
    const confirmedAt = first.snapshot().receivedAt!
    await first.close()
    gateway.fault = 'hang'
    await admin.turn(flag, 'off')
    const startedAt = performance.now()
    const second = await started({ url: gateway.url, backupFile, startTimeoutMs: 300 })
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(second.snapshot().source).toBe('backup')
    expect(second.snapshot().receivedAt).toBeLessThanOrEqual(confirmedAt)
    expect(stateOf(second)).toBe('on')
    gateway.fault = 'none'
    await until(() => stateOf(second) === 'off')
    expect(second.snapshot().source).toBe('server')
  })

  it('does not take the backup of another server, nor one that is damaged', async () => {
    const backupFile = join(folder, 'other.json')
    const first = await started({ url: inject('unleash').url, backupFile })
    await first.close()
    gateway.fault = 503
    const other = await started({ url: gateway.url, backupFile, startTimeoutMs: 100 })
    expect(other.snapshot().source).toBe('none')
    const whole = await readFile(backupFile, 'utf8')
    await writeFile(backupFile, whole.slice(0, whole.length / 2))
    const damaged = await started({ url: inject('unleash').url, backupFile, token: 'wrong', startTimeoutMs: 100 })
    expect(damaged.snapshot().source).toBe('none')
  })

  it('starts with a token that the server refuses: nothing is known, and it goes on asking', async () => {
    const flags = await started({ url: gateway.url, token: 'default:development.wrong', startTimeoutMs: 300 })
    expect(flags.snapshot().source).toBe('none')
    expect(stateOf(flags)).toBe('unknown')
    const before = gateway.requests
    await until(() => gateway.requests >= before + 2)
  })

  it('says how old the state is, what keeps it from being renewed, and, once, that it has grown too old', async () => {
    const lines: string[] = []
    const log = createLogger({ destination: { write: (line) => void lines.push(line) } })
    const alarms = () => lines.filter((line) => line.includes('the flags are stale')).length
    const flags = await started({ url: gateway.url, maximumAgeMs: 1_000, log })
    expect(flags.health()).toMatchObject({ source: 'server', problem: undefined, staleSince: undefined })
    expect(Date.now() - flags.health().receivedAt!).toBeLessThan(1_000)
    gateway.fault = 503
    await until(() => flags.health().problem !== undefined)
    const { receivedAt, problem, staleSince } = flags.health()
    expect({ problem, staleSince }).toEqual({ problem: 'bad-status: status 503', staleSince: undefined })
    await until(() => flags.health().staleSince !== undefined)
    expect(flags.health().staleSince).toBe(receivedAt! + 1_000)
    await until(() => alarms() > 0)
    const before = gateway.requests
    await until(() => gateway.requests >= before + 2)
    expect(alarms()).toBe(1)
    gateway.fault = 'none'
    await until(() => flags.health().problem === undefined)
    expect(flags.health()).toMatchObject({ source: 'server', staleSince: undefined })
    await until(() => lines.some((line) => line.includes('the flags are fresh again')))
  })

  it('is stale from the first failure on where nothing was ever known, and at once with a backup that is too old', async () => {
    const backupFile = join(folder, 'aged.json')
    const first = await started({ url: gateway.url, backupFile })
    const receivedAt = first.health().receivedAt!
    await first.close()
    gateway.fault = 401
    const startedAt = Date.now()
    const nothing = await started({ url: gateway.url, startTimeoutMs: 300 })
    expect(nothing.health()).toMatchObject({
      source: 'none',
      receivedAt: undefined,
      problem: 'token-refused: status 401',
    })
    expect(nothing.health().staleSince).toBeGreaterThanOrEqual(startedAt)
    await until(() => Date.now() > receivedAt + 100)
    const aged = await started({ url: gateway.url, backupFile, maximumAgeMs: 10 })
    expect(aged.health().source).toBe('backup')
    expect(aged.health().staleSince).toBeLessThan(receivedAt + 100)
  })

  it('can be closed while a request hangs, and asks nothing afterwards', async () => {
    const flags = await started({ url: gateway.url })
    gateway.fault = 'hang'
    const before = gateway.requests
    await until(() => gateway.requests > before)
    const closedAt = performance.now()
    await flags.close()
    expect(performance.now() - closedAt).toBeLessThan(500)
    const after = gateway.requests
    await new Promise((resolve) => setTimeout(resolve, 500)) // nothing to wait for: it is about what does not happen
    expect(gateway.requests).toBe(after)
  })

  it('survives a kill of the server and sees what was changed after its restart', { timeout: 90_000 }, async () => {
    await using server = await openUnleash(inject('postgresUrl'))
    await server.start()
    const own = unleashAdmin(server)
    await own.createFeature(flag)
    await own.turn(flag, 'on')
    const flags = await started({ url: server.url, token: server.clientToken })
    await until(() => stateOf(flags) === 'on')
    await server.kill()
    const failedAt = flags.snapshot().receivedAt
    await new Promise((resolve) => setTimeout(resolve, 300)) // longer than one interval, so that polls have failed
    expect(stateOf(flags)).toBe('on')
    await server.start()
    await until(() => flags.snapshot().receivedAt !== failedAt)
    await own.turn(flag, 'off')
    await until(() => stateOf(flags) === 'off')
    await flags.close()
  })
})

// --- internal ---

const faults: readonly Fault[] = ['hang', 'cut', 'nonsense', 'half-an-answer', 401, 403, 404, 429, 500, 503]

interface Trial {
  readonly fault: Fault
  readonly gateway: FaultyGateway
  readonly flags: Flags
}

async function openTrial(fault: Fault): Promise<Trial> {
  const gateway = await openFaultyGateway(inject('unleash').url)
  return { fault, gateway, flags: await started({ url: gateway.url, requestTimeoutMs: 500 }) }
}

async function closeAll(gateways: readonly FaultyGateway[]): Promise<void> {
  await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()))
}

function open(options: Partial<UnleashFlagsOptions> & { readonly url: string }): Flags {
  const url = `${options.url}/api`
  const flags = createUnleashFlags({ token: inject('unleash').clientToken, log: silentLogger(), ...options, url })
  opened.push(flags)
  return flags
}

async function started(options: Partial<UnleashFlagsOptions> & { readonly url: string }): Promise<Flags> {
  const flags = open(options)
  await flags.start()
  return flags
}

function stateOf(flags: Flags): string {
  return flags.snapshot().evaluate(flag, { id: 'somebody' }).state
}

async function setState(admin: UnleashAdmin, made: Set<string>, name: string, state: DeclaredFlag): Promise<void> {
  if (!made.has(name)) await admin.createFeature(name)
  made.add(name)
  if (typeof state !== 'boolean') {
    const { rollout = 100, when = [] } = typeof state === 'number' ? { rollout: state } : state
    const constraints = when.map((condition) => ({
      contextName: condition.property,
      operator: 'IN',
      values: condition.in.map(String),
    }))
    await admin.setShare(name, rollout, constraints)
  }
  await admin.turn(name, state === false ? 'off' : 'on')
}

async function until(condition: () => boolean, everyMs = 20): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`it did not come true: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
