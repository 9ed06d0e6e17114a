export { createSync } from './create-sync.ts'
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
