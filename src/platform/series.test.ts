import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

describe('the figures of the request path', () => {
  it('are exposed like any others', async () => {
    const metrics = createMetrics()
    const tally = metrics.tally({ name: 'a_total', help: 'A.', labelNames: ['side'] })
    tally.series({ side: 'x' }).add()
    tally.series({ side: 'x' }).add()
    tally.series({ side: 'y"' }).add()
    const distribution = metrics.distribution({ name: 'b_seconds', help: 'B.', labelNames: [], buckets: [0.1, 1] })
    for (const value of [0.05, 0.1, 0.5, 7]) {
      distribution.series({}).observe(value)
    }
    expect((await metrics.text()).body).toBe(`# HELP a_total A.
# TYPE a_total counter
a_total{side="x"} 2
a_total{side="y\\""} 1

# HELP b_seconds B.
# TYPE b_seconds histogram
b_seconds_bucket{le="0.1"} 2
b_seconds_bucket{le="1"} 3
b_seconds_bucket{le="+Inf"} 4
b_seconds_sum 7.65
b_seconds_count 4
`)
  })

  it('are refused a second time under the same name', () => {
    const metrics = createMetrics()
    metrics.tally({ name: 'a_total', help: 'A.', labelNames: [] })
    expect(() => metrics.tally({ name: 'a_total', help: 'A.', labelNames: [] })).toThrow('already been registered')
  })
})
