export type { FlagSnapshot, FlagSource, Flags, FlagVerdict } from './flags.ts'
