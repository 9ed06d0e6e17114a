/** `test` and `expect` for e2e/: pages open on the site through Fig, and `stack` tells the rest. */
import { test as base } from '@playwright/test'
import type { StackDescription } from '../scripts/stack/index.ts'
import { stackVariable } from './browser-setup.ts'

export { expect } from '@playwright/test'

export const test = base.extend<object, { stack: StackDescription }>({
  stack: [
    // Playwright reads the names of what a fixture needs from this pattern, so it has to be one.
    // biome-ignore lint/correctness/noEmptyPattern: see above
    async ({}, use) => {
      const description = process.env[stackVariable]
      if (description === undefined) throw new Error('The browser tests are started with `npm test -- e2e`')
      await use(JSON.parse(description) as StackDescription)
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ stack }, use) => use(stack.figUrl),
})
