/** A stack for one test run: free ports, its own data folder, and nothing left of it afterwards. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  partNames,
  removeAbandonedStacks,
  type Stack,
  type StackOptions,
  stackRoot,
  startStack,
} from '../scripts/stack/index.ts'

export const checkout = join(import.meta.dirname, '..')

/** All that `npm start` runs. */
export const wholeStack = partNames

export type TestStackOptions = Pick<StackOptions, 'parts' | 'flags' | 'mods' | 'figSettings'>

export async function startTestStack(purpose: string, options: TestStackOptions): Promise<Stack> {
  await removeAbandonedStacks(checkout, testPrefix)
  const name = `${testPrefix}${purpose}-${process.pid}-${randomBytes(3).toString('hex')}`
  return startStack({ ...options, checkout, dir: join(stackRoot(checkout), name), ports: 'free', temporary: true })
}

// --- internal ---

const testPrefix = 'test-'
