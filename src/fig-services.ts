import type { Postgres } from './db/index.ts'
import type { ModernCall, ModernHost, WriteLedger } from './edge/index.ts'
import type { PhpBridge } from './php/index.ts'
import { AppError, isAppError } from './platform/index.ts'
import type { FigServices } from './services.ts'
import type { Sync } from './sync/index.ts'

/** The parts that handlers are given; what was not configured is undefined. */
export interface SiteParts {
  readonly postgres: Postgres | undefined
  readonly sync: Sync | undefined
  readonly php: PhpBridge | undefined
}

/** Puts `c.env.fig` together for each run of a handler. A part that is missing is missed only by a handler that asks for it. */
export function modernHost(parts: SiteParts): ModernHost {
  return { services: (call) => servicesOf(call, parts) }
}

// --- internal ---

function servicesOf(call: ModernCall, parts: SiteParts): FigServices {
  const { exchange, params, signal, legacy, writes } = call
  return {
    params,
    visitor: exchange.visitor,
    requestId: exchange.id,
    origin: `${exchange.client.proto}://${exchange.client.host}`,
    log: exchange.log,
    signal,
    body: exchange.body,
    legacy,
    get postgres() {
      return configured(parts.postgres, 'Postgres', 'FIG_POSTGRES_URL').database
    },
    get sync() {
      return recordingWrites(configured(parts.sync, 'sync', 'FIG_SYNC'), writes)
    },
    get php() {
      return configured(parts.php, 'the PHP session', 'FIG_PHP_SESSION_PATH')
    },
  }
}

/**
 * Tells the edge when a write is under way: from then on PHP must not answer the same request instead. A handler gets what
 * it writes with, not the controls of the whole.
 */
function recordingWrites(sync: Sync, writes: WriteLedger): Pick<Sync, 'transaction' | 'caughtUp'> {
  return {
    caughtUp: (tables, options) => sync.caughtUp(tables, options),
    async transaction(group, work, options) {
      writes.begin()
      try {
        return await sync.transaction(group, work, options)
      } catch (error) {
        // Every other failure promises that nothing was written anywhere.
        if (!isAppError(error, 'sync.outcome-unknown')) writes.rolledBack()
        throw error
      }
    },
  }
}

function configured<T>(part: T | undefined, what: string, variable: string): T {
  if (part !== undefined) return part
  throw new AppError('config.not-configured', `a handler asked for ${what}, but Fig was started without ${variable}`)
}
