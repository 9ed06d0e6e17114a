import { join } from 'node:path'
import { connections, type LoadCase, requestHeaders } from '../cases.ts'
import { BenchProblem } from '../problem.ts'
import { outputOf } from '../run-program.ts'

/** What wrk saw. */
export interface LoadFigures {
  readonly requests: number
  readonly durationUs: number
  readonly p50Us: number
  readonly p99Us: number
  readonly wrongStatuses: number
  readonly brokenConnections: number
  readonly timeouts: number
}

export interface LoadTarget {
  readonly origin: string
  readonly seconds: number
  readonly cores: string
  readonly signal: AbortSignal
}

/** As fast as the answers come, over keep-alive connections. */
export async function runWrk(loadCase: LoadCase, { origin, seconds, cores, signal }: LoadTarget): Promise<LoadFigures> {
  const { method, paths, bodyBytes } = loadCase
  const headers = {
    ...requestHeaders,
    ...(bodyBytes > 0 ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
  }
  const headerWords = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const script = ['-s', join(import.meta.dirname, 'wrk.lua'), ...headerWords, origin]
  const words = ['-t1', `-c${connections}`, `-d${seconds}s`, ...script, '--', method, String(bodyBytes), ...paths]
  const output = await outputOf('taskset', ['-c', cores, 'wrk', ...words], signal)
  const line = output.split('\n').find((text) => text.startsWith('{"requests"'))
  if (line === undefined) throw new BenchProblem(`wrk gave no figures: ${output.trim().slice(-400)}`, 'See why above.')
  return JSON.parse(line) as LoadFigures
}
