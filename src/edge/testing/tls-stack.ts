import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type IssuedCertificate, issueCertificate } from '../../platform/testing/issue-certificate.ts'
import type { TlsSettings } from '../tls-listener.ts'
import { type EdgeOptions, type EdgeUnderTest, type RawClient, rawClient, startEdge } from './edge-stack.ts'

// An edge with https, its certificate in files that a test may replace, and clients that trust it.

export interface TlsEdge extends EdgeUnderTest {
  readonly files: CertificateFiles
  /** A raw client over TLS, which speaks HTTP/1.1 unless `options` say otherwise. */
  secureClient(options?: ConnectionOptions): RawClient & { readonly socket: TLSSocket }
  http2(options?: ConnectionOptions): ClientHttp2Session
}

export interface CertificateFiles extends Disposable {
  readonly certFile: string
  readonly keyFile: string
  readonly issued: IssuedCertificate
  /** Puts another certificate into the files. */
  replace(issued: IssuedCertificate): void
}

export function certificateFiles(issued: IssuedCertificate = issueCertificate()): CertificateFiles {
  const folder = mkdtempSync(join(tmpdir(), 'fig-tls-'))
  const certFile = join(folder, 'site.crt')
  const keyFile = join(folder, 'site.key')
  const replace = ({ cert, key }: IssuedCertificate): void => {
    writeFileSync(certFile, cert)
    writeFileSync(keyFile, key)
  }
  replace(issued)
  return { certFile, keyFile, issued, replace, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

export async function startTlsEdge(options: EdgeOptions, tls: Partial<TlsSettings> = {}): Promise<TlsEdge> {
  const files = certificateFiles()
  const { certFile, keyFile, issued } = files
  const settings = { ...options.settings, tls: { certFile, keyFile, port: 0, redirect: 'off' as const, ...tls } }
  const edge = await startEdge({ ...options, settings })
  const ca = issued.cert
  const sessions: ClientHttp2Session[] = []
  const secureClient: TlsEdge['secureClient'] = (wishes = {}) => {
    const socket = connect({ host: '127.0.0.1', port: edge.tlsPort, ca, ALPNProtocols: ['http/1.1'], ...wishes })
    return { ...rawClient(edge.tlsPort, socket), socket }
  }
  return {
    ...edge,
    files,
    secureClient,
    http2: (wishes = {}) => {
      const createConnection = () =>
        connect({ host: '127.0.0.1', port: edge.tlsPort, ca, ALPNProtocols: ['h2'], ...wishes })
      const session = connectHttp2(`https://127.0.0.1:${edge.tlsPort}`, { createConnection })
      session.on('error', () => {})
      sessions.push(session)
      return session
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) {
        session.destroy()
      }
      await edge[Symbol.asyncDispose]()
      files[Symbol.dispose]()
    },
  }
}

export interface Http2Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number | undefined }
  readonly body: string
}

/** One request over HTTP/2; rejects when its answer breaks off. */
export function request2(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Buffer,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined })
    const chunks: Buffer[] = []
    let head: Http2Answer['headers'] = {}
    stream.on('response', (fields) => {
      head = fields
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      stream.rstCode === 0
        ? resolve({ headers: head, body: Buffer.concat(chunks).toString('latin1') })
        : reject(new Error(`reset with code ${stream.rstCode}`))
    })
    if (body !== undefined) {
      stream.end(body)
    }
  })
}
