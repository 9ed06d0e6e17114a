export {
  type Decision,
  type DecisionReason,
  type DecisionState,
  decide,
  type FallbackReason,
  type ForcedReason,
  fallBack,
  nothingForced,
  type RoutingReason,
} from './decide.ts'
export type { PhpValues } from './php-values.ts'
export type {
  MatchPattern,
  MatchSpec,
  ParamsOf,
  RouteDefinition,
  RouteHandler,
  RouteTableDefinition,
  Side,
  ValuePredicate,
} from './route-definition.ts'
export type { MatchInput, MatchResult, Route, RouteTable } from './route-table.ts'
