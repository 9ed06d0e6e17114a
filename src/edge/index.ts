export { createEdge, type Edge, type EdgeDeps, type EdgeSettings } from './create-edge.ts'
export type { FlagSnapshot } from './handle-request.ts'
export type { Freshness, LegacyPort, LegacyResult } from './ports.ts'
export type { ModernCall, ModernHost, WriteLedger } from './serve-modern.ts'
