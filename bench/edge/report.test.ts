import { describe, expect, it } from 'vitest'
import { withFigures } from './benchmarks-document.ts'
import { type Results, type Row, summarize, type Window } from './figures.ts'
import { markdownTable, plainTable, remarksOf, tablesOf } from './report.ts'
import { judge } from './targets.ts'

const mega = 1_000_000

describe('the figures of a proxy', () => {
  it('are the medians over its rounds, and the highest peak', () => {
    const figures = summarize([
      window({ requests: 1_000, cpuMs: 30, p99Ms: 9, peakBytes: 10 * mega }),
      window({ requests: 2_000, cpuMs: 40, p99Ms: 1, peakBytes: 30 * mega }),
      window({ requests: 1_000, cpuMs: 25, p99Ms: 2, peakBytes: 20 * mega }),
    ])
    expect(figures).toMatchObject({ cpuUsPerRequest: 25, requestsPerSecond: 500, p99Ms: 2, peakBytes: 30 * mega })
    expect(figures.cpuSpread).toBeCloseTo(10 / 25)
  })
})

describe('the report', () => {
  const results = resultsOf([row('fig', 30), row('nginx', 20), row('http-proxy', 100), failed('caddy', 'no answer')])

  it("gives each proxy's CPU per request as a ratio to nginx's and to http-proxy's", () => {
    const [table] = tablesOf(results)
    expect(table?.head.slice(0, 5)).toEqual(['proxy', 'CPU/request', '±', '× nginx', '× http-proxy'])
    expect(table?.rows.map((cells) => cells.slice(0, 5))).toEqual([
      ['fig 0.1.0', '30.0 µs', '0 %', '1.50', '0.30'],
      ['nginx', '20.0 µs', '0 %', '1.00', '0.20'],
      ['http-proxy', '100.0 µs', '0 %', '5.00', '1.00'],
      ['caddy', 'failed', '–', '–', '–'],
    ])
    for (const { head, rows } of tablesOf(results)) for (const cells of rows) expect(cells).toHaveLength(head.length)
  })

  it('shows no ratio to what was not measured', () => {
    const [table] = tablesOf(resultsOf([row('fig', 30)]))
    expect(table?.rows[0]?.slice(3, 5)).toEqual(['–', '–'])
  })

  it('compares sizes of the route table with ten routes', () => {
    const [table] = tablesOf(resultsOf([row('fig', 30), row('fig-500', 30), row('fig-10000', 33)], 'routes'))
    expect(table?.head[3]).toBe('× 10 routes')
    expect(table?.rows.map((cells) => [cells[0], cells[3]])).toEqual([
      ['10 routes', '1.00'],
      ['500 routes', '1.00'],
      ['10,000 routes', '1.10'],
    ])
    for (const cells of table?.rows ?? []) expect(cells).toHaveLength(table?.head.length ?? 0)
  })

  it('says what failed, and who opens a connection for each request', () => {
    const careless = {
      ...row('httpxy', 90),
      figures: { ...row('httpxy', 90).figures!, upstreamConnectionsPerRequest: 1 },
    }
    expect(remarksOf(resultsOf([failed('caddy', 'no answer'), careless]))).toEqual([
      'tiny, caddy: no answer',
      'tiny, httpxy: does not keep its connections to the upstream (1.00 opened per request)',
    ])
  })

  it('puts columns under each other on a terminal', () => {
    const table = {
      title: 'T',
      head: ['proxy', 'CPU'],
      rows: [
        ['nginx', '9.0 µs'],
        ['fig', '12.0 µs'],
      ],
    }
    expect(plainTable(table)).toBe(['T', '  proxy      CPU', '  nginx   9.0 µs', '  fig    12.0 µs'].join('\n'))
    expect(markdownTable(table)).toContain('| proxy | CPU |\n|---|---:|\n| nginx | 9.0 µs |')
  })

  it('replaces the figures in the document and nothing else', () => {
    const text = 'before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n'
    const once = withFigures(text, results)
    expect(once).toMatch(/^before\n<!-- figures -->\n\n2026-11-21, /)
    expect(once).toMatch(/<!-- end of figures -->\nafter\n$/)
    expect(once).not.toContain('old')
    expect(withFigures(once, results)).toBe(once)
    expect(() => withFigures('no marks', results)).toThrow('lacks its marks')
  })
})

describe('the targets', () => {
  it('are judged where both sides were measured, the limit included', () => {
    const verdicts = judge(resultsOf([row('fig', 40), row('nginx', 20), row('http-proxy', 60), row('caddy', 39)]))
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['met', 'missed', 'missed'])
    expect(judge(resultsOf([row('fig', 40), row('nginx', 20)]))).toHaveLength(1)
  })

  it('hold the memory, too', () => {
    const bytes = { restBytes: 50 * mega, uploadGrowthBytes: 63 * mega, downloadGrowthBytes: 65 * mega }
    const figures = { ...bytes, idleBytes: 200 * mega, uploadSeconds: 5, downloadSeconds: 5 }
    const verdicts = judge({ ...resultsOf([]), memory: [{ proxy: 'fig', figures, problem: undefined }] })
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['met', 'missed', 'met'])
  })
})

function window(figures: Partial<Window>): Window {
  const usual = { requests: 1_000, durationMs: 2_000, cpuMs: 20, p50Ms: 1, p99Ms: 2, peakBytes: mega }
  return { ...usual, upstreamConnections: 20, ...figures }
}

function row(proxy: string, cpuUsPerRequest: number): Row {
  return { proxy, figures: summarize([window({ cpuMs: cpuUsPerRequest })]), problem: undefined }
}

function failed(proxy: string, problem: string): Row {
  return { proxy, figures: undefined, problem }
}

function resultsOf(rows: readonly Row[], name = 'tiny'): Results {
  return {
    measuredAt: '2026-11-21T09:00:00.000Z',
    machine: '2 cores',
    seconds: 2,
    rounds: 1,
    versions: { fig: '0.1.0' },
    cases: [{ name, title: 'Tiny answer', rows }],
    memory: undefined,
  }
}
