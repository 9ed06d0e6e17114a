// Fig's public surface for the tests of a site: `fig-proxy/testing`. Bound to no test runner: what fails throws.
export { compileRoutes, type ExpectRouteOptions, expectRoute, type RouteExpectation } from './routing/index.ts'
