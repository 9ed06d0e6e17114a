import type { Route } from '../route-table.ts'

/** A compiled route, as far as a decision looks at it. */
export function routeWith(given: Partial<Route> = {}): Route {
  return {
    id: 'item-page',
    flag: 'items',
    modern: () => new Response(),
    reads: [],
    writes: [],
    startsFlow: false,
    stage: 'canary',
    retired: undefined,
    default: 'legacy',
    ...given,
  }
}
