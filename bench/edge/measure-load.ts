/** The cases under load: in turns, so that whatever else the machine does hits all proxies alike. */
import type { LoadCase } from './cases.ts'
import { type CaseResult, type Row, summarize, type Window } from './figures.ts'
import { runWrk } from './load/run-wrk.ts'
import { BenchProblem, messageOf } from './problem.ts'
import { cpuMs, memoryOf } from './process-figures.ts'
import { proxyNamed } from './proxies/index.ts'
import { type ProxyStage, type RunningProxy, startProxy } from './running-proxy.ts'
import type { Upstream } from './upstream.ts'

export interface LoadPlan {
  readonly cases: readonly LoadCase[]
  readonly proxies: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly loadCores: string
}

export async function measureLoad(
  plan: LoadPlan,
  { stage, upstream, say }: { readonly stage: ProxyStage; readonly upstream: Upstream; readonly say: Say },
): Promise<readonly CaseResult[]> {
  const pairs = plan.cases.flatMap((loadCase) => namesFor(loadCase, plan).map((proxy) => newPair(loadCase, proxy)))
  const running = new Map<string, RunningProxy>()
  for (const name of new Set(pairs.map(({ proxy }) => proxy))) {
    say(`starting ${name}`)
    const proxy = await attempt(
      pairs,
      (pair) => pair.proxy === name,
      () => startProxy(proxyNamed(name), stage, { connectionsMax: 1_024 }),
    )
    if (proxy !== undefined) running.set(name, proxy)
  }
  const context = { plan, upstream, signal: stage.signal }
  const rounds = breakInRounds + plan.rounds
  for (let round = 0; round < rounds; round += 1)
    for (const [index, pair] of pairs.entries()) {
      stage.signal.throwIfAborted()
      const proxy = running.get(pair.proxy)
      if (proxy === undefined || pair.problem !== undefined) continue
      say(`${round * pairs.length + index + 1}/${rounds * pairs.length} ${pair.loadCase.name}: ${pair.proxy}`)
      const work = round < breakInRounds ? breakIn : measureWindow
      const window = await attempt(
        [pair],
        () => true,
        () => work(pair, proxy, context),
      )
      if (window !== undefined) pair.windows.push(window)
    }
  for (const proxy of running.values()) await proxy.stop()
  return plan.cases.map((loadCase) => resultOf(loadCase, pairs))
}

export type Say = (text: string) => void

// --- internal ---

/** One proxy under one case. */
interface Pair {
  readonly loadCase: LoadCase
  readonly proxy: string
  readonly windows: Window[]
  problem: string | undefined
}

/**
 * In truth a proxy runs for months. So before anything is measured each has had every case several times, clients that break off
 * included (wrk ends that way): programs that compile themselves are then done with it. And each window is preceded by a second
 * of the same, in which its connections are opened.
 */
const breakInRounds = 3
const warmUpSeconds = 1

function newPair(loadCase: LoadCase, proxy: string): Pair {
  return { loadCase, proxy, windows: [], problem: undefined }
}

function namesFor(loadCase: LoadCase, { proxies }: LoadPlan): readonly string[] {
  if (loadCase.proxies === undefined) return proxies
  return proxies.includes('fig') ? loadCase.proxies : []
}

/** One proxy that fails must not cost the figures of the others. */
async function attempt<T>(
  pairs: readonly Pair[],
  concerned: (pair: Pair) => boolean,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error
    for (const pair of pairs.filter(concerned)) pair.problem = messageOf(error)
    return undefined
  }
}

interface WindowContext {
  readonly plan: LoadPlan
  readonly upstream: Upstream
  readonly signal: AbortSignal
}

async function breakIn({ loadCase }: Pair, proxy: RunningProxy, { plan, signal }: WindowContext): Promise<undefined> {
  await proxy.check(loadCase)
  await runWrk(loadCase, { origin: proxy.origin, cores: plan.loadCores, signal, seconds: warmUpSeconds })
}

async function measureWindow(
  { loadCase }: Pair,
  proxy: RunningProxy,
  { plan, upstream, signal }: WindowContext,
): Promise<Window> {
  const load = { origin: proxy.origin, cores: plan.loadCores, signal }
  await runWrk(loadCase, { ...load, seconds: warmUpSeconds })
  proxy.settle()
  const connectionsBefore = await upstream.connections()
  const cpuBefore = cpuMs(proxy.pid)
  const seen = await runWrk(loadCase, { ...load, seconds: plan.seconds })
  const used = cpuMs(proxy.pid) - cpuBefore
  const problems = [
    seen.wrongStatuses > 0 ? `${seen.wrongStatuses} answers were no success` : '',
    seen.brokenConnections > 0 ? `${seen.brokenConnections} connections broke` : '',
    seen.timeouts > 0 ? `${seen.timeouts} answers took longer than 2 s` : '',
    seen.requests === 0 ? 'there was no answer' : '',
  ].filter((text) => text !== '')
  if (problems.length > 0)
    throw new BenchProblem(`${proxy.name}, ${loadCase.name}: ${problems.join(', ')}`, 'See its error output.')
  return {
    requests: seen.requests,
    durationMs: seen.durationUs / 1_000,
    cpuMs: used,
    p50Ms: seen.p50Us / 1_000,
    p99Ms: seen.p99Us / 1_000,
    peakBytes: memoryOf(proxy.pid).peakBytes,
    upstreamConnections: (await upstream.connections()) - connectionsBefore,
  }
}

function resultOf({ name, title }: LoadCase, pairs: readonly Pair[]): CaseResult {
  const rows = pairs
    .filter(({ loadCase }) => loadCase.name === name)
    .map(({ proxy, windows, problem }): Row => {
      const failed = problem !== undefined || windows.length === 0
      return {
        proxy,
        figures: failed ? undefined : summarize(windows),
        problem: failed ? (problem ?? 'not measured') : undefined,
      }
    })
  return { name, title, rows }
}
