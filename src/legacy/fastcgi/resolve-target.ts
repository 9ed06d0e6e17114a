import { byteText, type DocumentTree } from './document-tree.ts'
import { encodePath, encodeQueryText, normalPath, withoutDots } from './normal-path.ts'
import type { Expires, FastcgiSite, FilesRule, PathRule, Rewrite } from './site.ts'

/** A script, and how PHP sees the address that led to it. */
export interface Script {
  /** On the disk. */
  readonly file: string
  /** SCRIPT_NAME: its address. */
  readonly name: string
  readonly pathInfo: string
  /** DOCUMENT_URI: the address after all rewrites. */
  readonly address: string
  readonly query: string
}

export interface StaticFile {
  readonly file: string
  readonly address: string
  readonly expires: Expires | undefined
}

export type Refusal = 400 | 403 | 404 | 405 | 410 | 413 | 500

export type Resolution =
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'file'; readonly file: StaticFile }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'refused'; readonly status: Refusal }

/** What a request target stands for on a site. */
export function resolveTarget(target: string, site: FastcgiSite, tree: DocumentTree): Resolution {
  const mark = target.indexOf('?')
  const path = normalPath(mark === -1 ? target : target.slice(0, mark))
  if (path === undefined) {
    return refused(400)
  }
  // A rewritten address is looked up from the start, as `last` does in nginx, and as often as there.
  const isEncoded = (mark === -1 ? target : target.slice(0, mark)).includes('%')
  let address: Address = { path, query: mark === -1 ? '' : target.slice(mark + 1), isEncoded }
  for (let round = 0; round <= rewritesMax; round += 1) {
    const step = takeStep(address, site, tree)
    if ('kind' in step) {
      return step
    }
    address = step
  }
  return refused(500)
}

/** The file that a script hands out by `X-Accel-Redirect`. */
export function resolveInternal(
  redirect: string,
  site: FastcgiSite,
  trees: ReadonlyMap<string, DocumentTree>,
): StaticFile | 'missing' | 'no-folder' {
  const path = normalPath(redirect.replace(/\?.*$/s, ''))
  const known = path === undefined ? undefined : site.internal?.find(({ prefix }) => path.startsWith(prefix))
  const tree = known === undefined ? undefined : trees.get(known.prefix)
  if (path === undefined || known === undefined || tree === undefined) {
    return 'no-folder'
  }
  const below = path.slice(known.prefix.length - 1)
  return tree.look(below) === 'file' ? { file: tree.root + below, address: path, expires: undefined } : 'missing'
}

// --- internal ---

const rewritesMax = 10

interface Address {
  readonly path: string
  readonly query: string
  /** The path came with percent signs: what is taken out of it for a query is encoded again. */
  readonly isEncoded: boolean
}

const refused = (status: Refusal): Resolution => ({ kind: 'refused', status })

function takeStep(address: Address, site: FastcgiSite, tree: DocumentTree): Resolution | Address {
  const { path } = address
  if (site.internal?.some(({ prefix }) => path.startsWith(prefix)) === true) {
    return refused(404)
  }
  const rule = site.rules?.find(({ match }) => match.test(path))
  if (rule !== undefined) {
    return followRule(rule, address, site, tree)
  }
  return (
    findScript(address, site, tree) ??
    findFile(address, site, tree) ??
    findIndex(address, site, tree) ??
    elsewhere(address, site)
  )
}

function followRule(rule: PathRule, address: Address, site: FastcgiSite, tree: DocumentTree): Resolution | Address {
  if ('to' in rule) {
    return rewritten(address, rule)
  }
  if ('status' in rule) {
    return refused(rule.status)
  }
  return findFile(address, site, tree, rule) ?? insteadOfFile(rule, address, site, tree)
}

