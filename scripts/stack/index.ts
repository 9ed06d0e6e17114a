/** The stack of real parts, as `npm start` and the tests run it. */

export { type FigProcess, restartFig, startAnotherFig } from './fig-process.ts'
export { flagSwitchUrl } from './flags.ts'
export {
  explainFileError,
  type PartName,
  type PortName,
  type Ports,
  partNames,
  partTitles,
  portNames,
  portUses,
  StackError,
} from './parts.ts'
export { linkStack, removeAbandonedStacks, removeStack, StackIsRunning, stackRoot } from './place.ts'
export { siteDatabase } from './site.ts'
export { type Stack, type StackDescription, type StackEvent, type StackOptions, startStack } from './stack.ts'
export { unleashLogin } from './unleash.ts'
