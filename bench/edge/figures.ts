/** What was measured, as it is kept, compared and printed. */
import { connections } from './cases.ts'
import { median, spread } from './statistics.ts'

/** One proxy under one load for some seconds. */
export interface Window {
  readonly requests: number
  readonly durationMs: number
  readonly cpuMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly peakBytes: number
  /** Connections that the proxy opened to the upstream. */
  readonly upstreamConnections: number
}

/** The medians over the rounds. */
export interface Figures {
  readonly cpuUsPerRequest: number
  /** How far the rounds lie apart, as a share of the median. */
  readonly cpuSpread: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly peakBytes: number
  readonly upstreamConnectionsPerRequest: number
}

export interface Row {
  readonly proxy: string
  /** Or why there are none. */
  readonly figures: Figures | undefined
  readonly problem: string | undefined
}

export interface CaseResult {
  readonly name: string
  readonly title: string
  readonly rows: readonly Row[]
}

export interface MemoryFigures {
  readonly restBytes: number
  /** Peak during 5 GB minus what was in use before. */
  readonly uploadGrowthBytes: number
  readonly downloadGrowthBytes: number
  readonly uploadSeconds: number
  readonly downloadSeconds: number
  /** In use with all idle clients connected. */
  readonly idleBytes: number
}

export interface MemoryRow {
  readonly proxy: string
  readonly figures: MemoryFigures | undefined
  readonly problem: string | undefined
}

export interface Results {
  readonly measuredAt: string
  readonly machine: string
  readonly seconds: number
  readonly rounds: number
  readonly versions: Readonly<Record<string, string>>
  readonly cases: readonly CaseResult[]
  readonly memory: readonly MemoryRow[] | undefined
}

export function summarize(windows: readonly Window[]): Figures {
  const over = (figure: (window: Window) => number) => median(windows.map(figure))
  const cpuUs = windows.map(({ cpuMs, requests }) => (cpuMs * 1_000) / requests)
  return {
    cpuUsPerRequest: median(cpuUs),
    cpuSpread: spread(cpuUs),
    requestsPerSecond: over(({ requests, durationMs }) => (requests * 1_000) / durationMs),
    p50Ms: over(({ p50Ms }) => p50Ms),
    p99Ms: over(({ p99Ms }) => p99Ms),
    peakBytes: Math.max(...windows.map(({ peakBytes }) => peakBytes)),
    upstreamConnectionsPerRequest: over(
      ({ upstreamConnections, requests }) => Math.max(0, upstreamConnections - connectionsAllowed) / requests,
    ),
  }
}

export function figuresOf(result: CaseResult | undefined, proxy: string): Figures | undefined {
  return result?.rows.find((row) => row.proxy === proxy)?.figures
}

// --- internal ---

/** The clients open theirs when a window begins and leave in the middle of a request when it ends. */
const connectionsAllowed = 2 * connections
