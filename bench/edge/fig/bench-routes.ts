/** A route table of any size, in the shapes that an old PHP site needs. */
import { defineRoutes, type RouteTableDefinition } from '../../../src/index.ts'

export const routesPerFlag = 5

/** The first ones are those that the load asks for; they are the same in a table of any size. */
export function benchRoutes(count: number): RouteTableDefinition {
  const routes = Array.from({ length: count }, (_, index) => {
    const [id, match] = measured[index] ?? filler(index)
    return { id, match, flag: flagName(index), modern: () => new Response('modern') }
  })
  return defineRoutes({ routes })
}

export function flagName(routeIndex: number): string {
  return `bench-${Math.floor(routeIndex / routesPerFlag)}`
}

// --- internal ---

type RouteMatch = RouteTableDefinition['routes'][number]['match']

const measured: readonly (readonly [string, RouteMatch])[] = [
  ['article', 'GET /articles/:id(\\d+)'],
  ['topic', 'GET /topics/:id(\\d+)'],
  ['download', 'GET /downloads/:id(\\d+)'],
  ['comment', 'POST /comments/:id(\\d+)'],
  ['page', 'GET /section-0/page-0.html'],
  ['script', { path: '/index.php', query: { page: 'page-0' } }],
]

function filler(index: number): readonly [string, RouteMatch] {
  const id = `filler-${index}`
  switch (index % 5) {
    case 0:
      return [id, `GET /section-${index % 97}/page-${index}.html`]
    case 1:
      return [id, `GET /section-${index}/:slug`]
    case 2:
      return [id, { path: '/index.php', query: { page: `page-${index}` } }]
    case 3:
      return [id, { path: '/ajax.php', form: { action: `action-${index}` } }]
    default:
      return [id, `GET /forum-${index}/:id(\\d+)/:slug`]
  }
}
