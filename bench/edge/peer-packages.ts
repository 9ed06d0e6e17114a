/** The Node proxies, in a package of their own: nobody who only wants Fig has to install them. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BenchProblem } from './problem.ts'

export const peersFolder = dirname(import.meta.dirname)

export async function installPeers(say: (text: string) => void): Promise<void> {
  const { dependencies } = readManifest(join(peersFolder, 'package.json'))
  const isThere = ([name, version]: [string, string]) => {
    const file = join(peersFolder, 'node_modules', name, 'package.json')
    return existsSync(file) && readManifest(file).version === version
  }
  if (Object.entries(dependencies).every(isThere)) return
  say('installing the Node proxies (npm ci in bench/), once')
  const code = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  if (code !== 0) throw new BenchProblem('npm ci failed in bench/.', 'Run it there by hand to see why.')
}

// --- internal ---

interface Manifest {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest
}

/** What npm prints goes to standard error: standard output is for the figures. */
function run(program: string, words: readonly string[]): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  const child = spawn(program, words, { cwd: peersFolder, stdio: ['ignore', 'ignore', 2] })
  child.once('error', (cause) => reject(new BenchProblem('npm can not be run.', 'Put npm on the PATH.', { cause })))
  child.once('exit', resolve)
  return promise
}
