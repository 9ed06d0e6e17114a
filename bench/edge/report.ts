/** The figures as tables: one layout for the terminal and for the document. */
import { type CaseResult, figuresOf, type MemoryRow, type Results } from './figures.ts'
import { ratio } from './statistics.ts'
import { judge, megabytes, type Target } from './targets.ts'

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function tablesOf(results: Results): readonly Table[] {
  return [
    ...results.cases.map((result) => loadTable(result, results.versions)),
    ...(results.memory === undefined ? [] : [memoryTable(results.memory, results.versions)]),
    ...targetTable(judge(results)),
  ]
}

/** Why there are figures missing, and what makes others unfair. */
export function remarksOf(results: Results): readonly string[] {
  const rows = results.cases.flatMap(({ name, rows }) => rows.map((row) => ({ ...row, name })))
  const failures = [...rows, ...(results.memory ?? []).map((row) => ({ ...row, name: 'memory' }))]
  const reconnecting = rows.filter(({ figures }) => (figures?.upstreamConnectionsPerRequest ?? 0) > 0.02)
  return [
    ...failures
      .filter(({ problem }) => problem !== undefined)
      .map(({ name, proxy, problem }) => `${name}, ${proxy}: ${problem}`),
    ...reconnecting.map(
      ({ name, proxy, figures }) =>
        `${name}, ${proxy}: does not keep its connections to the upstream (${figures!.upstreamConnectionsPerRequest.toFixed(2)} opened per request)`,
    ),
  ]
}

export function describeRun({ measuredAt, machine, seconds, rounds }: Results): string {
  const windows = `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s`
  return `${measuredAt.slice(0, 10)}, ${machine}; ${windows} for each proxy and case, medians.`
}

/** For a terminal: columns stand under each other. */
export function plainTable({ title, head, rows }: Table): string {
  const widths = head.map((name, column) =>
    Math.max(...[head, ...rows].map((row) => [...(row[column] ?? '')].length), name.length),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd()
  return [title, ...[head, ...rows].map((row) => `  ${line(row)}`)].join('\n')
}

export function markdownTable({ title, head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${head.map((_name, column) => (column === 0 ? '---|' : '---:|')).join('')}`
  return [`### ${title}`, '', line(head), rule, ...rows.map(line)].join('\n')
}

// --- internal ---

const nothing = '–'

function loadTable(result: CaseResult, versions: Results['versions']): Table {
  const head = ['proxy', 'CPU/request', '±', '× nginx', '× http-proxy', 'requests/s', 'p50', 'p99', 'peak memory']
  const comparesRoutes = result.name === 'routes'
  const references = comparesRoutes ? (['fig'] as const) : (['nginx', 'http-proxy'] as const)
  const rows = result.rows.map(({ proxy, figures }) => {
    const name = comparesRoutes ? routesName(proxy) : titleOf(proxy, versions)
    if (figures === undefined) return [name, 'failed', ...Array<string>(6 + references.length - 1).fill(nothing)]
    const ratios = references.map((reference) =>
      times(ratio(figures.cpuUsPerRequest, figuresOf(result, reference)?.cpuUsPerRequest)),
    )
    return [
      name,
      `${figures.cpuUsPerRequest.toFixed(1)} µs`,
      `${(figures.cpuSpread * 50).toFixed(0)} %`,
      ...ratios,
      Math.round(figures.requestsPerSecond).toLocaleString('en'),
      `${figures.p50Ms.toFixed(2)} ms`,
      `${figures.p99Ms.toFixed(2)} ms`,
      mb(figures.peakBytes),
    ]
  })
  return {
    title: result.title,
    head: comparesRoutes ? [...head.slice(0, 3), '× 10 routes', ...head.slice(5)] : head,
    rows,
  }
}

function memoryTable(memory: readonly MemoryRow[], versions: Results['versions']): Table {
  return {
    title: 'Memory: 5 GB each way, 10,000 idle clients',
    head: ['proxy', 'at rest', 'growth, 5 GB up', 'growth, 5 GB down', 'up', 'down', '10,000 idle clients'],
    rows: memory.map(({ proxy, figures }) => {
      const name = titleOf(proxy, versions)
      if (figures === undefined) return [name, 'failed', ...Array<string>(5).fill(nothing)]
      const rate = (seconds: number) => `${(5 / seconds).toFixed(1)} GB/s`
      return [
        name,
        mb(figures.restBytes),
        mb(figures.uploadGrowthBytes),
        mb(figures.downloadGrowthBytes),
        rate(figures.uploadSeconds),
        rate(figures.downloadSeconds),
        mb(figures.idleBytes),
      ]
    }),
  }
}

function targetTable(targets: readonly Target[]): readonly Table[] {
  if (targets.length === 0) return []
  const amount = (value: number, unit: Target['unit']) =>
    unit === 'MB' ? `${value.toFixed(0)} MB` : `${value.toFixed(2)} ×`
  const rows = targets.map(({ text, value, limit, unit, verdict }) => [
    text,
    amount(value!, unit),
    amount(limit, unit),
    verdict,
  ])
  return [{ title: 'What Fig is held to', head: ['target', 'measured', 'at most', ''], rows }]
}

function titleOf(proxy: string, versions: Results['versions']): string {
  const version = versions[proxy]
  return version === undefined ? proxy : `${proxy} ${version}`
}

function routesName(proxy: string): string {
  return `${{ fig: '10', 'fig-500': '500', 'fig-10000': '10,000' }[proxy] ?? proxy} routes`
}

function times(value: number | undefined): string {
  return value === undefined ? nothing : value.toFixed(2)
}

function mb(bytes: number): string {
  return `${megabytes(bytes).toFixed(0)} MB`
}
