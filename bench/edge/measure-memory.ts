/** Memory: 5 GB in either direction through a fresh proxy, then 10,000 clients that stay connected. */
import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryFigures, MemoryRow } from './figures.ts'
import { freePort } from './free-port.ts'
import { connectIdleClients } from './load/idle-clients.ts'
import { download, upload } from './load/large-body.ts'
import type { Say } from './measure-load.ts'
import { BenchProblem, messageOf } from './problem.ts'
import { forgetPeak, memoryOf } from './process-figures.ts'
import { type Processes, waitUntilReady } from './processes.ts'
import { proxyNamed } from './proxies/index.ts'
import { type ProxyStage, startProxy } from './running-proxy.ts'

export const largeBodyBytes = 5_000_000_000
export const idleClients = 10_000

export async function measureMemory(
  names: readonly string[],
  { stage, loadCores, say }: { readonly stage: ProxyStage; readonly loadCores: string; readonly say: Say },
): Promise<readonly MemoryRow[]> {
  const upstreamPort = await startLargeUpstream(stage.processes, loadCores, stage.signal)
  const rows: MemoryRow[] = []
  for (const name of names) {
    stage.signal.throwIfAborted()
    try {
      const bodies = await measureLargeBodies(name, { ...stage, upstreamPort }, say)
      const idleBytes = await measureIdleClients(name, stage, say)
      rows.push({ proxy: name, figures: { ...bodies, idleBytes }, problem: undefined })
    } catch (error) {
      stage.signal.throwIfAborted()
      rows.push({ proxy: name, figures: undefined, problem: messageOf(error) })
    }
  }
  return rows
}

// --- internal ---

async function startLargeUpstream(processes: Processes, cores: string, signal: AbortSignal): Promise<number> {
  const port = await freePort()
  const command = [process.execPath, `${import.meta.dirname}/large-upstream.ts`, String(port)]
  const running = processes.start({ name: 'large-upstream', command, cores })
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitUntilReady(running, answers, signal)
  return port
}

/** Each direction through a proxy that was just started: what an earlier one grew by is not there to be used again. */
async function measureLargeBodies(
  name: string,
  stage: ProxyStage,
  say: Say,
): Promise<Omit<MemoryFigures, 'idleBytes'>> {
  const sent = await growthDuring(name, stage, async (origin) => {
    say(`memory: 5 GB up through ${name}`)
    await upload(origin, largeBodyBytes, stage.signal)
  })
  const got = await growthDuring(name, stage, async (origin) => {
    say(`memory: 5 GB down through ${name}`)
    await download(origin, largeBodyBytes, stage.signal)
  })
  return {
    restBytes: sent.restBytes,
    uploadGrowthBytes: sent.growthBytes,
    downloadGrowthBytes: got.growthBytes,
    uploadSeconds: sent.seconds,
    downloadSeconds: got.seconds,
  }
}

async function growthDuring(name: string, stage: ProxyStage, work: (origin: string) => Promise<void>) {
  const proxy = await startProxy(proxyNamed(name), stage, { connectionsMax: 1_024 })
  try {
    forgetPeak(proxy.pid)
    const restBytes = memoryOf(proxy.pid).residentBytes
    const startedAt = performance.now()
    await work(proxy.origin)
    const seconds = (performance.now() - startedAt) / 1_000
    return { restBytes, growthBytes: memoryOf(proxy.pid).peakBytes - restBytes, seconds }
  } finally {
    await proxy.stop()
  }
}

async function measureIdleClients(name: string, stage: ProxyStage, say: Say): Promise<number> {
  say(`memory: ${idleClients} idle clients of ${name}`)
  const proxy = await startProxy(proxyNamed(name), stage, { connectionsMax: idleClients })
  try {
    const { hostname: host, port } = new URL(proxy.origin)
    const clients = await connectIdleClients({ host, port: Number(port) }, idleClients, stage.signal)
    try {
      await delay(idleMs, undefined, { signal: stage.signal })
      const connected = clients.connected()
      if (connected < idleClients)
        throw new BenchProblem(
          `${idleClients - connected} idle clients were hung up on.`,
          'See its limits and timeouts.',
        )
      return memoryOf(proxy.pid).residentBytes
    } finally {
      clients.close()
    }
  } finally {
    await proxy.stop()
  }
}

/** Idle means that nothing happens for a while. */
const idleMs = 1_000
