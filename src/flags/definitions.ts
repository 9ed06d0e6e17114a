import type { UnleashConfig } from 'unleash-client'

type Repository = NonNullable<UnleashConfig['repository']>
export type Feature = NonNullable<ReturnType<Repository['getToggle']>>
export type Segment = NonNullable<ReturnType<Repository['getSegment']>>

/** The flag state as Unleash's client API gives it. */
export interface Definitions {
  readonly features: readonly Feature[]
  readonly segments: readonly Segment[]
}

/** undefined where it isn't a whole flag state: then the last known one stays in force. */
export function parseDefinitions(body: unknown): Definitions | undefined {
  if (!isRecord(body) || !Array.isArray(body.features)) return undefined
  const segments = body.segments ?? []
  if (!Array.isArray(segments) || !body.features.every(isFeature) || !segments.every(isSegment)) return undefined
  return { features: body.features.map(withStickyVisitors), segments }
}

/** What a flag can say to different visitors. */
export type Reach = 'all' | 'nobody' | 'some'

/** Does the answer depend on who asks? */
export function reachOf(feature: Feature, all: ReadonlyMap<string, Feature>): Reach {
  if (!feature.enabled) return 'nobody'
  const parents = (feature.dependencies ?? []).map((dependency) => dependencyReach(dependency, all))
  return both([ownReach(feature), ...parents])
}

// --- internal ---

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFeature(value: unknown): value is Feature {
  if (!isRecord(value) || typeof value.name !== 'string' || typeof value.enabled !== 'boolean') return false
  const { strategies, dependencies, variants } = value
  return (
    areVariants(variants) &&
    (strategies === undefined || (Array.isArray(strategies) && strategies.every(isStrategy))) &&
    (dependencies === undefined || (Array.isArray(dependencies) && dependencies.every(isDependency)))
  )
}

function isDependency(value: unknown): boolean {
  return isRecord(value) && typeof value.feature === 'string'
}

function isStrategy(value: unknown): boolean {
  if (!isRecord(value) || typeof value.name !== 'string') return false
  if (!areVariants(value.variants)) return false
  return value.constraints === undefined || (Array.isArray(value.constraints) && value.constraints.every(isRecord))
}

function areVariants(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isRecord))
}

function isSegment(value: unknown): value is Segment {
  return isRecord(value) && typeof value.id === 'number' && Array.isArray(value.constraints)
}

type Strategy = NonNullable<Feature['strategies']>[number]
type Variant = NonNullable<Feature['variants']>[number]

/**
 * Whatever an operator sets, a share is drawn by the visitor id. As unleash-client reads them, `random` (and `default` for somebody
 * without an id) draws anew at each request, so that a visitor would flap between the sides; `userId`, and `default` again, moves
 * visitors at login and back at logout. In Fig all of them mean the visitor. Stickiness by a field of the site's own stays: who
 * asks for `country` wants a whole country on one side.
 */
function withStickyVisitors(feature: Feature): Feature {
  const { strategies, variants } = feature
  return {
    ...feature,
    ...(strategies === undefined ? {} : { strategies: strategies.map((strategy) => sticky(strategy, feature.name)) }),
    ...(variants === undefined ? {} : { variants: variants.map(stickyVariant) }),
  }
}

function sticky(strategy: Strategy, groupId: string): Strategy {
  const parameters = isRecord(strategy.parameters) ? strategy.parameters : {}
  const variants = strategy.variants === undefined ? {} : { variants: strategy.variants.map(stickyVariant) }
  switch (strategy.name) {
    case 'flexibleRollout': {
      const stickiness = meansTheVisitor(parameters.stickiness) ? 'sessionId' : parameters.stickiness
      return { ...strategy, ...variants, parameters: { ...parameters, stickiness } }
    }
    case 'gradualRolloutRandom':
      return { ...strategy, ...variants, name: 'gradualRolloutSessionId', parameters: { ...parameters, groupId } }
    case 'gradualRolloutUserId':
      return { ...strategy, ...variants, name: 'gradualRolloutSessionId', parameters }
    default:
      return { ...strategy, ...variants, parameters }
  }
}

/**
 * Fig asks for no variants, but a flag may depend on one of its parent. Those are always drawn by the visitor: for a field that
 * somebody lacks, unleash-client would draw a variant at random.
 */
function stickyVariant(variant: Variant): Variant {
  return { ...variant, stickiness: 'sessionId' }
}

function meansTheVisitor(stickiness: unknown): boolean {
  return stickiness === undefined || stickiness === '' || visitorNames.has(stickiness)
}

/** The member id is a property here too, and it comes and goes with the login like userId. */
const visitorNames: ReadonlySet<unknown> = new Set(['default', 'sessionId', 'random', 'userId', 'memberId'])

function dependencyReach(dependency: NonNullable<Feature['dependencies']>[number], all: ReadonlyMap<string, Feature>) {
  const parent = all.get(dependency.feature)
  // A parent that depends on another flag counts as not met, even where the dependency is on its being off.
  if (parent === undefined || (parent.dependencies ?? []).length > 0) return 'nobody'
  if (dependency.variants !== undefined && dependency.variants.length > 0) return 'some'
  const reach = parent.enabled ? ownReach(parent) : 'nobody'
  return dependency.enabled === false ? opposite(reach) : reach
}

/** A flag is on for a visitor if any of its strategies is. */
function ownReach(feature: Feature): Reach {
  const strategies = feature.strategies ?? []
  if (strategies.length === 0) return 'all'
  const reaches = strategies.map(strategyReach)
  if (reaches.includes('all')) return 'all'
  return reaches.includes('some') ? 'some' : 'nobody'
}

function strategyReach(strategy: Strategy): Reach {
  const share = shareOf(strategy)
  if (share <= 0) return 'nobody'
  if ((strategy.constraints ?? []).length > 0 || (strategy.segments ?? []).length > 0) return 'some'
  return share >= 100 ? 'all' : 'some'
}

/** Percent of the visitors that a strategy takes, constraints aside; 50 stands for "cannot be told from here". */
function shareOf({ name, parameters }: Strategy): number {
  switch (name) {
    case 'default':
      return 100
    case 'flexibleRollout':
      // A rollout by anything but the visitor (a custom context field) depends on who asks even at 100 %.
      return meansTheVisitor(parameters.stickiness)
        ? Number(parameters.rollout) || 0
        : Math.min(50, Number(parameters.rollout))
    case 'gradualRolloutSessionId':
      return Number(parameters.percentage) || 0
    default:
      return 50
  }
}

function opposite(reach: Reach): Reach {
  if (reach === 'some') return 'some'
  return reach === 'all' ? 'nobody' : 'all'
}

function both(reaches: readonly Reach[]): Reach {
  if (reaches.includes('nobody')) return 'nobody'
  return reaches.includes('some') ? 'some' : 'all'
}
