import type { MappedTable } from './compile.ts'
import {
  addDecimal,
  keyOf,
  type RowChange,
  type RowImage,
  rowChange,
  rowIdentity,
  subtractDecimal,
} from './row-change.ts'

/** What a sequence of changes did to each row in the end: `undefined` stands for "no row". Keyed by rowIdentity. */
export type NetChanges = ReadonlyMap<string, NetChange>

export interface NetChange {
  readonly table: MappedTable
  readonly key: readonly string[]
  readonly before: RowImage | undefined
  readonly after: RowImage | undefined
}

export function fold(changes: readonly RowChange[]): NetChanges {
  const net = new Map<string, NetChange>()
  const put = (
    table: MappedTable,
    key: readonly string[],
    before: RowImage | undefined,
    after: RowImage | undefined,
  ) => {
    const identity = rowIdentity(table, key)
    const earlier = net.get(identity)
    net.set(identity, { table, key, before: earlier === undefined ? before : earlier.before, after })
  }
  for (const { table, key, before, after } of changes) {
    const keyAfter = after === undefined ? key : keyOf(table, after)
    if (before !== undefined && rowIdentity(table, key) !== rowIdentity(table, keyAfter)) {
      // A changed key is one row gone and another come.
      put(table, key, before, undefined)
      put(table, keyAfter, undefined, after)
    } else {
      put(table, key, before, after)
    }
  }
  return net
}

/**
 * What is left to do in Postgres after a handler's transaction came back through the binlog: MySQL did `done`, of which
 * Postgres already holds `written`. The rest is what MySQL added by itself: trigger rows, ON UPDATE CURRENT_TIMESTAMP,
 * truncated and rounded values.
 */
export function residual(written: readonly RowChange[], done: readonly RowChange[]): readonly RowChange[] {
  const held = fold(written)
  const made = fold(done)
  const cascaded = cascadedAway(held)
  const rest: RowChange[] = []
  for (const [identity, { table, before, after }] of made) {
    const own = held.get(identity)
    const change = own === undefined ? changeBetween(table, before, after) : between(table, own, before, after)
    if (change !== undefined) rest.push(change)
  }
  for (const [identity, own] of held) {
    // MySQL made nothing of it: the row is there as it was before. A delete that InnoDB cascaded is not in the binlog.
    if (made.has(identity) || cascaded.has(identity)) continue
    const change = between(own.table, own, own.before, own.before)
    if (change !== undefined) rest.push(change)
  }
  return rest
}

// --- internal ---

function between(
  table: MappedTable,
  own: NetChange,
  before: RowImage | undefined,
  after: RowImage | undefined,
): RowChange | undefined {
  if (own.after === undefined || after === undefined) return changeBetween(table, own.after, after)
  const target: Record<string, string | null> = {}
  for (const { name, counter } of table.columns) {
    target[name] = counter ? counterTarget(own, before, after, name) : (after[name] ?? null)
  }
  // Columns that neither side touched may differ by writes of others that come later in the binlog: they are left alone.
  for (const { name } of table.columns) {
    const touched = own.before?.[name] !== own.after[name] || before?.[name] !== after[name]
    if (!touched) target[name] = own.after[name] ?? null
  }
  return changeBetween(table, own.after, target)
}

/** The counter as the handler left it, plus what MySQL added beyond the handler's own difference. */
function counterTarget(own: NetChange, before: RowImage | undefined, after: RowImage, name: string): string {
  const difference = (image: RowImage | undefined, to: RowImage | undefined) =>
    subtractDecimal(to?.[name] ?? '0', image?.[name] ?? '0')
  const beyond = subtractDecimal(difference(before, after), difference(own.before, own.after))
  return addDecimal(own.after?.[name] ?? '0', beyond)
}

function changeBetween(
  table: MappedTable,
  before: RowImage | undefined,
  after: RowImage | undefined,
): RowChange | undefined {
  if (before === undefined && after === undefined) return undefined
  if (before !== undefined && after !== undefined && table.columns.every(({ name }) => before[name] === after[name])) {
    return undefined
  }
  return rowChange(table, before, after)
}

/** Rows that were deleted together with a declared parent: MySQL deletes them without a trace. */
function cascadedAway(held: NetChanges): ReadonlySet<string> {
  const gone = new Set<string>()
  const deleted = [...held].filter(([, change]) => change.after === undefined && change.before !== undefined)
  for (const [, parent] of deleted) {
    for (const { child, columns } of parent.table.cascades) {
      for (const [identity, change] of deleted) {
        if (
          change.table.name === child &&
          columns.every((pair) => change.before?.[pair.child] === parent.before?.[pair.parent])
        ) {
          gone.add(identity)
        }
      }
    }
  }
  return gone
}
