import { constants } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls'
import type { ConnectionHost, HostLimits } from '../http1/index.ts'
import { type SessionHandler, SessionHost } from '../http2/index.ts'
import {
  AppError,
  type Certificate,
  type Counter,
  certificateWarning,
  type Logger,
  listen,
  type Metrics,
  readCertificate,
} from '../platform/index.ts'

export interface TlsSettings {
  readonly certFile: string
  readonly keyFile: string
  readonly port: number
  /** Where who comes by http is sent: here, to another port, or nowhere. */
  readonly redirect: 'off' | 'on' | number
}

export interface TlsDeps {
  readonly log: Logger
  readonly metrics: Metrics
  readonly limits: HostLimits
  /** Takes those who speak HTTP/1.1, and counts all. */
  readonly host: ConnectionHost
  readonly handler: Omit<SessionHandler, 'onSessionFault'>
}

/** Https: shakes hands, then hands the connection to who speaks what the client has chosen (ALPN, RFC 7301). */
export class TlsListener {
  readonly #settings: TlsSettings
  readonly #deps: TlsDeps
  readonly #sessions: SessionHost
  readonly #server: Server
  #tls: TlsServer | undefined
  #certificate: Certificate | undefined
  #reloadProblem: string | undefined
  #loadedAt: Date | undefined
  /** By address and port of the client: node:tls does not tell which socket lies under a secure one. */
  readonly #handshaking = new Map<string, Socket>()
  readonly #failures: Counter<'reason'>
  readonly #reloads: Counter<'outcome'>

