import type { WriteStream } from 'node:tty'
import type { SeedProgress } from './seed-legacy.ts'

export interface ProgressLine {
  readonly onProgress: (progress: SeedProgress) => void
  clear(): void
}

// One line, rewritten in place, on a terminal; nothing in a pipe.
export function createProgressLine(stream: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean }): ProgressLine {
  if (stream.isTTY !== true) return { onProgress: () => {}, clear: () => {} }
  let drawnAtMs = -Infinity
  return {
    onProgress: (progress) => {
      if (progress.step === 'rows' && progress.elapsedMs - drawnAtMs < redrawMs) return
      drawnAtMs = progress.elapsedMs
      stream.write(`\r\u001b[K${progressText(progress)}`)
    },
    clear: () => stream.write('\r\u001b[K'),
  }
}

export function progressText({ step, table, rows, rowsExpected, share, elapsedMs }: SeedProgress): string {
  if (step === 'schema') return 'creating tables'
  if (step === 'triggers') return `${grouped(rows)} rows loaded; triggers and statistics`
  const seconds = elapsedMs / 1000
  const rate = grouped(Math.round(rows / Math.max(seconds, 0.001)))
  const left = share > 0.01 ? `, about ${duration((seconds * (1 - share)) / share)} left` : ''
  const percent = `${Math.floor(share * 100)}%`.padStart(4)
  return `${percent}  ${table ?? 'done'}: ${grouped(rows)} of about ${grouped(rowsExpected)} rows, ${rate}/s${left}`
}

export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

// --- internal ---

const redrawMs = 100
