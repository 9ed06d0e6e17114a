/** A stack for one test run: free ports, its own data folder, and nothing left of it afterwards. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type PartName, type Stack, stackFolder, startStack } from '../scripts/stack/index.ts'

const checkout = join(import.meta.dirname, '..')

export async function startTestStack(purpose: string, parts: readonly PartName[]): Promise<Stack> {
  const name = `test-${purpose}-${process.pid}-${randomBytes(3).toString('hex')}`
  return startStack({ checkout, dir: stackFolder(checkout, name), ports: 'free', parts, temporary: true })
}
