import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from '../platform/index.ts'
import { Figures } from './figures.ts'

/** A worker's metrics of every kind that Fig uses. */
function workerMetrics() {
  const metrics = createMetrics()
  const counter = metrics.counter({ name: 'refusals', help: 'c', labelNames: ['code'] as const })
  const histogram = metrics.histogram({ name: 'waits', help: 'h', buckets: [1, 2] })
  const tally = metrics.tally({ name: 'requests', help: 't', labelNames: ['route'] as const })
  const distribution = metrics.distribution({
    name: 'durations',
    help: 'd',
    labelNames: ['side'] as const,
    buckets: [1, 2],
  })
  const gauge = metrics.gauge({ name: 'running', help: 'g' })
  const memory = metrics.gauge({ name: 'process_resident_memory_bytes', help: 'm' })
  return { metrics, counter, histogram, tally, distribution, gauge, memory }
}

async function noted(figures: Figures, workers: ReadonlyMap<number, Metrics>): Promise<readonly string[]> {
  for (const [worker, metrics] of workers) figures.note(worker, await metrics.snapshots())
  const { body } = await figures.text(new Set(workers.keys()))
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

describe('the figures of several workers', () => {
  it('are added up, whichever kind they are; what is about one process keeps its name', async () => {
    const figures = new Figures(createMetrics())
    const workers = new Map<number, Metrics>()
    for (const number of [1, 2]) {
      const one = workerMetrics()
      one.counter.inc({ code: 'a' }, number)
      if (number === 2) one.counter.inc({ code: 'b' })
      one.histogram.observe(1.5)
      for (let i = 0; i < number; i += 1) one.tally.series({ route: 'r' }).add()
      one.distribution.series({ side: 'php' }).observe(0.5 * number)
      one.gauge.set(10)
      one.memory.set(number)
      figures.add(number)
      workers.set(number, one.metrics)
    }
    expect(await noted(figures, workers)).toEqual([
      'refusals{code="a"} 3',
      'refusals{code="b"} 1',
      'waits_bucket{le="1"} 0',
      'waits_bucket{le="2"} 2',
      'waits_bucket{le="+Inf"} 2',
      'waits_sum 3',
      'waits_count 2',
      'requests{route="r"} 3',
      'durations_bucket{le="1",side="php"} 2',
      'durations_bucket{le="2",side="php"} 2',
      'durations_bucket{le="+Inf",side="php"} 2',
      'durations_sum{side="php"} 1.5',
      'durations_count{side="php"} 2',
      'running 20',
      'process_resident_memory_bytes{worker="1"} 1',
      'process_resident_memory_bytes{worker="2"} 2',
    ])
  })

  it('never count backwards: of a worker that has ended or is silent the counters stay, and nothing else', async () => {
    const figures = new Figures(createMetrics())
    const one = workerMetrics()
    one.tally.series({ route: 'r' }).add()
    one.gauge.set(7)
    one.memory.set(7)
    figures.add(1)
    await noted(figures, new Map([[1, one.metrics]]))
    const counters = ['requests{route="r"} 1']
    const isOf = (line: string) => /^(requests|running|process_)/.test(line)
    expect((await noted(figures, new Map())).filter(isOf)).toEqual(counters)
    await figures.retire(1)
    expect((await noted(figures, new Map())).filter(isOf)).toEqual(counters)
    // An answer that was under way when the worker ended.
    expect((await noted(figures, new Map([[1, one.metrics]]))).filter(isOf)).toEqual(counters)
    const next = workerMetrics()
    next.tally.series({ route: 'r' }).add()
    figures.add(2)
    expect(await noted(figures, new Map([[2, next.metrics]]))).toContain('requests{route="r"} 2')
  })
})
