import { AggregatorRegistry } from 'prom-client'

/** One metric of one process, as it can be sent to another. */
export interface MetricSnapshot {
  readonly name: string
  readonly help: string
  readonly type: string
  /** How gauges of several processes become one: `sum` unless said otherwise. */
  readonly aggregator?: string
  readonly values: readonly MetricSample[]
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** The exposition of several processes as one: counters and histograms added up, gauges as each of them says. */
export async function totalText(
  processes: readonly (readonly MetricSnapshot[])[],
): Promise<{ readonly contentType: string; readonly body: string }> {
  const registry = aggregate(processes)
  return { contentType: registry.contentType, body: await registry.metrics() }
}

/** The same as one snapshot. */
export async function totals(processes: readonly (readonly MetricSnapshot[])[]): Promise<readonly MetricSnapshot[]> {
  return (await aggregate(processes).getMetricsAsJSON()) as unknown as readonly MetricSnapshot[]
}

/** What stays true when a process has ended: its counters and histograms. */
export function lasting(snapshots: readonly MetricSnapshot[]): readonly MetricSnapshot[] {
  return snapshots.filter(
    (snapshot) => (snapshot.type === 'counter' || snapshot.type === 'histogram') && !isOfOneProcess(snapshot),
  )
}

/** Memory, CPU, event loop: they say something about one process, and get its name instead of being added up. */
export function namedAfter(process: string, snapshots: readonly MetricSnapshot[]): readonly MetricSnapshot[] {
  return snapshots.map((snapshot) => {
    if (!isOfOneProcess(snapshot)) return snapshot
    const values = snapshot.values.map((sample) => ({ ...sample, labels: { ...sample.labels, worker: process } }))
    return { ...snapshot, aggregator: 'sum', values }
  })
}

// --- internal ---

function aggregate(processes: readonly (readonly MetricSnapshot[])[]) {
  // It refuses what has no aggregator, whatever its documentation says.
  const complete = processes.map((process) =>
    process.map((snapshot) => ({ ...snapshot, aggregator: snapshot.aggregator ?? 'sum' })),
  )
  return AggregatorRegistry.aggregate(complete)
}

function isOfOneProcess({ name }: MetricSnapshot): boolean {
  return name.startsWith('process_') || name.startsWith('nodejs_')
}
