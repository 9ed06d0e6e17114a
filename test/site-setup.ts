/** Global set-up of the `site` project: the whole product on real parts, with a small site, gone when the run ends. */
import type { TestProject } from 'vitest/node'
import { siteFlags } from '../scripts/site-flags.ts'
import './provided-context.ts'
import { checkout, startTestStack, wholeStack } from './test-stack.ts'

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startTestStack('site', { parts: wholeStack, flags: () => siteFlags(checkout) })
  const { mysqlUrl, postgresUrl, unleash, siteUrl, figUrl, operatorUrl } = stack.description
  project.provide('mysqlUrl', mysqlUrl)
  project.provide('postgresUrl', postgresUrl)
  project.provide('unleash', unleash)
  project.provide('siteUrl', siteUrl)
  project.provide('figUrl', figUrl)
  project.provide('operatorUrl', operatorUrl)
  project.provide('stack', stack.description)
  return () => stack.stop()
}
