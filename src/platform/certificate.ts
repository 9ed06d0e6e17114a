import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'

export interface CertificateFiles {
  /** PEM: the site's own certificate first, then those that lead to the root. */
  readonly certFile: string
  /** PEM, without passphrase. */
  readonly keyFile: string
}

/** A certificate that can be served with its key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly subject: string
  readonly issuer: string
  /** DNS names and addresses that it is good for. */
  readonly names: string
  readonly validFrom: Date
  readonly validTo: Date
  readonly fingerprint: string
}

export type CertificateReading =
  | { readonly kind: 'read'; readonly certificate: Certificate }
  /** What is wrong with which file, and what to do about it. */
  | { readonly kind: 'unusable'; readonly cert?: string; readonly key?: string }

/** Reads both files and looks whether a server could use them together. */
export function readCertificate({ certFile, keyFile }: CertificateFiles): CertificateReading {
  const cert = readText(certFile)
  const key = readText(keyFile)
  if ('problem' in cert || 'problem' in key) {
    return unusable('problem' in cert ? cert.problem : undefined, 'problem' in key ? key.problem : undefined)
  }
  const parsed = parseCertificate(cert.text)
  const parsedKey = parseKey(key.text)
  if (parsed === undefined || typeof parsedKey === 'string') {
    return unusable(
      parsed === undefined ? `${certFile} holds no certificate; give a file in PEM form` : undefined,
      typeof parsedKey === 'string' ? `${keyFile} ${parsedKey}` : undefined,
    )
  }
  const mismatch = mismatchOf(parsed, cert.text, parsedKey)
  if (mismatch !== undefined) {
    return unusable(undefined, `${keyFile} ${mismatch.replace('CERT', certFile)}`)
  }
  const refusal = refusalOf(cert.text, key.text)
  return refusal === undefined ? read(parsed, cert.text, key.text) : unusable(`${certFile} can't be used: ${refusal}`)
}

/** What an operator should know of a certificate that works. */
export function certificateWarning({ validFrom, validTo }: Certificate, now: Date): string | undefined {
  if (now > validTo) {
    return `the certificate expired on ${validTo.toISOString()}; browsers refuse it`
  }
  return now < validFrom ? `the certificate is not valid before ${validFrom.toISOString()}` : undefined
}

// --- internal ---

function unusable(cert: string | undefined, key?: string | undefined): CertificateReading {
  return { kind: 'unusable', ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }
}

function readText(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: readFileSync(file, 'latin1') }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: `there is no file ${file}`,
      EACCES: `this user may not read ${file}; change its owner or mode`,
      EISDIR: `${file} is a folder; give the file in it`,
    }
    return { problem: reasons[code] ?? `${file} can't be read (${code})` }
  }
}

/** The first one in the file. */
function parseCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

function parseKey(text: string): KeyObject | string {
  try {
    return createPrivateKey(text)
  } catch {
    return /ENCRYPTED/.test(text)
      ? 'is protected by a passphrase; store it without'
      : 'holds no private key; give a file in PEM form'
  }
}

function mismatchOf(certificate: X509Certificate, text: string, key: KeyObject): string | undefined {
  if (certificate.checkPrivateKey(key)) {
    return undefined
  }
  const others = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)?.slice(1) ?? []
  return others.some((other) => parseCertificate(other)?.checkPrivateKey(key) === true)
    ? "belongs to a later certificate in CERT; put the site's own certificate first"
    : 'does not belong to the certificate in CERT'
}

/** What OpenSSL has against it: too short a key, a signature of old. */
function refusalOf(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function read(parsed: X509Certificate, cert: string, key: string): CertificateReading {
  return {
    kind: 'read',
    certificate: {
      cert,
      key,
      subject: oneLine(parsed.subject),
      issuer: oneLine(parsed.issuer),
      names: parsed.subjectAltName ?? '',
      validFrom: new Date(parsed.validFrom),
      validTo: new Date(parsed.validTo),
      fingerprint: parsed.fingerprint256,
    },
  }
}

/** X509Certificate gives one attribute per line. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}
