/** Global set-up of the browser tests: the whole product on real parts. The workers read its description from here on. */
import { siteFlags } from '../scripts/site-flags.ts'
import { checkout, startTestStack, wholeStack } from './test-stack.ts'

export const stackVariable = 'FIG_TEST_STACK'

export default async function setUp(): Promise<() => Promise<void>> {
  const stack = await startTestStack('e2e', { parts: wholeStack, flags: () => siteFlags(checkout) })
  process.env[stackVariable] = JSON.stringify(stack.description)
  return () => stack.stop()
}
