import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Terminal } from '../terminal.ts'

export interface TestTerminal extends Disposable {
  readonly terminal: Terminal
  readonly folder: string
  stdout(): string
  stderr(): string
  /** Somebody types, each line once the words before it were shown. */
  answer(afterWords: string, line: string): void
  end(): void
}

/** In an empty folder of its own. */
export function testTerminal({ isTTY = false }: { readonly isTTY?: boolean } = {}): TestTerminal {
  const folder = mkdtempSync(join(tmpdir(), 'fig-scaffold-'))
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const [stdout, stderr] = [recorder(), recorder()]
  const answers: { readonly afterWords: string; readonly line: string }[] = []
  let read = 0
  stderr.stream.on('data', () => {
    for (;;) {
      const [next] = answers
      const at = next === undefined ? -1 : stderr.text().indexOf(next.afterWords, read)
      if (next === undefined || at === -1) return
      answers.shift()
      read = at + next.afterWords.length
      stdin.write(`${next.line}\n`)
    }
  })
  const terminal = { cwd: () => folder, stdin, stdout: stdout.stream, stderr: stderr.stream } as unknown as Terminal
  return {
    terminal,
    folder,
    stdout: stdout.text,
    stderr: stderr.text,
    answer: (afterWords, line) => void answers.push({ afterWords, line }),
    end: () => stdin.end(),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

// --- internal ---

function recorder() {
  const stream = new PassThrough()
  let recorded = ''
  stream.on('data', (chunk) => {
    recorded += String(chunk)
  })
  return { stream, text: () => recorded }
}
