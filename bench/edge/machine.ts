/** Whether this machine can measure, and what it is, in words that name no host. */
import { existsSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { BenchProblem } from './problem.ts'
import { allowedCores } from './process-figures.ts'

export interface Cores {
  /** The proxy under test has it to itself. */
  readonly proxy: string
  /** Load generator, upstream, and this process. */
  readonly others: string
}

/** @throws BenchProblem where there is no second core, or no Linux */
export function divideCores(): Cores {
  if (process.platform !== 'linux')
    throw new BenchProblem('The figures come from /proc, which only Linux has.', 'Run it on Linux, or in a container.')
  const [proxy, ...others] = allowedCores()
  if (proxy === undefined || others.length === 0)
    throw new BenchProblem('One core is not enough: proxy and load must not share it.', 'Run it where there are two.')
  return { proxy: String(proxy), others: others.join(',') }
}

/** @throws BenchProblem with the one command that installs all of them */
export function requirePrograms(programs: readonly string[]): void {
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
  if (missing.length === 0) return
  throw new BenchProblem(
    `Missing on this machine: ${missing.join(', ')}.`,
    `Run this, then again (or leave a proxy out with --proxies):\n\n    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.map(aptPackage).join(' ')}`,
  )
}

/** '2 cores (AMD EPYC), 24 GB, Linux 6.18, Node 26.10.0' */
export function describeMachine(): string {
  const cores = allowedCores().length
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  const kernel = release().split('.').slice(0, 2).join('.')
  const model = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown'
  return `${cores} cores (${model}), ${memoryGb} GB, Linux ${kernel}, Node ${process.versions.node}`
}

// --- internal ---

/** Servers are kept where a plain user's PATH does not look. */
const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin']

function aptPackage(program: string): string {
  if (program === 'taskset' || program === 'setpriv') return 'util-linux'
  return program === 'nginx' ? 'nginx-light' : program
}
