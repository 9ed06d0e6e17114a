import { createInterface } from 'node:readline/promises'

/** What a command needs of the process it runs in. */
export type Terminal = Pick<NodeJS.Process, 'cwd' | 'stdout' | 'stderr'> & {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
}

/** Asks on stderr: stdout is for what the command has to say. Undefined when the input ends. */
export interface Prompt extends Disposable {
  ask(question: string, fallback?: string): Promise<string | undefined>
}

export function openPrompt({ stdin, stderr }: Terminal): Prompt {
  const lines = createInterface({ input: stdin, output: stderr })
  const ended = new AbortController()
  lines.once('close', () => ended.abort())
  return {
    async ask(question, fallback) {
      const hint = fallback === undefined ? '' : ` [${fallback}]`
      try {
        const answer = (await lines.question(`${question}${hint}: `, { signal: ended.signal })).trim()
        return answer === '' ? (fallback ?? '') : answer
      } catch (error) {
        if (ended.signal.aborted) return undefined
        throw error
      }
    },
    [Symbol.dispose]: () => lines.close(),
  }
}

/** Done or not: one JSON document on stdout for programs, sentences for people. */
export function tell(terminal: Terminal, json: boolean, outcome: Outcome): 0 | 1 {
  if (json) terminal.stdout.write(`${JSON.stringify(outcome.facts)}\n`)
  else if (outcome.code === 0) terminal.stdout.write(`${outcome.text}\n`)
  else terminal.stderr.write(`fig: ${outcome.text}\n`)
  return outcome.code
}

export interface Outcome {
  readonly code: 0 | 1
  readonly text: string
  readonly facts: Readonly<Record<string, unknown>> & { readonly ok: boolean }
}

/** What could not be done, and why: every reason at once. */
export function failed(summary: string, problems: readonly string[]): Outcome {
  const text = [summary, ...problems.map((problem) => `  ${problem}`)].join('\n')
  return { code: 1, text, facts: { ok: false, problems } }
}
