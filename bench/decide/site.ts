/** A table as an old site's would be, flags for its groups, and requests that meet it. */
import { createStaticFlags, type FlagSnapshot } from '../../src/flags/index.ts'
import { compileRoutes, type MatchSpec, type RouteTable } from '../../src/routing/index.ts'

export interface PlainRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface RequestCase {
  readonly name: string
  readonly title: string
  readonly requests: readonly PlainRequest[]
}

const groupSize = 4

export function buildTable(routes: number): RouteTable {
  return compileRoutes({
    routes: Array.from({ length: routes }, (_, n) => ({
      id: `route-${n}`,
      match: specOf(n),
      flag: flagOf(n),
      modern: () => new Response(),
    })),
  })
}

/** A third of the groups for everybody, a third for half of the visitors, a third for nobody. */
export function buildFlags(routes: number): FlagSnapshot {
  const states = Array.from({ length: Math.ceil(routes / groupSize) }, (_, group) => [
    flagOf(group * groupSize),
    ([true, 50, false] as const)[group % 3]!,
  ])
  return createStaticFlags(Object.fromEntries(states)).snapshot()
}

/** `mixed` is the others in turns. */
export function buildCases(routes: number): readonly RequestCase[] {
  const kinds = [
    { name: 'script', title: 'script by its name' },
    { name: 'path', title: 'path with parameters' },
    { name: 'query', title: 'script by its query' },
    { name: 'json', title: 'script by a JSON field, body parsed' },
    { name: 'form', title: 'script by a form field, body parsed' },
  ]
  const cases = kinds.map((kind, at) => ({ ...kind, requests: requestsOf(at, routes) }))
  const none = {
    name: 'none',
    title: 'no route',
    requests: Array.from({ length: 50 }, (_, n) => get(`/assets/${n}.css?v=${n}`)),
  }
  const all = [...cases, none]
  const longest = Math.max(...all.map(({ requests }) => requests.length))
  const mixed = Array.from({ length: longest }, (_, n) =>
    all.map(({ requests }) => requests[n % requests.length]!),
  ).flat()
  return [...all, { name: 'mixed', title: 'mixed: all of these in turns', requests: mixed }]
}

// --- internal ---

function flagOf(n: number): string {
  return `group-${Math.floor(n / groupSize)}`
}

/** Five kinds of endpoint, in turns. */
function specOf(n: number): MatchSpec {
  switch (n % 5) {
    case 0:
      return `/page${n}.php`
    case 1:
      return `/section${n}/items/:id(\\d+)/:tab`
    case 2:
      return { path: '/index.php', query: { page: `p${n}`, id: ':id(\\d+)' } }
    case 3:
      return { path: '/rpc.php', json: { '/method': `method${n}` } }
    default:
      return { path: '/ajax.php', form: { action: `action${n}` } }
  }
}

function requestsOf(kind: number, routes: number): readonly PlainRequest[] {
  const numbers = Array.from({ length: routes }, (_, n) => n).filter((n) => n % 5 === kind)
  return numbers.map((n) => requestOf(n))
}

function requestOf(n: number): PlainRequest {
  switch (n % 5) {
    case 0:
      return get(`/page${n}.php?from=start`)
    case 1:
      return get(`/section${n}/items/${n}7/comments?sort=new`)
    case 2:
      return get(`/index.php?page=p${n}&id=${n}&lang=en`)
    case 3:
      return post('/rpc.php', 'application/json', JSON.stringify({ id: n, method: `method${n}`, params: [n, 'x'] }))
    default:
      return post('/ajax.php', 'application/x-www-form-urlencoded', `action=action${n}&id=${n}&text=some+words`)
  }
}

const usual = { host: 'www.example.test', cookie: 'PHPSESSID=5f0c1e2ab34d; theme=dark', accept: '*/*' }

function get(target: string): PlainRequest {
  return { method: 'GET', target, headers: usual, body: undefined }
}

function post(target: string, type: string, body: string): PlainRequest {
  return { method: 'POST', target, headers: { ...usual, 'content-type': type }, body }
}
