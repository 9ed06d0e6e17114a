export { type BodyFields, readBodyFields } from './body-fields.ts'
export { checkRoutes, compileRoutes, type KnownNames, lintRoutes, type RouteProblem } from './compile.ts'
export {
  type Decision,
  type DecisionReason,
  type DecisionState,
  decide,
  type FallbackReason,
  type ForcedReason,
  fallBack,
  type KillState,
  nothingForced,
  type RoutingReason,
} from './decide.ts'
export { type ExpectRouteOptions, expectRoute, type RouteExpectation } from './expect-route.ts'
export { type RouteRetirement, redirectLocation } from './retirement.ts'
export type {
  MatchPattern,
  MatchSpec,
  ParamsOf,
  RedirectStatus,
  Retirement,
  RouteDefinition,
  RouteHandler,
  RouteTableDefinition,
  Side,
  Stage,
  ValuePredicate,
} from './route-definition.ts'
export type { MatchInput, MatchResult, Route, RouteTable } from './route-table.ts'
export { checkMoves, isLegalMove, stages } from './stage.ts'
export { type ReadTarget, readTarget, type TargetRefusal } from './target.ts'