function insteadOfFile(rule: FilesRule, address: Address, site: FastcgiSite, tree: DocumentTree): Resolution | Address {
  if (typeof rule.otherwise === 'string') {
    return findFile({ ...address, path: byteText(rule.otherwise) }, site, tree, rule) ?? refused(404)
  }
  return rule.otherwise === undefined ? elsewhere(address, site) : refused(rule.otherwise)
}

/**
 * The script must be there as a file. Where php-fpm is given the name of something that is none, it looks for a file further
 * up the path and runs that (cgi.fix_pathinfo): `/upload.jpg/x.php` would run a picture.
 */
function findScript({ path, query }: Address, site: FastcgiSite, tree: DocumentTree): Resolution | undefined {
  const ends = site.scriptEnds ?? defaultScriptEnds
  const script = (name: string, pathInfo: string): Resolution => {
    return { kind: 'script', script: { file: tree.root + name, name, pathInfo, address: path, query } }
  }
  if (ends.some((end) => path.endsWith(end)) && tree.look(path) === 'file') {
    return script(path, '')
  }
  if (site.pathInfo !== true) {
    return undefined
  }
  for (const end of ends) {
    const at = path.indexOf(`${end}/`)
    const name = at === -1 ? undefined : path.slice(0, at + end.length)
    if (name !== undefined && tree.look(name) === 'file') {
      return script(name, path.slice(name.length))
    }
  }
  return undefined
}

function findFile({ path }: Address, site: FastcgiSite, tree: DocumentTree, rule?: FilesRule): Resolution | undefined {
  if (site.files === undefined || isSource.test(path) || tree.look(path) !== 'file') {
    return undefined
  }
  const expires = rule?.expires ?? site.files.expires
  return { kind: 'file', file: { file: tree.root + path, address: path, expires } }
}

function findIndex(address: Address, site: FastcgiSite, tree: DocumentTree): Resolution | Address | undefined {
  const { path, query } = address
  const names = site.index ?? []
  if (names.length === 0 || tree.look(path) !== 'folder') {
    return undefined
  }
  const folder = path.endsWith('/') ? path : `${path}/`
  const name = names.find((candidate) => tree.look(folder + byteText(candidate)) === 'file')
  if (name === undefined) {
    return undefined
  }
  if (folder !== path) {
    return { kind: 'redirect', location: encodePath(folder) + (query === '' ? '' : `?${query}`) }
  }
  return { ...address, path: folder + byteText(name) }
}

function elsewhere(address: Address, site: FastcgiSite): Resolution | Address {
  const rewrite = site.rewrites?.find(({ match }) => match.test(address.path))
  return rewrite === undefined ? refused(404) : rewritten(address, rewrite)
}

function rewritten(address: Address, { match, to }: Rewrite): Resolution | Address {
  const groups = match.exec(address.path) ?? []
  const fill = (text: string, change: (group: string) => string): string =>
    byteText(text).replace(/\$(\d)/g, (_, digit: string) => change(groups[Number(digit)] ?? ''))
  const mark = to.indexOf('?')
  const path = withoutDots(fill(mark === -1 ? to : to.slice(0, mark), (group) => group))
  if (path === undefined) {
    return refused(400)
  }
  if (mark === -1) {
    return { ...address, path }
  }
  const isWhole = to.endsWith('?')
  const text = isWhole ? to.slice(mark + 1, -1) : to.slice(mark + 1)
  const query = fill(text, address.isEncoded ? encodeQueryText : (group) => group)
  return { ...address, path, query: isWhole ? query : joinQueries(query, address.query) }
}

function joinQueries(own: string, came: string): string {
  return own === '' || came === '' ? own + came : `${own}&${came}`
}

const defaultScriptEnds: readonly string[] = ['.php']

/** Sources of PHP, also in copies that editors and people leave behind: nobody is to read a password out of them. */
const isSource = /\.(?:php\d?|phtml|phar|phps)(?:~|\.(?:bak|old|orig|save|sw[a-p]|dist|tmp|copy|\d+))?$/i
