/** Fig's own word, from its log, about who answered: the answers themselves must not tell. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { StackDescription } from '../scripts/stack/index.ts'
import { answersBy } from '../test/fig-control.ts'

export type Side = 'legacy' | 'modern'

/** One line of the log: a request that matched a route. */
export interface Answer {
  readonly method: string
  readonly path: string
  readonly target: Side
  readonly reason: string
  readonly status: number
}

/** A mod page that only the tests' own machinery asks for: its lines are left out. */
export const probePath = '/skyrim/mods/60'

export class AnswerLog {
  readonly #file: string
  readonly #operatorUrl: string

  constructor(stack: Pick<StackDescription, 'dir' | 'operatorUrl'>) {
    this.#file = join(stack.dir, 'logs', 'fig.log')
    this.#operatorUrl = stack.operatorUrl
  }

  /** All answers so far. Fig writes its log in batches: waits for as many lines as its metrics have counted answers. */
  async read(): Promise<readonly Answer[]> {
    const counted = (await answersBy(this.#operatorUrl, 'legacy')) + (await answersBy(this.#operatorUrl, 'modern'))
    const startedAt = performance.now()
    for (;;) {
      const answers = readAnswers(this.#file)
      if (answers.length >= counted) return answers.filter(({ path }) => path !== probePath)
      if (performance.now() - startedAt > logTimeoutMs)
        throw new Error(`Fig has counted ${counted} answers, and ${this.#file} has ${answers.length} of them`)
      await pause(10)
    }
  }
}

// --- internal ---

const logTimeoutMs = 10_000

function readAnswers(file: string): readonly Answer[] {
  const whole = readFileSync(file, 'utf8')
  return whole
    .slice(0, whole.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.includes('"msg":"request"'))
    .map((line) => JSON.parse(line) as Answer & { readonly route: string })
    .filter(({ route }) => route !== 'none')
    .map(({ method, path, target, reason, status }) => ({ method, path, target, reason, status }))
}
