import type { Socket } from 'node:net'
import type { Exchange, RequestFacts } from '../exchange.ts'
import { AppError, type Logger, type Metrics, silentLogger } from '../platform/index.ts'
import { createFastcgiUpstream, type FastcgiSettings, fastcgiUrlExamples, parseFastcgiUrl } from './fastcgi/index.ts'
import { Forwarder, type ForwardOutcome } from './forwarder.ts'
import type { GateLimits } from './gate.ts'
import type { HttpTimeouts } from './http-call.ts'
import { HttpUpstream } from './http-upstream.ts'
import { type RequestPassSettings, requestPasses } from './request-passes.ts'
import { responsePasses } from './response-passes.ts'
import type { RewriteSettings } from './rewrite-passes.ts'
import { Upgrader, type WebSocketLimits } from './upgrade.ts'
import type { Upstream } from './upstream-call.ts'
import { type HealthSettings, UpstreamSet } from './upstream-set.ts'
import type { UpstreamTls } from './upstream-socket.ts'

export { type Cause, type CauseEntry, causes } from './causes.ts'
export {
  defineFastcgiSite,
  type FastcgiSettings,
  type FastcgiSite,
  fastcgiUrlExamples,
  frontControllerSite,
  parseFastcgiUrl,
} from './fastcgi/index.ts'
export type { ForwardOutcome } from './forwarder.ts'
export type { GateLimits } from './gate.ts'
export type { HttpTimeouts as LegacyTimeouts } from './http-call.ts'
export type { CookieRewrite, RewriteSettings } from './rewrite-passes.ts'
export type { WebSocketLimits } from './upgrade.ts'
export type { HealthSettings } from './upstream-set.ts'
export type { UpstreamTls } from './upstream-socket.ts'

/** The way to the PHP site. */
export interface Legacy {
  /** Resolves when PHP's part is over; what could not be answered is for the caller to answer. */
  forward(exchange: Exchange): Promise<ForwardOutcome>
  /** Passes a WebSocket handshake on; the socket is taken over. */
  upgrade(request: RequestFacts, socket: Socket, head: Buffer): void
  /** Finishes what runs; cuts it when `signal` aborts. */
  close(signal?: AbortSignal): Promise<void>
}

export interface LegacyOptions extends Partial<RequestPassSettings> {
  /** Where PHP is: scheme, host and port only, with `http:` or `https:`; or php-fpm itself, with `fastcgi:`. */
  readonly url?: URL
  /** The same site at several addresses. */
  readonly urls?: readonly URL[]
  readonly metrics: Metrics
  /** For what concerns no single request: upstreams that come and go. */
  readonly log?: Logger
  readonly timeouts?: Partial<HttpTimeouts>
  readonly limits?: Partial<GateLimits>
  readonly webSockets?: Partial<WebSocketLimits>
  /** How upstreams are left out and taken in again, where there are several. */
  readonly health?: HealthSettings
  /** What a PHP site needs where php-fpm is asked directly. */
  readonly fastcgi?: FastcgiSettings
  /** For `https:`; certificates are verified unless it says otherwise. */
  readonly tls?: UpstreamTls
  /** For sites that can't be told their public name. */
  readonly rewrite?: RewriteSettings
}

/** @throws AppError 'config.invalid' when there is no address, or one that can't be used */
export function createLegacy(options: LegacyOptions): Legacy {
  const { metrics, log = silentLogger(), tls, health = {} } = options
  const toPhp = requestPasses({ ...options, ownCookies: options.ownCookies ?? [] })
  const toClient = responsePasses(options.rewrite)
  const runningMax = options.limits?.runningMax ?? 64
  const upstreams = new UpstreamSet(createUpstreams(options, runningMax), health, log, metrics)
  const limits = { waitingMax: runningMax * 4, waitTimeoutMs: 5_000, ...options.limits, runningMax }
  const forwarder = new Forwarder({
    upstreams,
    requestPasses: toPhp,
    responsePasses: toClient,
    limits,
    metrics,
  })
  const upgrader = new Upgrader({
    upstreams,
    requestPasses: toPhp,
    responsePasses: toClient,
    limits: { ...defaultWebSocketLimits, ...options.webSockets },
    ...(tls && { tls }),
    metrics,
  })
  return {
    forward: (exchange) => forwarder.forward(exchange),
    upgrade: (request, socket, head) => upgrader.upgrade(request, socket, head),
    close: async (signal) => {
      await Promise.all([upgrader.close(signal), upstreams.close(signal)])
    },
  }
}

// --- internal ---

const defaultTimeouts: HttpTimeouts = { connectMs: 3_000, firstByteMs: 60_000, idleMs: 60_000 }
const defaultWebSocketLimits: WebSocketLimits = { handshakeTimeoutMs: 10_000, graceMs: 1_000 }

function createUpstreams(options: LegacyOptions, connectionsMax: number): readonly Upstream[] {
  const { url, urls = [] } = options
  const all = url === undefined ? urls : [url, ...urls]
  if (all.length === 0) {
    throw new AppError('config.invalid', 'the legacy site has no address: give one URL at least')
  }
  return all.map((each) => createUpstream(each, options, connectionsMax))
}

function createUpstream(url: URL, { tls, fastcgi, ...options }: LegacyOptions, connectionsMax: number): Upstream {
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    return new HttpUpstream({ url, timeouts, ...(tls && { tls }) })
  }
  const address = parseFastcgiUrl(url.href)
  if (address === undefined) {
    throw new AppError(
      'config.invalid',
      `the legacy site can't be reached at ${url.href}: use http:, https:, ${fastcgiUrlExamples}`,
    )
  }
  if (fastcgi === undefined) {
    throw new AppError('config.invalid', `${url.href}: asking php-fpm directly needs the folder of the site's scripts`)
  }
  return createFastcgiUpstream({ ...fastcgi, address, timeouts, connectionsMax })
}
