/** '90s', '30m', '2h', '1d', '1h30m' -> milliseconds; undefined where it is none. */
export function readDuration(text: string): number | undefined {
  if (!/^(?:\d{1,6}[smhd])+$/.test(text)) return undefined
  let sum = 0
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([smhd])/g)) sum += Number(count) * (unitMs[unit] ?? 0)
  return sum > 0 ? sum : undefined
}

// --- internal ---

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
