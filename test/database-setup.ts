/** Global set-up of the `db` project: MariaDB, Postgres and Unleash on free ports, gone when the run ends. */
import type { TestProject } from 'vitest/node'
import './provided-context.ts'
import { startTestStack } from './test-stack.ts'

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startTestStack('db', ['mariadb', 'postgres', 'unleash'])
  project.provide('mysqlUrl', stack.description.mysqlUrl)
  project.provide('postgresUrl', stack.description.postgresUrl)
  project.provide('unleash', stack.description.unleash)
  return () => stack.stop()
}
