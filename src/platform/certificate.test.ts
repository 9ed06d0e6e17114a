import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type CertificateReading, certificateWarning, readCertificate } from './certificate.ts'
import { issueCertificate } from './testing/issue-certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'fig-certificate-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

function read(cert: string, key: string): CertificateReading {
  files += 1
  const certFile = join(folder, `${files}.crt`)
  const keyFile = join(folder, `${files}.key`)
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  return readCertificate({ certFile, keyFile })
}

const site = issueCertificate({ names: ['www.site.example', '127.0.0.1'] })
const other = issueCertificate()

describe('a certificate and its key', () => {
  it('are read with what an operator wants to know of them', () => {
    const reading = read(site.cert, site.key)
    expect(reading).toMatchObject({
      kind: 'read',
      certificate: {
        subject: 'CN=www.site.example',
        issuer: 'CN=www.site.example',
        names: 'DNS:www.site.example, IP Address:127.0.0.1',
      },
    })
  })

  it('may come with the chain that leads to the root', () => {
    const leaf = issueCertificate({ names: ['leaf.example'], issuer: site.issuer })
    expect(read(leaf.cert + site.cert, leaf.key)).toMatchObject({
      kind: 'read',
      certificate: { subject: 'CN=leaf.example', issuer: 'CN=www.site.example' },
    })
    expect(read(site.cert + leaf.cert, leaf.key)).toMatchObject({
      key: expect.stringMatching(/belongs to a later certificate in .*crt; put the site's own certificate first/),
    })
  })

  it('are unusable when they do not belong together', () => {
    expect(read(site.cert, other.key)).toMatchObject({
      kind: 'unusable',
      key: expect.stringMatching(/key does not belong to the certificate in .*crt$/),
    })
  })

  it.each([
    [
      'files that are missing',
      () => readCertificate({ certFile: '/nowhere/a', keyFile: '/nowhere/b' }),
      'there is no file /nowhere/a',
      'there is no file /nowhere/b',
    ],
    ['a folder', () => readCertificate({ certFile: folder, keyFile: folder }), 'is a folder', 'is a folder'],
    ['other texts', () => read('hello', 'world'), 'holds no certificate', 'holds no private key'],
    ['files that were swapped', () => read(site.key, site.cert), 'holds no certificate', 'holds no private key'],
    ['a key with a passphrase', () => read(site.cert, lockedKey()), undefined, 'is protected by a passphrase'],
  ])('are unusable as %s, and both are named', (_what, reading, cert, key) => {
    const { kind, ...problems } = reading()
    expect(kind).toBe('unusable')
    expect(problems).toEqual({
      ...(cert === undefined ? {} : { cert: expect.stringContaining(cert) }),
      key: expect.stringContaining(key),
    })
  })

  it.skipIf(process.getuid?.() === 0)('are unusable when this user may not read them', () => {
    const file = join(folder, 'secret')
    writeFileSync(file, '')
    chmodSync(file, 0)
    expect(readCertificate({ certFile: file, keyFile: file })).toMatchObject({
      cert: expect.stringContaining('this user may not read'),
    })
  })

  it('are warned about when the certificate is out of date, or not yet valid', () => {
    const reading = read(site.cert, site.key)
    if (reading.kind !== 'read') {
      throw new Error('unusable')
    }
    const { certificate } = reading
    expect(certificateWarning(certificate, new Date())).toBeUndefined()
    expect(certificateWarning(certificate, new Date(certificate.validTo.getTime() + 1))).toContain('expired on')
    expect(certificateWarning(certificate, new Date(certificate.validFrom.getTime() - 1))).toContain('not valid before')
  })
})

function lockedKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString()
}
