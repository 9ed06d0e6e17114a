export type { FlagSnapshot, FlagSource, Flags, FlagVerdict } from './flags.ts'
export { createStaticFlags, type StaticFlagStates } from './static-flags.ts'
export { createUnleashFlags, type UnleashFlagsOptions } from './unleash-flags.ts'
