/** What Fig is held to. */
import { type CaseResult, figuresOf, type Results } from './figures.ts'
import { ratio } from './statistics.ts'

export interface Target {
  readonly text: string
  readonly limit: number
  readonly unit: '×' | 'MB'
  /** undefined where it was not measured. */
  readonly value: number | undefined
  readonly verdict: 'met' | 'missed' | 'not measured'
}

/** All that this run can say something about. */
export function judge(results: Results): readonly Target[] {
  const loads = results.cases.filter(({ name }) => name !== 'routes')
  return [
    ...loads.flatMap(cpuTargets),
    ...results.cases.filter(({ name }) => name === 'routes').map(routesTarget),
    ...memoryTargets(results),
  ].filter(({ verdict }) => verdict !== 'not measured')
}

// --- internal ---

function cpuTargets(result: CaseResult): readonly Target[] {
  const others = result.rows
    .map(({ proxy }) => proxy)
    .filter((proxy) => !['fig', 'nginx', 'nginx-buffered', 'haproxy', 'http-proxy'].includes(proxy))
  return [
    target(`${result.title}: CPU per request, of nginx's`, cpuRatio(result, 'fig', 'nginx'), 2, '×'),
    target(`${result.title}: CPU per request, of http-proxy's`, cpuRatio(result, 'fig', 'http-proxy'), 0.65, '×'),
    ...others.map((proxy) =>
      target(`${result.title}: CPU per request, of ${proxy}'s`, cpuRatio(result, 'fig', proxy), 1, '×'),
    ),
  ]
}

function routesTarget(result: CaseResult): Target {
  return target('10,000 routes: CPU per request, of that with 10', cpuRatio(result, 'fig-10000', 'fig'), 1.1, '×')
}

function memoryTargets({ memory }: Results): readonly Target[] {
  const fig = memory?.find(({ proxy }) => proxy === 'fig')?.figures
  if (fig === undefined) return []
  return [
    target('5 GB up: growth', megabytes(fig.uploadGrowthBytes), 64, 'MB'),
    target('5 GB down: growth', megabytes(fig.downloadGrowthBytes), 64, 'MB'),
    target('10,000 idle clients: memory', megabytes(fig.idleBytes), 200, 'MB'),
  ]
}

function cpuRatio(result: CaseResult, proxy: string, reference: string): number | undefined {
  return ratio(figuresOf(result, proxy)?.cpuUsPerRequest, figuresOf(result, reference)?.cpuUsPerRequest)
}

export function megabytes(bytes: number): number {
  return bytes / 1_000_000
}

function target(text: string, value: number | undefined, limit: number, unit: Target['unit']): Target {
  const verdict = value === undefined ? 'not measured' : value <= limit ? 'met' : 'missed'
  return { text, limit, unit, value, verdict }
}
