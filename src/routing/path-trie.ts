import type { Segment } from './path-pattern.ts'

/**
 * Entries by path pattern. Looking one up costs by the length of the path, not by the number of entries: one Map for paths without
 * parameters, a tree by segment for the others.
 */
export interface PathTrie<Entry> {
  /** The entries whose pattern takes this path, in groups that share a pattern. */
  find(path: string, segments: readonly string[]): readonly (readonly Entry[])[]
}

/** `entries` stay in the given order within a group. */
export function buildPathTrie<Entry extends { readonly segments: readonly Segment[] }>(
  entries: readonly Entry[],
): PathTrie<Entry> {
  const exact = new Map<string, Entry[]>()
  const root = newNode<Entry>()
  let hasDynamic = false
  for (const entry of entries) {
    const path = literalPath(entry.segments)
    if (path === undefined) {
      leafOf(root, entry.segments).push(entry)
      hasDynamic = true
    } else {
      const group = exact.get(path)
      if (group === undefined) exact.set(path, [entry])
      else group.push(entry)
    }
  }
  return {
    find(path, segments) {
      const found: (readonly Entry[])[] = []
      const group = exact.get(path)
      if (group !== undefined) found.push(group)
      if (hasDynamic) collect(root, segments, 0, found)
      return found
    },
  }
}

/** '/mods/12' -> ['mods', '12'] */
export function segmentsOf(path: string): readonly string[] {
  return path.slice(1).split('/')
}

// --- internal ---

interface Node<Entry> {
  readonly literals: Map<string, Node<Entry>>
  readonly constrained: Map<string, { readonly regex: RegExp; readonly node: Node<Entry> }>
  parameter: Node<Entry> | undefined
  readonly here: Entry[]
  readonly rest: Entry[]
}

function newNode<Entry>(): Node<Entry> {
  return { literals: new Map(), constrained: new Map(), parameter: undefined, here: [], rest: [] }
}

function literalPath(segments: readonly Segment[]): string | undefined {
  let path = ''
  for (const segment of segments) {
    if (segment.kind !== 'literal') return undefined
    path += `/${segment.text}`
  }
  return path
}

function leafOf<Entry>(root: Node<Entry>, segments: readonly Segment[]): Entry[] {
  let node = root
  for (const segment of segments) {
    if (segment.kind === 'rest') return node.rest
    node = childOf(node, segment)
  }
  return node.here
}

function childOf<Entry>(node: Node<Entry>, segment: Exclude<Segment, { kind: 'rest' }>): Node<Entry> {
  switch (segment.kind) {
    case 'literal': {
      const child = node.literals.get(segment.text) ?? newNode<Entry>()
      node.literals.set(segment.text, child)
      return child
    }
    case 'constrained': {
      const known = node.constrained.get(segment.source) ?? { regex: segment.regex, node: newNode<Entry>() }
      node.constrained.set(segment.source, known)
      return known.node
    }
    case 'parameter':
      node.parameter ??= newNode<Entry>()
      return node.parameter
  }
}

/** All branches that fit: which of several entries comes first is not for the tree to say. */
function collect<Entry>(node: Node<Entry>, segments: readonly string[], at: number, found: (readonly Entry[])[]): void {
  const segment = segments[at]
  if (segment === undefined) {
    if (node.here.length > 0) found.push(node.here)
    return
  }
  const literal = node.literals.get(segment)
  if (literal !== undefined) collect(literal, segments, at + 1, found)
  if (segment !== '') {
    for (const { regex, node: child } of node.constrained.values())
      if (regex.test(segment)) collect(child, segments, at + 1, found)
    if (node.parameter !== undefined) collect(node.parameter, segments, at + 1, found)
  }
  if (node.rest.length > 0) found.push(node.rest)
}
