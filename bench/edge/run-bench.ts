/** One run: from an empty folder to the results, with everything ended behind it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions } from './bench-options.ts'
import { loadCases } from './cases.ts'
import { startFlagServer } from './fig/flag-server.ts'
import type { Results } from './figures.ts'
import { describeMachine, divideCores, requirePrograms } from './machine.ts'
import { measureLoad, type Say } from './measure-load.ts'
import { measureMemory } from './measure-memory.ts'
import { installPeers } from './peer-packages.ts'
import { Processes } from './processes.ts'
import { proxyNamed } from './proxies/index.ts'
import { outputOf } from './run-program.ts'
import { startUpstream } from './upstream.ts'

export async function runBench(options: BenchOptions, signal: AbortSignal, say: Say): Promise<Results> {
  const cores = divideCores()
  const machine = describeMachine()
  const cases = loadCases.filter(({ name }) => options.cases.includes(name))
  const chosen = options.proxies.map(proxyNamed)
  requirePrograms([
    ...new Set([
      'taskset',
      'setpriv',
      'nginx',
      ...(cases.length > 0 ? ['wrk'] : []),
      ...chosen.flatMap(({ programs }) => programs),
    ]),
  ])
  if (chosen.some(({ isPeerPackage }) => isPeerPackage)) await installPeers(say)
  // This process answers for the flag server and is a client: never on the core of the proxy.
  await outputOf('taskset', ['-a', '-cp', cores.others, String(process.pid)])
  const folder = mkdtempSync(join(tmpdir(), 'fig-bench-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const processes = new Processes(folder)
  const flagServer = await startFlagServer()
  try {
    const upstream = await startUpstream(processes, { folder, cores: cores.others, signal })
    const stage = {
      processes,
      folder,
      signal,
      proxyCore: cores.proxy,
      upstreamPort: upstream.port,
      flagServerUrl: flagServer.url,
    }
    const { proxies, rounds, seconds } = options
    const plan = { cases, proxies, rounds, seconds, loadCores: cores.others }
    return {
      measuredAt: new Date().toISOString(),
      machine,
      seconds,
      rounds,
      versions: Object.fromEntries(
        await Promise.all(chosen.map(async (proxy) => [proxy.name, await proxy.version()] as const)),
      ),
      cases: cases.length === 0 ? [] : await measureLoad(plan, { stage, upstream, say }),
      memory: options.cases.includes('memory')
        ? await measureMemory(memoryProxies(options), { stage, loadCores: cores.others, say })
        : undefined,
    }
  } finally {
    flagServer.close()
    await processes.stopAll()
    removeFolder()
  }
}

// --- internal ---

/** In a whole run the others are left out: each takes half a minute. */
function memoryProxies({ whole, proxies }: BenchOptions): readonly string[] {
  return whole ? proxies.filter((name) => ['fig', 'nginx'].includes(name)) : proxies
}
