/** The stack of real parts, as `npm start` and the tests run it. */
export { type PartName, type PortName, type Ports, partTitles, portNames, StackError } from './parts.ts'
export { StackIsRunning, stackFolder } from './place.ts'
export { type PortState, portState } from './ports.ts'
export { type Stack, type StackEvent, type StackOptions, startStack } from './stack.ts'
export type { UnleashTokens } from './unleash.ts'
