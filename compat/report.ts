/** The results in words and tables. */
import type { ApplicationResult } from './run-application.ts'

export function reportOf(results: readonly ApplicationResult[], differencesMax: number): string {
  const rows = results.map((result) => [
    result.title,
    result.version,
    String(result.exchanges),
    String(result.bytes),
    String(result.masked),
    String(result.different),
  ])
  const table = tableOf(['application', 'version', 'exchanges', 'same bytes', 'same but for masks', 'different'], rows)
  return [table, ...results.map((result) => detailsOf(result, differencesMax))].join('\n\n')
}

// --- internal ---

function detailsOf(result: ApplicationResult, differencesMax: number): string {
  const journeys = result.journeys.map(({ name, exchanges, bytes, masked, different }) =>
    [name, exchanges, bytes, masked, different].map(String),
  )
  const shown = result.differences.slice(0, differencesMax)
  const hidden = result.differences.length - shown.length
  return [
    result.title,
    tableOf(['journey', 'exchanges', 'same bytes', 'same but for masks', 'different'], journeys),
    ...result.masks.map(({ name, reason, answers }) => `  masked ${name} in ${answers}: ${reason}`),
    ...shown.map(
      ({ journey, exchange, differences }) => `  ${journey}: ${exchange}\n    ${differences.join('\n    ')}`,
    ),
    ...(hidden > 0 ? [`  and ${hidden} more (--show ${result.differences.length})`] : []),
  ].join('\n')
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return [heads, ...rows].map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}
