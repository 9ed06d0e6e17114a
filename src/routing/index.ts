export { checkRoutes, compileRoutes, type KnownNames, type RouteProblem } from './compile.ts'
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
export { type ExpectRouteOptions, expectRoute, type RouteExpectation } from './expect-route.ts'
export { isForm, type PhpValues, readForm } from './php-values.ts'
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
export { type ReadTarget, readTarget, type TargetRefusal } from './target.ts'
