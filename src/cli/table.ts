export type Row = readonly (string | number | undefined)[]

/** Aligned columns under a head, for people; numbers stand to the right. Programs take --json. */
export function table(head: readonly string[], rows: readonly Row[]): string {
  const lines = [head, ...rows].map((row) => head.map((_name, column) => plain(row[column])))
  const widths = head.map((_name, column) => Math.max(...lines.map((cells) => widthOf(cells[column] ?? ''))))
  const isNumber = head.map((_name, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => {
          const space = ' '.repeat((widths[column] ?? 0) - widthOf(cell))
          return isNumber[column] === true ? space + cell : cell + space
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `name  value` below each other, without a head. */
export function facts(pairs: readonly (readonly [name: string, value: string | number | undefined])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => widthOf(name)))
  return pairs
    .map(([name, value]) => `${name}${' '.repeat(width - widthOf(name))}  ${plain(value)}`.trimEnd())
    .join('\n')
}

/** 90_000 -> '90 s', 7_300_000 -> '2 h'. */
export function spanText(ms: number): string {
  const [unit, name] = units.find(([each]) => ms >= 2 * each) ?? [1_000, 's']
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : `${Math.round(ms / unit)} ${name}`
}

/** Names and reasons come from databases and files: nothing of them may steer the terminal. */
export function plain(value: string | number | undefined): string {
  return value === undefined || value === '' ? '-' : String(value).replaceAll(/[\p{Cc}\u2028\u2029]/gu, '?')
}

// --- internal ---

const units = [
  [86_400_000, 'days'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const satisfies readonly (readonly [number, string])[]

function widthOf(text: string): number {
  return [...text].length
}
