/** docs/benchmarks.md: what stands around the figures is written by hand and stays. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Results } from './figures.ts'
import { BenchProblem } from './problem.ts'
import { describeRun, markdownTable, remarksOf, tablesOf } from './report.ts'

export function writeDocument(results: Results): void {
  writeFileSync(documentFile, withFigures(readFileSync(documentFile, 'utf8'), results))
}

/** @throws BenchProblem where the marks are missing */
export function withFigures(text: string, results: Results): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from === -1 || to < from)
    throw new BenchProblem('docs/benchmarks.md lacks its marks.', `Put the lines ${begin} and ${end} back.`)
  const remarks = remarksOf(results).map((remark) => `- ${remark.split('\n', 1)[0]}`)
  const parts = [
    describeRun(results),
    ...tablesOf(results).map(markdownTable),
    ...(remarks.length > 0 ? [remarks.join('\n')] : []),
  ]
  return `${text.slice(0, from + begin.length)}\n\n${parts.join('\n\n')}\n\n${text.slice(to)}`
}

// --- internal ---

const documentFile = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md')
const begin = '<!-- figures -->'
const end = '<!-- end of figures -->'
