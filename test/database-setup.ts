/** Global set-up of the `db` project: MariaDB, Postgres and Unleash on free ports, gone when the run ends. */
import type { TestProject } from 'vitest/node'
import './provided-context.ts'
import { startTestStack } from './test-stack.ts'

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startTestStack('db', { parts: ['mariadb', 'postgres', 'unleash'] })
  const { mysqlUrl, postgresUrl, unleash } = stack.description
  project.provide('mysqlUrl', mysqlUrl)
  project.provide('postgresUrl', postgresUrl)
  project.provide('unleash', unleash)
  return () => stack.stop()
}
