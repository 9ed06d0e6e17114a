import type { Logger } from '../platform/index.ts'
import { silentLogger } from '../platform/index.ts'
import { type DeclaredFlags, declaredFeature } from './declared-flags.ts'
import { createEvaluator } from './evaluator.ts'
import type { FlagHealth, FlagSnapshot, Flags } from './flags.ts'

export type StaticFlagStates = DeclaredFlags

/** Flags without a server. With no states at all every flag is unknown, so every route takes its declared default. */
export function createStaticFlags(states: StaticFlagStates = {}, log: Logger = silentLogger()): Flags {
  const features = Object.entries(states).map(([name, state]) => declaredFeature(name, state))
  const snapshot: FlagSnapshot = Object.freeze({
    source: 'static',
    receivedAt: undefined,
    evaluate: createEvaluator({ features, segments: [] }, log),
  })
  const health: FlagHealth = Object.freeze({
    source: 'static',
    receivedAt: undefined,
    problem: undefined,
    staleSince: undefined,
  })
  return { snapshot: () => snapshot, health: () => health, start: async () => {}, close: async () => {} }
}
