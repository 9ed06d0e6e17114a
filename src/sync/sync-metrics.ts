import type { Logger, Metrics } from '../platform/index.ts'
import type { StreamObserver } from './stream-applier.ts'
import type { SyncStatus } from './sync.ts'

/** Reports what the stream does as metrics and log lines. */
export function observeSync(metrics: Metrics | undefined, log: Logger, status: () => SyncStatus): StreamObserver {
  const changes = metrics?.counter({ name: 'fig_sync_changes_applied_total', help: 'Row changes applied to Postgres' })
  const conflicts = metrics?.counter({
    name: 'fig_sync_conflicts_total',
    help: 'Rows that Postgres held otherwise than MySQL said',
    labelNames: ['table'] as const,
  })
  metrics?.gauge({
    name: 'fig_sync_pending_changes',
    help: 'Row changes read from MySQL and not yet applied',
    collect() {
      this.set(status().pendingChanges)
    },
  })
  metrics?.gauge({
    name: 'fig_sync_stopped_groups',
    help: 'Groups that are no longer followed',
    collect() {
      this.set(status().groups.filter(({ stopped }) => stopped !== undefined).length)
    },
  })
  return {
    onApplied: (transactions) => changes?.inc(transactions.reduce((sum, { changes: { length } }) => sum + length, 0)),
    onConflict: ({ group, table, kind, key }) => {
      conflicts?.inc({ table })
      log.warn({ group, table, kind, key }, 'conflict: Postgres was not as MySQL said; MySQL wins')
    },
  }
}
