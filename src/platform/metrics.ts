import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client'
import type { MetricSnapshot } from './metric-totals.ts'
import {
  type Distribution,
  type DistributionSettings,
  registerDistribution,
  registerTally,
  type SeriesSettings,
  type Tally,
} from './series.ts'

export type { Counter, Gauge, Histogram } from 'prom-client'

/**
 * The metrics of one app. Each app has its own registry, so that two apps in one process (tests) never mix their numbers.
 * Asking for a name a second time returns the same metric: parts need not know who was first.
 */
export interface Metrics {
  counter<Label extends string = string>(settings: Omit<CounterConfiguration<Label>, 'registers'>): Counter<Label>
  gauge<Label extends string = string>(settings: Omit<GaugeConfiguration<Label>, 'registers'>): Gauge<Label>
  histogram<Label extends string = string>(settings: Omit<HistogramConfiguration<Label>, 'registers'>): Histogram<Label>
  /** A counter for the path of every request: see series.ts. Once per name. */
  tally<Label extends string>(settings: SeriesSettings<Label>): Tally<Label>
  /** A histogram for the path of every request. Once per name. */
  distribution<Label extends string>(settings: DistributionSettings<Label>): Distribution<Label>
  /** The exposition text and its content type. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>
  /** The same for another process, which adds up several: see metric-totals.ts. */
  snapshots(): Promise<readonly MetricSnapshot[]>
}

export interface MetricsOptions {
  /** Also report memory, CPU, event loop lag and garbage collection of this process. Once per process. */
  readonly process?: boolean
}

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  if (options.process === true) {
    collectDefaultMetrics({ register: registry })
  }
  const registers = [registry]
  return {
    counter: <Label extends string>(settings: CounterConfiguration<Label>) =>
      (registry.getSingleMetric(settings.name) as Counter<Label> | undefined) ??
      new Counter<Label>({ ...settings, registers }),
    gauge: <Label extends string>(settings: GaugeConfiguration<Label>) =>
      (registry.getSingleMetric(settings.name) as Gauge<Label> | undefined) ??
      new Gauge<Label>({ ...settings, registers }),
    histogram: <Label extends string>(settings: HistogramConfiguration<Label>) =>
      (registry.getSingleMetric(settings.name) as Histogram<Label> | undefined) ??
      new Histogram<Label>({ ...settings, registers }),
    tally: (settings) => registerTally(registry, settings),
    distribution: (settings) => registerDistribution(registry, settings),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    snapshots: async () => (await registry.getMetricsAsJSON()) as unknown as readonly MetricSnapshot[],
  }
}
