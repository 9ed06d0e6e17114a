export { assertNever } from './assert-never.ts'
export {
  type Certificate,
  type CertificateFiles,
  type CertificateReading,
  certificateWarning,
  readCertificate,
} from './certificate.ts'
export {
  AppError,
  type AppErrorOptions,
  type ErrorCode,
  type ErrorEntry,
  errorCatalogue,
  isAppError,
  type RetryClass,
} from './error-codes.ts'
export {
  armFaultPoint,
  enableFaultPoints,
  type FaultAction,
  type FaultPointName,
  faultPoint,
  faultPointNames,
} from './fault-points.ts'
export { listen } from './listen.ts'
export { createLogger, describeError, infoLines, type Logger, type LoggerOptions, silentLogger } from './logger.ts'
export { tuneMemory } from './memory.ts'
export {
  lasting,
  type MetricSample,
  type MetricSnapshot,
  namedAfter,
  totals,
  totalText,
} from './metric-totals.ts'
export {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  type Metrics,
  type MetricsOptions,
} from './metrics.ts'
export { createReload, type Reload } from './reload.ts'
export type { Distribution, Tally } from './series.ts'
export { type CloseStep, createShutdown, type Shutdown, type ShutdownOutcome } from './shutdown.ts'