  constructor(settings: TlsSettings, deps: TlsDeps) {
    this.#settings = settings
    this.#deps = deps
    const { metrics } = deps
    const faults = metrics.counter({
      name: 'fig_http2_session_faults_total',
      help: 'Sessions of HTTP/2 that ended because of what the client did, by code.',
      labelNames: ['code'],
    })
    this.#sessions = new SessionHost(deps.limits, {
      ...deps.handler,
      onSessionFault: (code) => {
        faults.inc({ code })
        deps.log.info({ code }, 'a session of HTTP/2 was ended')
      },
    })
    this.#failures = metrics.counter({
      name: 'fig_tls_handshake_failures_total',
      help: 'Handshakes that failed, by reason.',
      labelNames: ['reason'],
    })
    this.#reloads = metrics.counter({
      name: 'fig_tls_certificate_reloads_total',
      help: 'Times that the certificate was read anew, by outcome.',
      labelNames: ['outcome'],
    })
    this.#reportExpiry()
    // The limits on connections hold from the first byte on, so the TLS server gets only those that were admitted.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#onConnection(socket),
    )
  }

  /** Connections that speak HTTP/2. */
  get sessions(): number {
    return this.#sessions.connections
  }

  /** @throws AppError 'config.invalid' when the certificate can't be used */
  async listen(host: string): Promise<string> {
    const certificate = this.#read()
    this.#tls = this.#createTlsServer(certificate)
    this.#take(certificate)
    const url = await listen(this.#server, 'https', host, this.#settings.port)
    this.#server.on('error', (error) => this.#deps.log.error({ err: error }, 'a connection could not be accepted'))
    return url.replace(/^http:/, 'https:')
  }

  /** Reads the certificate anew; connections that are open keep the old one. One that can't be used changes nothing. */
  reload(): void {
    try {
      const certificate = this.#read()
      this.#tls?.setSecureContext(contextOptions(certificate))
      this.#take(certificate)
      this.#reloads.inc({ outcome: 'taken' })
      this.#deps.log.info({ certificate: summary(certificate) }, 'the certificate was read anew')
    } catch (error) {
      this.#reloadProblem = error instanceof Error ? error.message : String(error)
      this.#reloads.inc({ outcome: 'refused' })
      this.#deps.log.error({ err: error }, 'the new certificate is not used; the old one stays in force')
    }
  }

  status(): object {
    return {
      certificate: this.#certificate && summary(this.#certificate),
      loadedAt: this.#loadedAt,
      reloadProblem: this.#reloadProblem,
      handshakes: this.#handshaking.size,
      sessions: this.sessions,
    }
  }

  /** Takes no more connections, and lets those that shake hands come through within `graceMs`: a request follows. */
  async stop(graceMs: number, signal: AbortSignal | undefined): Promise<void> {
    this.#server.close()
    const end = performance.now() + graceMs
    while (this.#handshaking.size > 0 && performance.now() < end && signal?.aborted !== true) {
      await delay(handshakeLookMs)
    }
    for (const socket of this.#handshaking.values()) {
      socket.destroy()
    }
  }

  /** Drains what speaks HTTP/2; the rest is the host's. */
  async drain(signal: AbortSignal | undefined): Promise<void> {
    await this.#sessions.drain(signal)
  }

  // --- internal ---

  #read(): Certificate {
    const reading = readCertificate(this.#settings)
    if (reading.kind === 'read') {
      return reading.certificate
    }
    const problems = [reading.cert, reading.key].filter((problem) => problem !== undefined)
    throw new AppError('config.invalid', `the certificate can't be used: ${problems.join('; ')}`)
  }

  #take(certificate: Certificate): void {
    this.#certificate = certificate
    this.#loadedAt = new Date()
    this.#reloadProblem = undefined
    const warning = certificateWarning(certificate, new Date())
    if (warning !== undefined) {
      this.#deps.log.warn({ certificate: summary(certificate) }, warning)
    }
  }

  #createTlsServer(certificate: Certificate): TlsServer {
    const server = createTlsServer({
      ...contextOptions(certificate),
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: this.#deps.limits.headTimeoutMs,
    })
    server.on('secureConnection', (socket) => this.#onSecure(socket))
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      socket.destroy()
      this.#failures.inc({ reason: failureReasons[error.code ?? ''] ?? 'other' })
      this.#deps.log.debug({ code: error.code, peer: socket.remoteAddress }, 'a handshake failed')
    })
    return server
  }

  #onConnection(socket: Socket): void {
    // Node has let such errors end the process (CVE-2025-59465). The close event follows.
    socket.on('error', ignore)
    if (this.#deps.host.admit(socket)) {
      const key = keyOf(socket)
      this.#handshaking.set(key, socket)
      socket.once('close', () => this.#handshaking.delete(key))
      this.#tls?.emit('connection', socket)
    }
  }

  #onSecure(socket: TLSSocket): void {
    socket.on('error', ignore)
    const key = keyOf(socket)
    const under = this.#handshaking.get(key)
    this.#handshaking.delete(key)
    if (socket.alpnProtocol === 'h2') {
      this.#sessions.accept(socket, true)
    } else if (under === undefined) {
      // Closed as its handshake came through.
      socket.destroy()
    } else {
      this.#deps.host.accept(socket, under)
    }
  }

  #reportExpiry(): void {
    const validTo = (): Date | undefined => this.#certificate?.validTo
    this.#deps.metrics.gauge({
      name: 'fig_tls_certificate_expiry_seconds',
      aggregator: 'min',
      help: 'When the certificate in force expires, in seconds since 1970.',
      collect() {
        this.set((validTo()?.getTime() ?? 0) / 1000)
      },
    })
  }
}

function ignore(): void {}

const handshakeLookMs = 10

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function contextOptions({ cert, key }: Certificate): SecureContextOptions {
  // RFC 9113 section 9.2.1 forbids renegotiation; over HTTP/1.1 it is only good for making us work.
  return { cert, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION }
}

const dayMs = 24 * 60 * 60 * 1000

function summary({ subject, issuer, names, validFrom, validTo, fingerprint }: Certificate): object {
  const daysLeft = Math.floor((validTo.getTime() - Date.now()) / dayMs)
  return { subject, issuer, names, validFrom, validTo, daysLeft, fingerprint }
}

const failureReasons: Readonly<Record<string, string>> = {
  ECONNRESET: 'client-left',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ERR_SSL_HTTP_REQUEST: 'plain-http',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'old-version',
  ERR_SSL_NO_SHARED_CIPHER: 'no-shared-cipher',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'no-shared-protocol',
}
