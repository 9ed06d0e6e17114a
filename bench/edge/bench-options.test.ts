import { describe, expect, it } from 'vitest'
import { helpText, readBenchOptions, WrongOptions } from './bench-options.ts'

describe('the options of the bench', () => {
  it('measure everything unless told otherwise', () => {
    const options = readBenchOptions([])
    expect(options).toMatchObject({ seconds: 2, rounds: 3, json: false, check: false, whole: true })
    expect(options).toMatchObject({ cases: ['tiny', '4k', '1m', 'post', 'routes', 'memory'] })
    expect(options).toHaveProperty('proxies', expect.arrayContaining(['fig', 'nginx', 'http-proxy', 'httpxy']))
    expect(options).toHaveProperty('proxies', expect.not.arrayContaining(['nginx-buffered']))
  })

  it('take a part of it, in the usual order, and then the run is not a whole one', () => {
    const options = readBenchOptions(['--only', 'memory,tiny', '--proxies', 'nginx-buffered, fig', '--seconds', '5'])
    expect(options).toMatchObject({
      cases: ['tiny', 'memory'],
      proxies: ['fig', 'nginx-buffered'],
      seconds: 5,
      whole: false,
    })
  })

  it('name all that is wrong at once', () => {
    const wrong = ['--only', 'huge', '--proxies', 'squid', '--seconds', '0', '--rounds', '1.5']
    const problem = problemOf(wrong)
    expect(problem.message.split('\n')).toEqual([
      expect.stringContaining('--only: "huge" is none of tiny, '),
      expect.stringContaining('--proxies: "squid" is none of fig, '),
      '--seconds: give a whole number from 1 to 60, not "0"',
      '--rounds: give a whole number from 1 to 20, not "1.5"',
    ])
  })

  it('refuse what they do not know, and a case without its proxy', () => {
    expect(problemOf(['--fast']).message).toContain("Unknown option '--fast'")
    expect(problemOf(['tiny']).message).toContain("Unexpected argument 'tiny'")
    expect(problemOf(['--only', 'routes', '--proxies', 'nginx']).message).toContain('add fig to --proxies')
  })

  it('explain themselves', () => {
    expect(readBenchOptions(['--seconds', '0', '--help'])).toBe('help')
    for (const option of ['--only', '--proxies', '--seconds', '--rounds', '--json', '--check'])
      expect(helpText).toContain(option)
  })
})

function problemOf(words: readonly string[]): WrongOptions {
  try {
    readBenchOptions(words)
  } catch (error) {
    if (error instanceof WrongOptions) return error
    throw error
  }
  throw new Error('nothing was wrong')
}
