import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import { overrideCookie, pinCookie } from './edge/index.ts'
import type { LegacyOptions } from './legacy/index.ts'
import type { Site } from './load-site.ts'
import { AppError } from './platform/index.ts'

/** What the configuration says about the way to PHP, in the words of src/legacy. */
export function legacySettings(config: LegacyConfig, site: Site): Omit<LegacyOptions, 'metrics' | 'log'> {
  return {
    urls: config.legacyUrls,
    timeouts: {
      connectMs: config.legacyConnectTimeoutMs,
      firstByteMs: config.legacyFirstByteTimeoutMs,
      idleMs: config.legacyIdleTimeoutMs,
    },
    limits: {
      runningMax: config.legacyConnectionsMax,
      waitTimeoutMs: config.legacyQueueTimeoutMs,
      ...(config.legacyQueueMax !== undefined && { waitingMax: config.legacyQueueMax }),
    },
    // Without a page for it, upstreams that work are left in peace.
    ...(config.legacyHealthPath !== undefined && {
      health: { intervalMs: config.legacyHealthIntervalMs, path: config.legacyHealthPath },
    }),
    webSockets: { handshakeTimeoutMs: config.webSocketHandshakeTimeoutMs },
    ownCookies: [config.visitorCookie, overrideCookie, pinCookie],
    hostHeader: config.legacyHost,
    allowMethodOverride: config.legacyMethodOverride,
    ...rewriteSettings(config),
    ...(config.legacyCaFile !== undefined && { tls: { ca: readCertificates(config.legacyCaFile) } }),
    ...fastcgiSettings(config, site),
  }
}

// --- internal ---

/** Without what differs between a process of its own and one of several. */
type LegacyConfig = Omit<Config, 'operatorPort'>

function rewriteSettings({ legacyRewrite }: LegacyConfig): Pick<LegacyOptions, 'rewrite'> {
  const { origins, cookieDomain, cookiePath } = legacyRewrite
  if (origins.length === 0 && cookieDomain === undefined && cookiePath === undefined) return {}
  return { rewrite: { origins, ...(cookieDomain && { cookieDomain }), ...(cookiePath && { cookiePath }) } }
}

function fastcgiSettings(config: LegacyConfig, site: Site): Pick<LegacyOptions, 'fastcgi'> {
  const { legacyRoot, legacyKeptConnectionsMax, spoolDirectory } = config
  if (legacyRoot === undefined) return {}
  return {
    fastcgi: {
      documentRoot: legacyRoot,
      site: site.fastcgi,
      keptConnectionsMax: legacyKeptConnectionsMax,
      ...(spoolDirectory !== undefined && { spoolDirectory }),
    },
  }
}

function readCertificates(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('config.invalid', `FIG_LEGACY_CA: ${file} can't be read: ${why}`, { cause })
  }
}
