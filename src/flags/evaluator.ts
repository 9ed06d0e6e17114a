import { EventEmitter } from 'node:events'
import { type Context, Unleash, UnleashEvents } from 'unleash-client'
import { describeError, type Logger } from '../platform/index.ts'
import { type Definitions, type Feature, reachOf, type Segment } from './definitions.ts'
import type { FlagVerdict, FlagVisitor } from './flags.ts'

/** Answers for one state of the flags, which never changes. */
export type Evaluate = (flag: string, visitor: FlagVisitor) => FlagVerdict

const unknown: FlagVerdict = Object.freeze({ state: 'unknown', partial: false })
const verdicts = {
  on: Object.freeze({ state: 'on', partial: false }),
  off: Object.freeze({ state: 'off', partial: false }),
  partlyOn: Object.freeze({ state: 'on', partial: true }),
  partlyOff: Object.freeze({ state: 'off', partial: true }),
} as const satisfies Record<string, FlagVerdict>

/**
 * unleash-client evaluates, so that a share or a constraint means here what it means everywhere in Unleash; only flags whose answer
 * depends on the visitor reach it. Each state gets a client of its own over fixed definitions: a snapshot that was taken cannot
 * change under a request.
 */
export function createEvaluator(definitions: Definitions, log: Logger): Evaluate {
  const features = new Map(definitions.features.map((feature) => [feature.name, feature]))
  const client = clientOver(new FixedRepository(features, definitions.segments), log)
  const constant = new Map<string, FlagVerdict>()
  for (const feature of features.values()) {
    const reach = reachOf(feature, features)
    if (reach !== 'some') constant.set(feature.name, reach === 'all' ? verdicts.on : verdicts.off)
  }
  const reported = new Set<string>()
  return (flag, visitor) => {
    const verdict = constant.get(flag)
    if (verdict !== undefined) return verdict
    if (!features.has(flag)) return unknown
    try {
      return client.isEnabled(flag, contextOf(visitor)) ? verdicts.partlyOn : verdicts.partlyOff
    } catch (error) {
      // Once per state: it would be said of every request.
      if (!reported.has(flag))
        log.error({ flag, error: describeError(error) }, 'a flag could not be evaluated; its routes take their default')
      reported.add(flag)
      return unknown
    }
  }
}

/** No flag at all. */
export const evaluateNothing: Evaluate = () => unknown

// --- internal ---

/**
 * The visitor is the session, whoever is logged in. The member id is the userId for lists of members and for constraints only:
 * definitions.ts sees to it that no share is drawn by it.
 */
function contextOf({ id, properties }: FlagVisitor): Context {
  if (properties === undefined) return { sessionId: id }
  const { memberId: userId = properties.userId, remoteAddress, environment, appName } = properties
  const context: Context = { sessionId: id, properties }
  // What unleash-client looks for in the context itself; the rest it finds among the properties.
  if (userId !== undefined) context.userId = userId
  if (remoteAddress !== undefined) context.remoteAddress = remoteAddress
  if (environment !== undefined) context.environment = environment
  if (appName !== undefined) context.appName = appName
  return context
}

function clientOver(repository: FixedRepository, log: Logger): Unleash {
  const client = new Unleash({
    appName: 'fig',
    url: 'http://definitions.invalid/', // never called: the repository is ours, metrics are off
    repository,
    disableMetrics: true,
    disableAutoStart: true,
    skipInstanceCountWarning: true,
  })
  client.on(UnleashEvents.Error, (error: unknown) => log.error({ error: describeError(error) }, 'flag evaluation'))
  client.on(UnleashEvents.Warn, (message: unknown) => log.warn({ warning: String(message) }, 'flag evaluation'))
  repository.emit(UnleashEvents.Ready) // Before it, the client answers with its fallback.
  client.destroy() // It holds nothing; this only takes it out of unleash-client's count of live instances.
  return client
}

class FixedRepository extends EventEmitter {
  readonly #features: ReadonlyMap<string, Feature>
  readonly #segments: ReadonlyMap<number, Segment>

  constructor(features: ReadonlyMap<string, Feature>, segments: readonly Segment[]) {
    super()
    this.#features = features
    this.#segments = new Map(segments.map((segment) => [segment.id, segment]))
  }

  getToggle(name: string): Feature | undefined {
    return this.#features.get(name)
  }

  getToggles(): Feature[] {
    return [...this.#features.values()]
  }

  getTogglesWithSegmentData(): never {
    throw new Error('not used: Fig never asks unleash-client for definitions')
  }

  getSegment(id: number): Segment | undefined {
    return this.#segments.get(id)
  }

  async start(): Promise<void> {}

  stop(): void {}
}
