import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger, silentLogger } from '../platform/index.ts'
import { type DeclaredFlags, declaredFeature } from './declared-flags.ts'
import { createFileFlags, type FileFlagsOptions } from './file-flags.ts'
import type { Flags } from './flags.ts'
import { describeFlags, type FlagsHarness, showsStates } from './testing/flags-contract.ts'

describeFlags('a file as people write it', () => openHarness((states) => JSON.stringify(states, undefined, 2)))

describeFlags('a file that holds a definitions document of Unleash', () =>
  openHarness((states) => {
    const features = Object.entries(states).map(([name, state]) => declaredFeature(name, state))
    return JSON.stringify({ version: 2, features, segments: [] })
  }),
)

describe('flags from a file', () => {
  let folder: string
  let file: string
  let opened: Flags[] = []
  let lines: string[] = []

  const start = async (options: Partial<FileFlagsOptions> = {}): Promise<Flags> => {
    const log = createLogger({ destination: { write: (line) => void lines.push(line) } })
    const flags = createFileFlags({ file, log, ...options })
    opened.push(flags)
    await flags.start()
    return flags
  }
  const linesWith = (text: string) => lines.filter((line) => line.includes(text))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fig-flags-file-'))
    file = join(folder, 'flags.json')
    opened = []
    lines = []
  })
  afterEach(async () => {
    await Promise.all(opened.map((flags) => flags.close()))
    await rm(folder, { recursive: true })
  })

  it('sees a change at once, written in place or renamed over, by the folder alone', async () => {
    await writeFile(file, '{"a": true}')
    const flags = await start({ pollIntervalMs: never })
    expect(stateOf(flags)).toBe('on')
    await writeFile(file, '{"a": false}')
    await until(() => stateOf(flags) === 'off')
    for (const [content, state] of [
      ['{"a": true}', 'on'],
      ['{"a": false}', 'off'],
      ['{"a": true }', 'on'],
    ] as const) {
      await replace(file, content)
      await until(() => stateOf(flags) === state)
    }
  })

  it('sees a mounted configuration turn, where the file is a link into a linked folder', async () => {
    for (const [name, content] of [
      ['first', '{"a": true}'],
      ['second', '{"a": false}'],
    ] as const) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'flags.json'), content)
    }
    await symlink('first', join(folder, '..data'))
    await symlink('..data/flags.json', file)
    const flags = await start({ pollIntervalMs: never })
    expect(stateOf(flags)).toBe('on')
    await symlink('second', join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
    await until(() => stateOf(flags) === 'off')
  })

  it('sees by polling what nothing tells of', async () => {
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'real.json'), '{"a": true}')
    await symlink('elsewhere/real.json', file)
    const flags = await start({ pollIntervalMs: 20 })
    expect(stateOf(flags)).toBe('on')
    await writeFile(join(elsewhere, 'real.json'), '{"a": false}') // the watched folder stays silent
    await until(() => stateOf(flags) === 'off')
  })

  it('starts without a file, or even its folder, says so, and takes it up when it appears', async () => {
    file = join(folder, 'not-yet', 'flags.json')
    const flags = await start({ pollIntervalMs: 20 })
    expect(flags.health()).toEqual({
      source: 'none',
      receivedAt: undefined,
      problem: `${file} does not exist`,
      staleSince: undefined,
    })
    expect(stateOf(flags)).toBe('unknown')
    await mkdir(join(folder, 'not-yet'))
    await replace(file, '{"a": true}')
    await until(() => stateOf(flags) === 'on')
    expect(flags.health()).toMatchObject({ source: 'file', problem: undefined })
    expect(linesWith('does not exist')).toHaveLength(1)
  })

  it('keeps the last good state while the file is broken or gone, says once what is wrong and where, and heals', async () => {
    await writeFile(file, '{"a": true}')
    const flags = await start({ pollIntervalMs: 10 })
    const readAt = flags.health().receivedAt
    const broken = '{\n  "a": false,\n  "b": tru\n}'
    await writeFile(file, broken)
    const problem = `${file}:3:8 there is "t" where a value should be`
    await until(() => flags.health().problem === problem)
    await new Promise((resolve) => setTimeout(resolve, 200)) // several polls: it must not be said again
    expect(linesWith('3:8')).toHaveLength(1)
    expect(stateOf(flags)).toBe('on')
    expect(flags.health().receivedAt).toBe(readAt)
    await rm(file)
    await until(() => flags.health().problem === `${file} does not exist`)
    expect(stateOf(flags)).toBe('on')
    await replace(file, '{"a": true}')
    await until(() => flags.health().problem === undefined)
    await replace(file, broken.replace('tru', 'true'))
    await until(() => stateOf(flags) === 'off')
  })

  it('does not take a file that is being written for a broken one', async () => {
    await writeFile(file, '{"a": true}')
    const flags = await start({ pollIntervalMs: never })
    const whole = `{"a": false, "b": true}`
    const problems = new Set<string | undefined>()
    const watching = setInterval(() => problems.add(flags.health().problem), 1)
    for (const length of [0, 5, 13, whole.length]) {
      await writeFile(file, whole.slice(0, length))
      await new Promise((resolve) => setTimeout(resolve, 15)) // as a slow writer does
    }
    await until(() => stateOf(flags) === 'off')
    clearInterval(watching)
    expect([...problems]).toEqual([undefined])
    expect(linesWith('cannot be used')).toEqual([])
  })

  it('names every fault of a file that is JSON but no flags, each with its place', async () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['[]', ['1:1 there should be an object of flags']],
      ['null', ['1:1 there should be an object of flags']],
      [
        '{"a": "on",\n "b": 101,\n "c": {"rollout": -1, "share": 5},\n "d": null}',
        [
          '1:7 a flag is true, false, a percentage, or an object with rollout and when',
          '2:7 a percentage is a number from 0 to 100',
          '3:32 "share" is none of rollout, when',
          '3:19 a percentage is a number from 0 to 100',
          '4:7 a flag is true, false, a percentage, or an object with rollout and when',
        ],
      ],
      ['{"a": {"when": {}}}', ['1:16 "when" is a list of conditions']],
      [
        '{"a": {"when": [1, {"property": "x"}, {"property": "x", "in": [null]}, {"property": "x", "in": ["y"], "or": 1}]}}',
        [
          '1:17 a condition is { "property": name, "in": [values] }',
          '1:20 a condition is { "property": name, "in": [values] }',
          '1:64 a value is a text, a number, or a truth',
          '1:109 "or" is none of property, in',
        ],
      ],
      [
        '{"features": [{"name": "a", "enabled": true},\n  {"name": "b"}]}',
        ['2:3 this is no feature as the client API of Unleash gives it'],
      ],
      ['{"features": [],\n "segments": [{}]}', ['2:14 these are no segments as the client API of Unleash gives them']],
    ]
    for (const [text, faults] of cases) {
      await writeFile(file, text)
      const flags = await start()
      expect(flags.health().problem).toBe(faults.map((fault) => `${file}:${fault}`).join('; '))
      expect(flags.snapshot().source).toBe('none')
    }
  })

  it('has nothing left to do after it was closed, even while it starts', async () => {
    const flags = createFileFlags({ file, log: silentLogger(), pollIntervalMs: 5 })
    const starting = flags.start()
    await flags.close()
    await starting
    await writeFile(file, '{"a": true}')
    await new Promise((resolve) => setTimeout(resolve, 100)) // nothing to wait for: it is about what does not happen
    expect(stateOf(flags)).toBe('unknown')
  })
})

// --- internal ---

const never = 3_600_000

async function openHarness(textOf: (states: DeclaredFlags) => string): Promise<FlagsHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'fig-flags-contract-'))
  const file = join(folder, 'flags.json')
  const flags = createFileFlags({ file, log: silentLogger() })
  await flags.start()
  let states: DeclaredFlags = {}
  return {
    prefix: '',
    flags: () => flags,
    async set(more) {
      states = { ...states, ...more }
      await replace(file, textOf(states))
      await until(() => showsStates(flags.snapshot(), states))
    },
    async [Symbol.asyncDispose]() {
      await flags.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** As editors do it. */
async function replace(file: string, content: string): Promise<void> {
  await writeFile(`${file}~`, content)
  await rename(`${file}~`, file)
}

function stateOf(flags: Flags): string {
  return flags.snapshot().evaluate('a', { id: 'somebody' }).state
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`it did not come true: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
