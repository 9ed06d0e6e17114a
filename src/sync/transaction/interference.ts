import type { CapturedTransaction } from '../capture/binlog-stream.ts'
import { fold, type NetChange, type NetChanges } from '../mapping/fold.ts'
import { keyOf, type RowChange, rowIdentity } from '../mapping/row-change.ts'

/**
 * Whether changes on their way to Postgres meet what a handler wrote, so that the order matters: the same row came or went, or
 * the same column changed. Other columns and counters of the same row do not meet: either order gives the same.
 * `foreign`: PHP's; they wait for the handler's row locks and can only be let by. `own`: another handler's, soon settled.
 */
export function interference(
  onTheirWay: readonly CapturedTransaction[],
  written: readonly RowChange[],
): 'none' | 'own' | 'foreign' {
  if (onTheirWay.length === 0) return 'none'
  const net = fold(written)
  let found: 'none' | 'own' = 'none'
  for (const transaction of onTheirWay) {
    if (!transaction.changes.some((change) => meets(change, net))) continue
    if (transaction.transactionId === undefined) return 'foreign'
    found = 'own'
  }
  return found
}

// --- internal ---

function meets(change: RowChange, written: NetChanges): boolean {
  const { table, key, before, after } = change
  const sameRow = written.get(rowIdentity(table, key))
  if (sameRow !== undefined && (before === undefined || after === undefined || sharesColumn(change, sameRow)))
    return true
  if (before !== undefined && after !== undefined) {
    const movedTo = rowIdentity(table, keyOf(table, after))
    if (movedTo !== rowIdentity(table, key) && (sameRow !== undefined || written.has(movedTo))) return true
  }
  for (const own of written.values()) {
    if (own.after === undefined && isChild(change, own)) return true
    if (after === undefined && isChild(own, change)) return true
  }
  return false
}

function sharesColumn(change: RowChange, own: NetChange): boolean {
  if (own.before === undefined || own.after === undefined) return true
  return change.table.columns.some(
    ({ name, counter }) =>
      !counter && change.before?.[name] !== change.after?.[name] && own.before?.[name] !== own.after?.[name],
  )
}

/** Deleting the parent takes the child away, whichever order they come in. */
function isChild(child: NetChange, parent: NetChange): boolean {
  return parent.table.cascades.some(
    (cascade) =>
      cascade.child === child.table.name &&
      cascade.columns.every((pair) => (child.after ?? child.before)?.[pair.child] === parent.before?.[pair.parent]),
  )
}
