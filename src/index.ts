// Fig's public surface for a site: what routes.config.ts, sync.config.ts and the modern handlers import.
export { defineFastcgiSite, type FastcgiSite } from './legacy/index.ts'

import type { MatchSpec, ParamsOf, Retirement, RouteDefinition, RouteTableDefinition, Stage } from './routing/index.ts'
import type { ModernHandler } from './services.ts'

export type {
  MatchPattern,
  MatchSpec,
  ParamsOf,
  Retirement,
  RouteTableDefinition,
  Side,
  Stage,
  ValuePredicate,
} from './routing/index.ts'
export type { FigEnv, FigServices, ModernHandler } from './services.ts'
export {
  type CascadeMapping,
  cascade,
  column,
  defineSync,
  type Sync,
  type SyncTransaction,
  table,
} from './sync/index.ts'

/** A route whose handler is given exactly the parameters that its pattern captures. */
export type SiteRoute<Match> = Omit<RouteDefinition, 'match' | 'modern' | 'stage' | 'retired'> & {
  readonly match: Match
} & (Answered<Match> | Withdrawn<Match>)

interface Answered<Match> {
  readonly stage?: Stage
  /** 'modern': there is no way back to PHP. */
  readonly retired?: 'modern'
  readonly modern: ModernHandler<ParamsOf<Match>>
}

/** Neither side answers any more, so that a handler is not needed. */
interface Withdrawn<Match> {
  readonly stage: 'retired'
  readonly retired: Exclude<Retirement, 'modern'>
  readonly modern?: ModernHandler<ParamsOf<Match>>
}

/** One route, for a file of its own; inside defineRoutes it is not needed. */
export function route<const Match extends MatchSpec>(definition: SiteRoute<Match>): SiteRoute<Match> {
  return definition
}

/** The route table: data only. What is wrong with it is said at start, everything at once. */
export function defineRoutes<const Matches extends readonly MatchSpec[]>(definition: {
  readonly routes: readonly [...{ [Index in keyof Matches]: SiteRoute<Matches[Index]> }]
}): RouteTableDefinition {
  return definition
}
