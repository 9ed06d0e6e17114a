/** `test` for journeys on the site: visitors, the operator who moves the route group, and Fig's log of who answered. */
import type { BrowserContextOptions } from '@playwright/test'
import { test as base, expect } from '../test/browser-test.ts'
import { AnswerLog, probePath, type Side } from './answer-log.ts'
import { RouteGroup } from './route-group.ts'
import { Visitor } from './visitor.ts'

export { expect } from '../test/browser-test.ts'

export interface ArrivalOptions extends BrowserContextOptions {
  /** While the flag is partial: keep sending new visitors until one is given this side. */
  readonly side?: Side
}

interface TestFixtures {
  /** A new visitor, in a browser of their own. When the test ends, none of them may have met trouble. */
  readonly arrive: (options?: ArrivalOptions) => Promise<Visitor>
}

interface WorkerFixtures {
  readonly answers: AnswerLog
  /** Off again when the tests end; tests that move it put it back themselves. */
  readonly group: RouteGroup
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  answers: [async ({ stack }, use) => use(new AnswerLog(stack)), { scope: 'worker' }],
  group: [
    async ({ stack }, use) => {
      const group = new RouteGroup(stack)
      await group.moveTo('off')
      await use(group)
      await group.moveTo('off')
    },
    { scope: 'worker' },
  ],
  arrive: async ({ browser, stack, answers, group }, use) => {
    const visitors: Visitor[] = []
    await use(async ({ side, ...options } = {}) => {
      for (;;) {
        const context = await browser.newContext({ baseURL: stack.figUrl, ...options })
        if (side === undefined || (await group.sideOf(() => context.request.get(probePath))) === side) {
          const visitor = await Visitor.arrive(context, answers, stack.figUrl)
          visitors.push(visitor)
          return visitor
        }
        await context.close()
      }
    })
    for (const visitor of visitors) await visitor.context.close()
    expect(
      visitors.flatMap(({ troubles }) => troubles),
      'what visitors should never see',
    ).toEqual([])
  },
})
