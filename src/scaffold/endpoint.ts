import { createStaticFlags } from '../flags/index.ts'
import { AppError } from '../platform/index.ts'
import { compileRoutes, expectRoute, type MatchPattern, type RouteDefinition } from '../routing/index.ts'

/** Everything that is made up for one endpoint. */
export interface Endpoint {
  readonly id: string
  /** The route group. */
  readonly flag: string
  /** Of the handler, as JavaScript has it. */
  readonly handler: string
  readonly method: string
  /** As it was asked for, without the method. */
  readonly path: string
  readonly match: string | MatchPattern
  /** What the pattern captures. */
  readonly params: readonly string[]
  /** A target that the pattern matches: what the comparison test asks for. */
  readonly example: string
}

export interface EndpointOptions {
  readonly id: string | undefined
  readonly flag: string | undefined
  readonly example: string | undefined
}

/**
 * 'GET /mods/:id' or '/index.php?page=mod&id=:id' -> what is to be written.
 * @throws AppError 'config.invalid' where the request, the id or the example won't do, 'routing.invalid-table' where the pattern
 * is malformed
 */
export function planEndpoint(request: string, options: EndpointOptions): Endpoint {
  const [, givenMethod = 'GET', path = ''] = /^(?:([A-Za-z]+|\*)\s+)?(\/\S*)$/.exec(request.trim()) ?? []
  if (path === '') throw wrong(`'${request}' is no request: write it as 'GET /mods/:id'`)
  const method = givenMethod.toUpperCase()
  const { pathname, query } = split(path)
  const id = options.id ?? idOf(method, pathname, query)
  if (!/^[a-z][a-z0-9-]*$/.test(id)) throw wrong(`--id: '${id}' won't do: use lower-case letters, digits and '-'`)
  const match =
    query.length === 0 ? `${method} ${pathname}` : { method, path: pathname, query: Object.fromEntries(query) }
  const flag = options.flag ?? id
  const { example, params } = exampleOf({ id, flag, match, modern: notWritten }, method, options.example)
  return { id, flag, handler: handlerName(method, id), method, path, match, params, example }
}

// --- internal ---

type Query = readonly (readonly [name: string, value: string])[]

/** A question mark within the parentheses of a constraint begins no query. */
function split(path: string): { readonly pathname: string; readonly query: Query } {
  let depth = 0
  for (let i = 0; i < path.length; i += 1) {
    const character = path[i]
    if (character === '\\') i += 1
    else if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    else if (character === '?' && depth === 0) return { pathname: path.slice(0, i), query: queryOf(path.slice(i + 1)) }
  }
  return { pathname: path, query: [] }
}

function queryOf(text: string): Query {
  return text.split('&').flatMap((pair) => {
    const at = pair.indexOf('=')
    const name = at === -1 ? pair : pair.slice(0, at)
    return name === '' ? [] : [[name, at === -1 ? '' : pair.slice(at + 1)] as const]
  })
}

const parameter = /:([A-Za-z_]\w*)(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))?/g

function idOf(method: string, pathname: string, query: Query): string {
  const words = [pathname, ...query.map(([name, value]) => (value.startsWith(':') ? name : `${name}-${value}`))]
    .join('-')
    .replace(parameter, '$1')
    .replaceAll('*', 'all')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '')
  const name = words === '' ? 'home' : words
  return method === 'GET' || method === '*' ? name : `${method.toLowerCase()}-${name}`
}

/** With the method in front no name is a word of the language. */
function handlerName(method: string, id: string): string {
  const first = method === '*' ? 'any' : method.toLowerCase()
  const words = id.split('-').filter((word, index) => word !== '' && !(index === 0 && word === first))
  return first + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

const notWritten = (): Response => new Response()
const candidates = ['1', '42', 'a', 'abc', 'en', 'a-b', '2024', '2024-01-31', 'a1b2c3d4']

/** The first target that the pattern matches, tried with one value after the other. */
function exampleOf(route: RouteDefinition, method: string, given: string | undefined) {
  const table = compileRoutes({ routes: [route] })
  const flags = createStaticFlags().snapshot()
  const paramsOf = (target: string) => {
    const { match } = expectRoute(table, `${method === '*' ? 'GET' : method} ${target}`, { flags })
    return match.route === undefined ? undefined : Object.keys(match.params)
  }
  if (given !== undefined) {
    const example = given.replace(/^\S+\s+/, '')
    const params = paramsOf(example)
    if (params === undefined) throw wrong(`--example: ${given} does not match ${textOf(route.match)}`)
    return { example, params }
  }
  for (const value of candidates) {
    const example = filledIn(route.match as string | MatchPattern, value)
    const params = paramsOf(example)
    if (params !== undefined) return { example, params }
  }
  throw wrong(`no request could be made up that matches ${textOf(route.match)}: give one with --example '/path'`)
}

function filledIn(match: string | MatchPattern, value: string): string {
  const fill = (text: string) => text.replace(parameter, value).replace(/\*$/, value)
  if (typeof match === 'string') return fill(match.replace(/^\S+\s+/, ''))
  const query = Object.entries(match.query ?? {}).map(([name, wanted]) => `${name}=${fill(String(wanted))}`)
  return `${fill(match.path)}?${query.join('&')}`
}

function textOf(match: RouteDefinition['match']): string {
  return typeof match === 'string' ? match : JSON.stringify(match)
}

function wrong(message: string): AppError {
  return new AppError('config.invalid', message)
}
