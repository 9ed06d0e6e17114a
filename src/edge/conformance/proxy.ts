import { startEdge } from '../testing/edge-stack.ts'
import type { FigSetup } from './case.ts'

/** What the suite is run against. */
export interface ProxyUnderTest {
  readonly port: number
  /** What it says went wrong inside. */
  complaints(): readonly string[]
  close(): Promise<void>
}

export type StartProxy = (phpUrl: string, setup: FigSetup) => Promise<ProxyUnderTest>

export const startFig: StartProxy = async (phpUrl, { trusted = [], timeoutMs, runningMax, waitingMax }) => {
  const edge = await startEdge({
    legacyUrl: phpUrl,
    settings: {
      trustedProxies: trusted,
      ...(timeoutMs !== undefined && {
        headTimeoutMs: timeoutMs,
        clientIdleTimeoutMs: timeoutMs,
        keepAliveTimeoutMs: timeoutMs,
      }),
    },
    legacy: {
      ...(timeoutMs !== undefined && {
        timeouts: { connectMs: timeoutMs, firstByteMs: timeoutMs, idleMs: timeoutMs },
      }),
      ...(timeoutMs !== undefined && { webSockets: { handshakeTimeoutMs: timeoutMs } }),
      ...(runningMax !== undefined && {
        limits: {
          runningMax,
          ...(waitingMax !== undefined && { waitingMax }),
          ...(timeoutMs !== undefined && { waitTimeoutMs: timeoutMs }),
        },
      }),
    },
  })
  return {
    port: edge.port,
    complaints: () =>
      edge.log
        .filter(({ level, msg }) => level === 'fatal' || msg === 'the request flow failed')
        .map((line) => `Fig complains: ${JSON.stringify(line).slice(0, 600)}`),
    close: () => edge.close(AbortSignal.abort()),
  }
}
