import type { Sync, SyncOptions } from './sync.ts'

export {
  type CascadeMapping,
  cascade,
  defineSync,
  type GroupDefinition,
  type SyncDefinition,
  type TableMapping,
  type TableOptions,
  table,
} from './define-sync.ts'
export type { Codec, ColumnMapping } from './mapping/codec.ts'
export { column } from './mapping/column.ts'
export type {
  Freshness,
  FreshnessOptions,
  GroupStatus,
  Owner,
  Phase,
  RowDifference,
  SetupOptions,
  SetupProgress,
  Sync,
  SyncLimits,
  SyncOptions,
  SyncStatus,
  SyncTransaction,
  TransactionOptions,
  VerifyOptions,
  VerifyReport,
} from './sync.ts'

/**
 * Opens the sync of a site. Its parts, with the drivers and Drizzle, are loaded only now: every route table imports this folder
 * for its declarations, and a Fig that only forwards takes half the memory without them.
 */
export async function openSync(options: SyncOptions): Promise<Sync> {
  const { createSync } = await import('./create-sync.ts')
  return createSync(options)
}
