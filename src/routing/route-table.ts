import type { BodyFields } from './body-fields.ts'
import type { RouteRetirement } from './retirement.ts'
import type { RouteHandler, Side, Stage } from './route-definition.ts'

export interface Route {
  readonly id: string
  /** The route group. */
  readonly flag: string
  /** Undefined only where `retired` is 410 or a redirect. */
  readonly modern: RouteHandler | undefined
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly startsFlow: boolean
  readonly stage: Stage
  /** What answers instead of both sides; there in stage 'retired' only, and always there. */
  readonly retired: RouteRetirement | undefined
  /** The side when the flag cannot be read. */
  readonly default: Side
}

export interface MatchInput {
  readonly method: string
  /** As the client wrote it, with or without a port. */
  readonly host: string | undefined
  /** From readTarget(); an empty path never matches. */
  readonly target: { readonly path: string; readonly query: string }
  /** By lower-case name; several of one name are joined as a list. Asked only where a pattern looks at it. */
  readonly header: (name: string) => string | undefined
  /** 'not-read' asks for needsBody where a field would decide; 'not-available' (too large) lets only the rest count. */
  readonly body: BodyFields | 'not-read' | 'not-available'
}

export interface MatchResult {
  readonly route: Route | undefined
  readonly params: Readonly<Record<string, string>>
  /** Something in the body decides: read it and call match again with its fields. `route` is undefined until then. */
  readonly needsBody: boolean
}

/** Immutable; a new table replaces the old one whole. */
export interface RouteTable {
  readonly routes: readonly Route[]
  match(input: MatchInput): MatchResult
}
