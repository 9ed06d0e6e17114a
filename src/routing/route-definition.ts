import type { ParamsOf } from './pattern-params.ts'

/** The side that answers a request. */
export type Side = 'legacy' | 'modern'

/**
 * What a value has to be: this text; matching this expression; or `null` for "must not be there". In `query`, the text
 * ':name' captures any value and ':name(\\d+)' one that the expression matches whole.
 */
export type ValuePredicate = string | RegExp | null

/** All predicates of a pattern have to hold; parameters, headers and fields that it does not name are ignored. */
export interface MatchPattern {
  /** GET (which also takes HEAD) when absent; POST when absent and `form` is there; '*' for any. */
  readonly method?: string | readonly string[]
  /** '/mods/:id', '/:game/mods/:id(\\d+)', '/mod-:id.html', '/docs/*'. */
  readonly path: string
  /** 'www.example.com', or '*.example.com' for every name under it. The port is not looked at. */
  readonly host?: string
  readonly query?: Readonly<Record<string, ValuePredicate>>
  readonly header?: Readonly<Record<string, ValuePredicate>>
  readonly cookie?: Readonly<Record<string, ValuePredicate>>
  /** Without parameters: 'application/json'. */
  readonly contentType?: string | readonly string[]
  /** Fields of an urlencoded or multipart form. The body is read to decide, then replayed byte for byte. */
  readonly form?: Readonly<Record<string, ValuePredicate>>
}

/** 'GET /mods/:id', '/mods/:id', a pattern, or several of these. */
export type MatchSpec = string | MatchPattern | readonly (string | MatchPattern)[]

/**
 * Any handler: whoever runs it knows its real parameter. Routing only carries it, so that this folder depends neither on Hono
 * nor on what a site's handlers are given.
 */
export type RouteHandler = (context: never) => Response | Promise<Response>

export interface RouteDefinition {
  readonly id: string
  readonly match: MatchSpec
  /** The route group: routes with the same flag always move together. */
  readonly flag: string
  readonly modern: RouteHandler
  /** Tables that the handler reads: it answers only when Postgres holds what MySQL holds. */
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** The side when the flag cannot be read; 'legacy' when absent. One for the whole group. */
  readonly default?: Side
}

export interface RouteTableDefinition {
  readonly routes: readonly RouteDefinition[]
}

export type { ParamsOf }
