// Fig's public surface for a site: what routes.config.ts, sync.config.ts and the modern handlers import.
export { defineFastcgiSite, type FastcgiSite } from './legacy/index.ts'

import type { MatchSpec, ParamsOf, RouteDefinition, RouteTableDefinition } from './routing/index.ts'
import type { ModernHandler } from './services.ts'

export type { MatchPattern, MatchSpec, ParamsOf, RouteTableDefinition, Side, ValuePredicate } from './routing/index.ts'
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
export type SiteRoute<Match> = Omit<RouteDefinition, 'match' | 'modern'> & {
  readonly match: Match
  readonly modern: ModernHandler<ParamsOf<Match>>
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
