/** Global set-up of the `db` project: MariaDB, Postgres and Unleash on free ports, gone when the run ends. */
import type { TestProject } from 'vitest/node'
import './provided-context.ts'
import { startTestStack } from './test-stack.ts'

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startTestStack('db', ['mariadb', 'postgres', 'unleash'])
  project.provide('mysqlUrl', stack.mysqlUrl)
  project.provide('postgresUrl', stack.postgresUrl)
  project.provide('unleash', stack.unleash)
  return () => stack.stop()
}
