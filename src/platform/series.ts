import type { Registry } from 'prom-client'

// Figures for the path of every request. prom-client sorts and hashes the labels at each observation, which costs a microsecond a
// time; here a series is looked up once, kept by its user, and counting is an addition. The exposition is the same.

export interface SeriesSettings<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
}

export interface DistributionSettings<Label extends string> extends SeriesSettings<Label> {
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[]
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>

/** A counter whose series are held by those who count. */
export interface Tally<Label extends string> {
  series(labels: Labels<Label>): { add(): void }
}

/** A histogram whose series are held by those who observe. */
export interface Distribution<Label extends string> {
  series(labels: Labels<Label>): { observe(value: number): void }
}

export function registerTally<Label extends string>(registry: Registry, settings: SeriesSettings<Label>): Tally<Label> {
  const all = new Map<string, CountedSeries>()
  register(registry, settings, 'counter', () =>
    [...all.values()].map(({ labels, count }) => ({ labels, value: count })),
  )
  return { series: (labels) => known(all, labels, () => new CountedSeries(labels)) }
}

export function registerDistribution<Label extends string>(
  registry: Registry,
  settings: DistributionSettings<Label>,
): Distribution<Label> {
  const all = new Map<string, DistributedSeries>()
  register(registry, settings, 'histogram', () => [...all.values()].flatMap((series) => series.samples(settings.name)))
  return { series: (labels) => known(all, labels, () => new DistributedSeries(labels, settings.buckets)) }
}

// --- internal ---

interface Sample {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

class CountedSeries {
  readonly labels: Readonly<Record<string, string>>
  count = 0

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels
  }

  add(): void {
    this.count += 1
  }
}

class DistributedSeries {
  readonly #labels: Readonly<Record<string, string>>
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.#labels = labels
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let i = 0
    while (i < this.#bounds.length && value > (this.#bounds[i] as number)) {
      i += 1
    }
    this.#counts[i] = (this.#counts[i] as number) + 1
    this.#sum += value
  }

  samples(name: string): readonly Sample[] {
    let count = 0
    const buckets = [...this.#counts].map((inBucket, i) => {
      count += inBucket
      return { metricName: `${name}_bucket`, labels: { le: this.#bounds[i] ?? '+Inf', ...this.#labels }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.#labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.#labels, value: count },
    ]
  }
}

function known<Series>(all: Map<string, Series>, labels: Readonly<Record<string, string>>, make: () => Series): Series {
  const key = JSON.stringify(labels)
  let series = all.get(key)
  if (series === undefined) {
    series = make()
    all.set(key, series)
  }
  return series
}

/** A registry asks each of its metrics for its samples through `get`. */
function register(
  registry: Registry,
  { name, help }: { readonly name: string; readonly help: string },
  type: 'counter' | 'histogram',
  values: () => readonly Sample[],
): void {
  const metric = { name, help, type, aggregator: 'sum', get: async () => ({ name, help, type, values: values() }) }
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0])
}
