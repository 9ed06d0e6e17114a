import type { Logger } from '../platform/index.ts'
import { silentLogger } from '../platform/index.ts'
import type { Feature } from './definitions.ts'
import { createEvaluator } from './evaluator.ts'
import type { FlagSnapshot, Flags } from './flags.ts'

/** On, off, or on for this percentage of the visitors (drawn as Unleash draws them). */
export type StaticFlagStates = Readonly<Record<string, boolean | number>>

/** Flags without a server. With no states at all every flag is unknown, so every route takes its declared default. */
export function createStaticFlags(states: StaticFlagStates = {}, log: Logger = silentLogger()): Flags {
  const features = Object.entries(states).map(([name, state]) => featureOf(name, state))
  const snapshot: FlagSnapshot = Object.freeze({
    source: 'static',
    receivedAt: undefined,
    evaluate: createEvaluator({ features, segments: [] }, log),
  })
  return { snapshot: () => snapshot, start: async () => {}, close: async () => {} }
}

// --- internal ---

function featureOf(name: string, state: boolean | number): Feature {
  const rollout = typeof state === 'number' ? state : 100
  const parameters = { rollout: String(rollout), stickiness: 'sessionId', groupId: name }
  return { name, enabled: state !== false, strategies: [{ name: 'flexibleRollout', parameters, constraints: [] }] }
}
