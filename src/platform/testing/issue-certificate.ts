import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

// Certificates for tests, made when they are needed: node:crypto reads X.509 but writes none, and openssl is not on every
// machine. Just enough DER (X.690) for one EC certificate.

export interface IssuedCertificate {
  readonly cert: string
  readonly key: string
  readonly issuer: { readonly name: string; readonly key: KeyObject }
}

export interface CertificateWishes {
  /** DNS names and addresses; the first is also the common name. */
  readonly names?: readonly string[]
  readonly validFrom?: Date
  readonly validTo?: Date
  /** Signed by this one; by itself otherwise. */
  readonly issuer?: IssuedCertificate['issuer']
}

const dayMs = 24 * 60 * 60 * 1000

export function issueCertificate(wishes: CertificateWishes = {}): IssuedCertificate {
  const names = wishes.names ?? ['localhost', '127.0.0.1']
  const name = names[0] ?? 'nobody'
  const validFrom = wishes.validFrom ?? new Date(Date.now() - dayMs)
  const validTo = wishes.validTo ?? new Date(Date.now() + 90 * dayMs)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = wishes.issuer ?? { name, key: privateKey }
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    sequence(time(validFrom), time(validTo)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      0xa3,
      sequence(extension(basicConstraints, sequence(tagged(0x01, Buffer.from([255])))), alternativeNames(names)),
    ),
  )
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, issuer.key)]))
  return {
    cert: pem(sequence(toBeSigned, ecdsaWithSha256, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    issuer: { name, key: privateKey },
  }
}

// --- internal ---

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, Math.floor(body.length / 256), body.length % 256]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tagged(0x30, ...content)
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes)
}

function objectId(...bytes: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from(bytes))
}

const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const commonName = objectId(0x55, 0x04, 0x03)
const basicConstraints = objectId(0x55, 0x1d, 0x13)
const subjectAlternativeName = objectId(0x55, 0x1d, 0x11)

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from(name)))))
}

/** GeneralizedTime: `20261121100000Z`. */
function time(moment: Date): Buffer {
  return tagged(0x18, Buffer.from(`${moment.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
}

function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, tagged(0x04, value))
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 4 ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name)),
  )
  return extension(subjectAlternativeName, sequence(...entries))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
