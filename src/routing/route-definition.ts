import type { ParamsOf } from './pattern-params.ts'

/** The side that answers a request. */
export type Side = 'legacy' | 'modern'

/**
 * How far a route has come. 'legacy': PHP answers, whatever the flag says. 'shadow': PHP answers, and the handler is compared with
 * it. 'canary': the flag decides; PHP where it cannot be read. 'modern': the flag decides; the handler where it cannot be read.
 * 'retired': there is no way back; see RouteDefinition.retired.
 */
export type Stage = 'legacy' | 'shadow' | 'canary' | 'modern' | 'retired'

export type RedirectStatus = 301 | 302 | 307 | 308

/**
 * What answers where PHP never does again: 410; a redirect, whose target may hold what the patterns capture (':id', a final '*');
 * or the handler, without a way back to PHP.
 */
export type Retirement = 'gone' | 'modern' | { readonly redirect: string; readonly status?: RedirectStatus }

/**
 * What a value has to be: this text; matching this expression; or `null` for "must not be there". In `query`, the text
 * ':name' captures any value and ':name(\\d+)' one that the expression matches whole.
 */
export type ValuePredicate = string | RegExp | null

/** All predicates of a pattern have to hold; parameters, headers and fields that it does not name are ignored. */
export interface MatchPattern {
  /** GET (which also takes HEAD) when absent; POST when absent and `form` or `json` is there; '*' for any. */
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
  /**
   * Values of a JSON body by JSON pointer ('/action', '/items/0/id'). Strings, numbers and booleans are compared by their text;
   * null, objects and arrays fit nothing. The body is read as a form's is.
   */
  readonly json?: Readonly<Record<string, ValuePredicate>>
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
  /** Needed unless the route is retired to 410 or a redirect. */
  readonly modern?: RouteHandler
  /** Tables that the handler reads: it answers only when Postgres holds what MySQL holds. */
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** It shows a form: what the visitor then sends to this group goes to the side that rendered it, also after a flip. */
  readonly startsFlow?: boolean
  /** 'canary' when absent. */
  readonly stage?: Stage
  /** With stage 'retired', and only with it. */
  readonly retired?: Retirement
  /** The side when the flag cannot be read, where it is not the one that the stage implies. One for the whole group. */
  readonly default?: Side
}

export interface RouteTableDefinition {
  readonly routes: readonly RouteDefinition[]
}

export type { ParamsOf }
