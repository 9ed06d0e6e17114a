import { describe, expect, it } from 'vitest'
import { StackError } from '../stack/index.ts'
import { helpText, readStartOptions, type StartOptions } from './start-options.ts'

function read(words: string[], environment: Record<string, string> = {}): StartOptions {
  const options = readStartOptions(words, environment)
  if (options === 'help') throw new Error('asked for help')
  return options
}

function problemsOf(words: string[], environment: Record<string, string> = {}): string {
  try {
    read(words, environment)
  } catch (error) {
    if (error instanceof StackError) return error.explain()
    throw error
  }
  return 'none'
}

describe('the options of npm start', () => {
  it('are the usual ports, and what is there already, when none is given', () => {
    expect(read([])).toEqual({
      ports: { site: 8080, legacy: 8081, unleash: 4242, operator: 9901, mariadb: 13_306, postgres: 15_432 },
      name: 'main',
      host: undefined,
      mods: undefined,
      fresh: false,
    })
  })

  it('move one port, or all of them, or all but one', () => {
    expect(read(['--port', '9000']).ports).toMatchObject({ site: 9000, legacy: 8081 })
    expect(read(['--ports-from', '20000', '--legacy-port=9001']).ports).toEqual({
      site: 20_000,
      legacy: 9001,
      unleash: 20_002,
      operator: 20_003,
      mariadb: 20_004,
      postgres: 20_005,
    })
  })

  it('come from the environment where the command line says nothing', () => {
    const environment = { FIG_START_PORT: '9000', FIG_START_MODS: '500', FIG_START_HOST: '0.0.0.0' }
    expect(read(['--mods', '900'], environment)).toMatchObject({
      ports: { site: 9000 },
      mods: 900,
      host: '0.0.0.0',
    })
  })

  it('are refused all at once, each with its name and its limits', () => {
    const text = problemsOf(['--port', '99999', '--mods', 'many'], { FIG_START_UNLEASH_PORT: '-1' })
    expect(text).toContain('--port (or FIG_START_PORT) must be a whole number from 1 to 65535, not "99999"')
    expect(text).toContain('--mods (or FIG_START_MODS) must be a whole number from 100 to 10000000, not "many"')
    expect(text).toContain('--unleash-port (or FIG_START_UNLEASH_PORT)')
  })

  it('must be known, and what npm swallowed is recognised', () => {
    expect(problemsOf(['--prot', '9000'])).toContain("Unknown option '--prot'")
    expect(problemsOf(['9000'])).toContain('`npm start -- --port 9000`')
  })

  it('may not lead out of the data folder', () => {
    expect(problemsOf(['--name', '../../etc'])).toContain('--name')
  })

  it('are all in the help', () => {
    expect(readStartOptions(['-h'], {})).toBe('help')
    for (const option of ['port', 'legacy-port', 'ports-from', 'host', 'mods', 'name', 'fresh']) {
      expect(helpText).toContain(`--${option} `)
    }
  })
})
