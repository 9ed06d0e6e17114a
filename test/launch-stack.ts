/**
 * A launcher to be killed: starts a stack as told by its argument (StackOptions as JSON), prints its description as one line
 * of JSON, and waits.
 */
import { type StackOptions, startStack } from '../scripts/stack/index.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as StackOptions
const stack = await startStack(options)
console.log(JSON.stringify(stack.description))
setInterval(() => undefined, 60_000)
