import { type Segment, segmentShape } from './path-pattern.ts'

/**
 * Entries by path pattern. Looking a path up costs by its length, not by the number of entries: one Map for paths without
 * parameters, a tree by segment for the others.
 */
export interface PathTrie<Group> {
  /** One group per pattern that takes this path. */
  find(path: string, taken: TakenApart): readonly Group[]
}

/** A path's segments, once somebody needed them. */
export interface TakenApart {
  segments: readonly string[] | undefined
}

/** `toGroup` gets the entries that share a path pattern, in the given order. */
export function buildPathTrie<Entry extends { readonly segments: readonly Segment[] }, Group>(
  entries: readonly Entry[],
  toGroup: (entries: readonly Entry[]) => Group,
): PathTrie<Group> {
  const exact = new Map<string, Group>()
  const root = newNode<Group>()
  const byShape = Map.groupBy(entries, ({ segments }) => pathShape(segments))
  let hasDynamic = false
  for (const sharing of byShape.values()) {
    const segments = sharing[0]!.segments
    const path = literalPath(segments)
    if (path === undefined) insert(root, segments, toGroup(sharing))
    else exact.set(path, toGroup(sharing))
    hasDynamic ||= path === undefined
  }
  return {
    find(path, taken) {
      const group = exact.get(path)
      // Most paths of an old site are plain names of scripts and files: they are not taken apart for nothing.
      if (!hasDynamic || !mayLead(root, path)) return group === undefined ? nothing : [group]
      const found = group === undefined ? [] : [group]
      taken.segments = segmentsOf(path)
      collect(root, taken.segments, 0, found)
      return found
    },
  }
}

/** '/mods/12' -> ['mods', '12'] */
export function segmentsOf(path: string): readonly string[] {
  return path.slice(1).split('/')
}

// --- internal ---

const nothing: readonly never[] = Object.freeze([])

/** Can any pattern of the tree begin as this path does? */
function mayLead<Group>(root: Node<Group>, path: string): boolean {
  if (root.parameter !== undefined || root.rest !== undefined || root.constrained.size > 0) return true
  const slash = path.indexOf('/', 1)
  return root.literals.has(slash === -1 ? path.slice(1) : path.slice(1, slash))
}

interface Node<Group> {
  readonly literals: Map<string, Node<Group>>
  readonly constrained: Map<string, ConstrainedChild<Group>>
  parameter: Node<Group> | undefined
  here: Group | undefined
  rest: Group | undefined
}

interface ConstrainedChild<Group> {
  /** Literal text in front, 'mod-' of 'mod-:id.html': rules most siblings out without their expression. */
  readonly prefix: string
  readonly regex: RegExp
  readonly node: Node<Group>
}

function newNode<Group>(): Node<Group> {
  return { literals: new Map(), constrained: new Map(), parameter: undefined, here: undefined, rest: undefined }
}

/** Equal for paths that differ only in the names they capture under. */
function pathShape(segments: readonly Segment[]): string {
  return JSON.stringify(segments.map(segmentShape))
}

function literalPath(segments: readonly Segment[]): string | undefined {
  let path = ''
  for (const segment of segments) {
    if (segment.kind !== 'literal') return undefined
    path += `/${segment.text}`
  }
  return path
}

function insert<Group>(root: Node<Group>, segments: readonly Segment[], group: Group): void {
  let node = root
  for (const segment of segments) {
    if (segment.kind === 'rest') {
      node.rest = group
      return
    }
    node = childOf(node, segment)
  }
  node.here = group
}

function childOf<Group>(node: Node<Group>, segment: Exclude<Segment, { kind: 'rest' }>): Node<Group> {
  switch (segment.kind) {
    case 'literal': {
      const child = node.literals.get(segment.text) ?? newNode<Group>()
      node.literals.set(segment.text, child)
      return child
    }
    case 'constrained': {
      const { prefix, regex, source } = segment
      const child = node.constrained.get(source) ?? { prefix, regex, node: newNode<Group>() }
      node.constrained.set(source, child)
      return child.node
    }
    case 'parameter':
      node.parameter ??= newNode<Group>()
      return node.parameter
  }
}

/** All branches that fit: which of several groups comes first is not for the tree to say. */
function collect<Group>(node: Node<Group>, segments: readonly string[], at: number, found: Group[]): void {
  const segment = segments[at]
  if (segment === undefined) {
    if (node.here !== undefined) found.push(node.here)
    return
  }
  const literal = node.literals.get(segment)
  if (literal !== undefined) collect(literal, segments, at + 1, found)
  if (segment !== '') {
    if (node.constrained.size > 0) collectConstrained(node, segments, at, found)
    if (node.parameter !== undefined) collect(node.parameter, segments, at + 1, found)
  }
  if (node.rest !== undefined) found.push(node.rest)
}

function collectConstrained<Group>(node: Node<Group>, segments: readonly string[], at: number, found: Group[]): void {
  const segment = segments[at]!
  for (const { prefix, regex, node: child } of node.constrained.values())
    if (segment.startsWith(prefix) && regex.test(segment)) collect(child, segments, at + 1, found)
}
