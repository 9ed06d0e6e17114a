import { describe, expect, it } from 'vitest'
import type { Case } from './case.ts'
import { runAll } from './run-case.ts'

/** Each case is a test of its own; all of them run a few at a time from the start, whatever is filtered. */
export function describeCases(families: Readonly<Record<string, readonly Case[]>>): void {
  const cases = Object.values(families).flat()
  it('has a name of its own for each case', () => {
    const ids = cases.map(({ id }) => id)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  })
  let running: ReturnType<typeof runAll> | undefined
  for (const [family, members] of Object.entries(families)) {
    describe(family, () => {
      for (const { id, title, source, level } of members) {
        it(`${level}: ${title} [${id}; ${source}]`, async () => {
          running ??= runAll(cases, casesAtOnce)
          const problems = await running.get(id)
          if (problems === undefined || problems.length > 0) {
            throw new Error(problems?.join('\n') ?? 'the case did not run')
          }
        })
      }
    })
  }
}

// --- internal ---

const casesAtOnce = 24
