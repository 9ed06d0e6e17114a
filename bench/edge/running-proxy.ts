/** A proxy that is up, and known to answer what the upstream answers. */
import { mkdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { type LoadCase, requestHeaders } from './cases.ts'
import { freePort } from './free-port.ts'
import { BenchProblem } from './problem.ts'
import { forgetPeak } from './process-figures.ts'
import { type Processes, type RunningProcess, waitUntilReady } from './processes.ts'
import type { ProxyKind } from './proxies/index.ts'

export interface ProxyStage {
  readonly processes: Processes
  readonly folder: string
  readonly proxyCore: string
  readonly upstreamPort: number
  readonly flagServerUrl: string
  readonly signal: AbortSignal
}

export interface RunningProxy {
  readonly name: string
  readonly origin: string
  readonly pid: number
  /** Throws where the proxy has died, or does not answer this case as the upstream does. */
  check(loadCase: LoadCase): Promise<void>
  /** Between two windows: no old log lines, no old peak. */
  settle(): void
  stop(): Promise<void>
}

export async function startProxy(
  proxy: ProxyKind,
  stage: ProxyStage,
  { connectionsMax }: { readonly connectionsMax: number },
): Promise<RunningProxy> {
  const port = await freePort()
  const folder = join(stage.folder, `${proxy.name.replace(/\W/g, '-')}-${port}`)
  mkdirSync(folder)
  const { upstreamPort, flagServerUrl } = stage
  const prepared = await proxy.prepare({ folder, port, upstreamPort, connectionsMax, flagServerUrl })
  const running = stage.processes.start({ ...prepared, name: proxy.name, cores: stage.proxyCore })
  const origin = `http://127.0.0.1:${port}`
  await waitUntilReady(running, () => answers(origin), stage.signal)
  await prepared.verify?.()
  return {
    name: proxy.name,
    origin,
    pid: running.pid,
    check: (loadCase) => check(running, origin, loadCase),
    settle: () => {
      if (prepared.accessLog !== undefined) truncateSync(prepared.accessLog)
      forgetPeak(running.pid)
    },
    stop: () => stage.processes.stop(running),
  }
}

// --- internal ---

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/articles/1`, { headers: requestHeaders })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false // Not yet.
  }
}

async function check(running: RunningProcess, origin: string, loadCase: LoadCase): Promise<void> {
  const ended = running.ended()
  if (ended !== undefined) throw new BenchProblem(`${running.name} has ended: ${ended}`, 'See why above.')
  const { method, paths, bodyBytes, answerBytes } = loadCase
  for (const path of paths) {
    const body = bodyBytes === 0 ? null : 'a'.repeat(bodyBytes)
    const response = await fetch(`${origin}${path}`, { method, headers: requestHeaders, body })
    const { byteLength } = await response.arrayBuffer()
    if (response.status === 200 && byteLength === answerBytes) continue
    throw new BenchProblem(
      `${running.name} answers ${method} ${path} with ${response.status} and ${byteLength} bytes, not 200 and ${answerBytes}.`,
      'Compare its configuration in bench/edge/proxies/ with its documentation.',
    )
  }
}
