import { spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type OperatorReport, operatorServer } from '../operator/index.ts'
import { commandCatalogue } from './command-catalogue.ts'
import { fig, figJson } from './testing/run-in-process.ts'

const servers = new Set<Server>()

afterEach(() => {
  for (const server of servers) server.close()
  servers.clear()
})

describe('fig status', () => {
  const state = {
    draining: false,
    requestsRunning: 3,
    routes: [{ id: 'cart', flag: 'shop' }],
    breakers: [],
    flags: { source: 'server', ageMs: 40, problem: null },
    controls: { epoch: 2, kills: [{ id: 2, scope: 'all', why: 'x' }] },
  }

  it('shows a ready Fig as tables and ends with 0', async () => {
    const url = await operator({ ready: true, problems: [], final: false, status: state })
    const { code, stdout } = await fig(['status', '--operator', url])
    expect(code).toBe(0)
    expect(stdout).toContain(
      `Fig at ${url} is ready.\n\ndraining          false\nrequests running  3\nbreakers          -\n`,
    )
    expect(stdout).toContain('\n\nroutes:\nID    FLAG\ncart  shop\n')
    expect(stdout).toContain('\n\nflags:\nsource   server\nage ms   40\nproblem  -\n')
    expect(stdout).toContain('\n\ncontrols:\nepoch  2\n\ncontrols, kills:\nID  SCOPE  WHY\n')
    expect(await figJson(['status', '--operator', url])).toMatchObject({ exit: 0, ready: true, status: state })
  })

  it('ends with 1 and says why where Fig is not ready', async () => {
    const url = await operator({ ready: false, problems: ['sync: MySQL is away'], final: true, status: {} })
    const { code, stdout } = await fig(['status'], { FIG_OPERATOR_PORT: new URL(url).port })
    expect(code).toBe(1)
    expect(stdout).toMatch(/is NOT ready\. Waiting does not help.*\n {2}sync: MySQL is away\n/)
  })

  it('ends with 1 where nothing answers, or not a Fig', async () => {
    const url = await listening(createServer((_request, response) => response.end('<html>')))
    expect(await fig(['status', '--operator', url])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is no Fig .* is no JSON.*operator address/),
    })
    for (const server of servers) server.close()
    expect(await fig(['status', '--operator', url])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no Fig answers at .*: nothing listens there; start Fig/),
    })
  })

  it.each([
    [['status'], /give --operator http:\/\/127\.0\.0\.1:9090 .*FIG_OPERATOR_PORT/],
    [['status', '--operator', 'ftp://x'], /"ftp:\/\/x" is no URL/],
    [['status', 'http://127.0.0.1:1'], /takes no word/],
  ])('answers %j with 2', async (args, message) => {
    expect(await fig(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  })
})

describe('fig completion', () => {
  it('completes commands, words and options in bash', async () => {
    const { stdout, code } = await fig(['completion', 'bash'])
    expect(code).toBe(0)
    const complete = (...words: readonly string[]) => {
      const line = `COMP_WORDS=(${words.map((word) => `"${word}"`).join(' ')}); COMP_CWORD=${words.length - 1}; _fig`
      const { stdout: said, stderr } = spawnSync('bash', ['-c', `${stdout}\n${line}; echo "\${COMPREPLY[@]}"`])
      expect(String(stderr)).toBe('')
      return String(said).trim()
    }
    expect(complete('fig', 'ki')).toBe('kill kills')
    expect(complete('fig', 'kill', '')).toBe('all group side')
    expect(complete('fig', 'kill', 'all', '--wh')).toBe('--why --who')
    expect(complete('fig', 'kill', 'all', '--why', 'al')).toBe('')
    expect(complete('fig', 'serve', '--legacy-r')).toBe('--legacy-root')
  })

  it('knows every command and option in every shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout } = await fig(['completion', shell])
      for (const { name, options } of commandCatalogue) {
        expect(stdout).toContain(name)
        for (const option of options)
          expect(stdout).toContain(shell === 'fish' ? `-l ${option.name}` : `--${option.name}`)
      }
    }
    expect(await fig(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/give bash, zsh/),
    })
  })
})

describe('every command', () => {
  it.each(commandCatalogue.map(({ name }) => name))('explains itself: fig %s --help', async (name) => {
    for (const flag of ['--help', '-h']) {
      const { stdout, code } = await fig([name, flag])
      expect(code).toBe(0)
      expect(stdout).toMatch(
        new RegExp(`^fig ${name}: .*\n\nUsage:\n {2}\\$ fig ${name}[^]*Options:[^]*--json[^]*Exit codes: 0`),
      )
    }
  })

  it.each(commandCatalogue.map(({ name }) => name))('refuses what it does not know: fig %s --colour', async (name) => {
    const { stdout, stderr, code } = await fig([name, '--colour'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^fig: there is no option --colour; give --.*\n {5}See fig ${name} --help\\.\n$`))
    expect(await figJson([name, '--colour'])).toMatchObject({ exit: 2, ok: false, code: 'usage' })
  })
})

// --- internal ---

function operator(report: OperatorReport): Promise<string> {
  return listening(
    operatorServer({ report: () => report, metrics: async () => ({ contentType: 'text/plain', body: '' }) }),
  )
}

async function listening(server: Server): Promise<string> {
  servers.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
