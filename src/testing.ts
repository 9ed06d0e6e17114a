// Fig's public surface for the tests of a site: `fig-proxy/testing`. Bound to no test runner: what fails throws.
import { createStaticFlags, type FlagSnapshot, type StaticFlagStates } from './flags/index.ts'

export { compileRoutes, type ExpectRouteOptions, expectRoute, type RouteExpectation } from './routing/index.ts'
export {
  type Answer,
  type CompareOptions,
  type FlagStates,
  type SideComparison,
  type SiteRequest,
  startTestFig,
  type TestFig,
  type TestFigOptions,
} from './test-fig/index.ts'

/** Flags as a test wants them, for expectRoute: `{ mods: true, users: 30 }` is on, and on for 30 % of the visitors. */
export function flagStates(states: StaticFlagStates = {}): FlagSnapshot {
  return createStaticFlags(states).snapshot()
}
