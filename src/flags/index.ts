export type { FlagSnapshot, FlagSource, Flags, FlagVerdict, FlagVisitor } from './flags.ts'
export { createStaticFlags, type StaticFlagStates } from './static-flags.ts'
export { createUnleashFlags, type UnleashFlagsOptions } from './unleash-flags.ts'
