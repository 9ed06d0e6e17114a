// Types only: the names that a pattern captures, read from its text by the compiler, so that a handler that asks for a
// parameter its route does not capture does not compile.

/**
 * The parameters that a route's handler gets: those that all of its patterns capture are strings, those that only some
 * capture may be undefined.
 */
export type ParamsOf<Match> = string extends Match
  ? Readonly<Record<string, string>>
  : Match extends readonly unknown[]
    ? Flatten<
        { readonly [Name in InAll<Match>]: string } & {
          readonly [Name in Exclude<NamesOf<Match[number]>, InAll<Match>>]?: string
        }
      >
    : { readonly [Name in NamesOf<Match>]: string }

// --- internal ---

type Flatten<T> = { readonly [Key in keyof T]: T[Key] }

/** Distributes: the names of any member. */
type NamesOf<Pattern> = Pattern extends string
  ? PathNames<Pattern>
  : Pattern extends { readonly path: infer Path extends string }
    ? PathNames<Path> | QueryNames<Pattern>
    : never

type QueryNames<Pattern> = Pattern extends { readonly query: infer Query } ? CapturedNames<Query[keyof Query]> : never

type CapturedNames<Value> = Value extends `:${infer Rest}` ? Identifier<Rest> : never

/** Names in the first pattern, kept only if each further pattern has them too. */
type InAll<Patterns extends readonly unknown[]> = Patterns extends readonly [infer First, ...infer Rest]
  ? Rest extends readonly []
    ? NamesOf<First>
    : NamesOf<First> & InAll<Rest>
  : never

type PathNames<Path extends string> = Path extends `${infer Before}:${infer After}`
  ? Before extends `${string}*${string}`
    ? '*'
    : Identifier<After> | PathNames<AfterConstraint<AfterIdentifier<After>>>
  : Path extends `${string}/*`
    ? '*'
    : never

/** 'id(\\d+).html' -> 'id' */
type Identifier<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First extends NameCharacter
    ? `${First}${Identifier<Rest>}`
    : ''
  : ''

type AfterIdentifier<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First extends NameCharacter
    ? AfterIdentifier<Rest>
    : Text
  : ''

/** Drops a leading '(…)', which may hold groups of its own: '(?:a|b)/x' -> '/x'. */
type AfterConstraint<Text extends string> = Text extends `(${infer Rest}` ? AfterClosing<Rest, []> : Text

type AfterClosing<Text extends string, Depth extends readonly 0[]> = Text extends `\\${infer Escaped}`
  ? Escaped extends `${string}${infer Rest}`
    ? AfterClosing<Rest, Depth>
    : ''
  : Text extends `(${infer Rest}`
    ? AfterClosing<Rest, [0, ...Depth]>
    : Text extends `)${infer Rest}`
      ? Depth extends readonly [0, ...infer Less extends readonly 0[]]
        ? AfterClosing<Rest, Less>
        : Rest
      : Text extends `${string}${infer Rest}`
        ? AfterClosing<Rest, Depth>
        : ''

type NameCharacter = Letter | Uppercase<Letter> | '_' | '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'

type Letter =
  | ('a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm')
  | ('n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z')
