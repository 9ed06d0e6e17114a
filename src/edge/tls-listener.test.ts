import { rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createMetrics, silentLogger } from '../platform/index.ts'
import { issueCertificate } from '../platform/testing/issue-certificate.ts'
import { createEdge } from './index.ts'
import { httpUpstream, noFlags, noRoutes, recordingUpstream, until } from './testing/edge-stack.ts'
import { certificateFiles, request2, startTlsEdge, type TlsEdge } from './testing/tls-stack.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

interface TlsStatus {
  readonly handshakes: number
  readonly certificate: { readonly subject: string; readonly daysLeft: number; readonly validTo: string }
  readonly reloadProblem?: string
}

async function statusOf({ operatorUrl }: TlsEdge): Promise<TlsStatus> {
  const status = (await (await fetch(`${operatorUrl}/status`)).json()) as { readonly tls: TlsStatus }
  return status.tls
}

/** The name on the certificate that a new client is shown. */
async function servedName(edge: TlsEdge): Promise<string | undefined> {
  const client = edge.secureClient({ rejectUnauthorized: false })
  await new Promise((resolve) => client.socket.once('secureConnect', resolve))
  const { subject } = client.socket.getPeerCertificate()
  client.socket.destroy()
  return String(subject.CN)
}

describe('the certificate', () => {
  it('is read anew on demand: new clients see the new one, open connections go on', async () => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const old = edge.secureClient()
    old.write(get)
    await old.receives(/ok$/)
    const session = edge.http2()
    await request2(session)
    expect(await servedName(edge)).toBe('localhost')
    edge.files.replace(issueCertificate({ names: ['new.example'] }))
    await edge.reload()
    expect(await servedName(edge)).toBe('new.example')
    old.write(get)
    await old.receives(/ok[\s\S]*ok$/)
    expect((await request2(session)).body).toBe('ok')
    expect(await statusOf(edge)).toMatchObject({ certificate: { subject: 'CN=new.example', daysLeft: 89 } })
    expect((await edge.metrics.text()).body).toMatch(/fig_tls_certificate_reloads_total\{outcome="taken"\} 1/)
  })

  it.each<[why: string, spoil: (edge: TlsEdge) => void, problem: RegExp]>([
    ['is missing', ({ files }) => rmSync(files.certFile), /there is no file .*site.crt/],
    ['is none', ({ files }) => writeFileSync(files.certFile, 'hello'), /holds no certificate/],
    ['does not fit the key', ({ files }) => writeFileSync(files.keyFile, issueCertificate().key), /does not belong/],
  ])('stays in force when the new one %s, which is logged, counted and shown', async (_why, spoil, problem) => {
    await using upstream = await recordingUpstream()
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    spoil(edge)
    await edge.reload()
    expect(await servedName(edge)).toBe('localhost')
    expect((await request2(edge.http2())).body).toBe('ok')
    expect(await edge.logged(({ level }) => level === 50 || level === 'error')).toMatchObject({
      msg: 'the new certificate is not used; the old one stays in force',
    })
    expect((await statusOf(edge)).reloadProblem).toMatch(problem)
    expect((await edge.metrics.text()).body).toMatch(/fig_tls_certificate_reloads_total\{outcome="refused"\} 1/)
    edge.files.replace(issueCertificate({ names: ['mended.example'] }))
    await edge.reload()
    expect(await servedName(edge)).toBe('mended.example')
    expect((await statusOf(edge)).reloadProblem).toBeUndefined()
  })

  it('that is out of date is served with a warning, and its date is a figure', async () => {
    const validTo = new Date(1_700_000_000_000)
    using files = certificateFiles(issueCertificate({ validFrom: new Date(1_600_000_000_000), validTo }))
    await using upstream = await recordingUpstream()
    const { certFile, keyFile } = files
    await using edge = await startTlsEdge({ legacyUrl: upstream.url }, { certFile, keyFile })
    expect(await edge.logged(({ msg }) => /expired on 2023-11-14/.test(String(msg)))).toBeDefined()
    expect((await edge.metrics.text()).body).toMatch(/fig_tls_certificate_expiry_seconds 1700000000\n/)
    expect((await statusOf(edge)).certificate.daysLeft).toBeLessThan(-1)
    expect(await servedName(edge)).toBe('localhost')
  })

  it('that went away before the start keeps everything closed', async () => {
    const edge = createEdge(
      {
        host: '127.0.0.1',
        port: 0,
        operatorHost: '127.0.0.1',
        operatorPort: 0,
        trustedProxies: [],
        visitorCookie: 'fig_visitor',
        formBytesMax: 1,
        freshnessTimeoutMs: 1,
        modernTimeoutMs: 1,
        tls: { certFile: '/nowhere.crt', keyFile: '/nowhere.key', port: 0, redirect: 'off' },
      },
      {
        log: silentLogger(),
        metrics: createMetrics(),
        legacy: { forward: () => Promise.reject(new Error('no PHP here')), upgrade: () => {} },
        routes: () => noRoutes,
        flags: noFlags,
      },
    )
    await expect(edge.listen()).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringContaining('there is no file /nowhere.crt; there is no file /nowhere.key'),
    })
    await edge.close(AbortSignal.abort())
  })
})

describe('a drain of https', () => {
  it('finishes what runs over both versions, and closes every connection', async () => {
    const waiting: (() => void)[] = []
    await using upstream = await httpUpstream((req, res) => waiting.push(() => res.end(`finished ${req.url}`)))
    await using edge = await startTlsEdge({ legacyUrl: upstream.url, settings: { drainGraceMs: 50 } })
    const session = edge.http2()
    const answer = request2(session, { ':path': '/2' })
    const old = edge.secureClient()
    old.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n')
    const idle = edge.secureClient()
    await new Promise((resolve) => idle.socket.once('secureConnect', resolve))
    await until(() => waiting.length === 2 || undefined, 'both requests at PHP')
    const goaway = new Promise((resolve) => session.once('goaway', resolve))
    const closing = edge.close()
    await goaway
    await idle.closed()
    for (const finish of waiting) {
      finish()
    }
    expect((await answer).body).toBe('finished /2')
    await old.closed()
    expect(old.text()).toMatch(/Connection: close\r\n[\s\S]*finished \/1$/)
    await closing
    expect(session.destroyed || session.closed).toBe(true)
  })

  it.each(['http/1.1', 'h2'])(
    'lets a handshake come through, and answers the request behind it (%s)',
    async (version) => {
      await using upstream = await recordingUpstream()
      await using edge = await startTlsEdge({ legacyUrl: upstream.url })
      const under = connect({ host: '127.0.0.1', port: edge.tlsPort })
      await expect.poll(async () => (await statusOf(edge)).handshakes).toBe(1)
      const closing = edge.close()
      if (version === 'h2') {
        expect((await request2(edge.http2({ socket: under }))).body).toBe('ok')
      } else {
        const client = edge.secureClient({ socket: under })
        client.write(get)
        await client.closed()
        expect(client.text()).toMatch(/^HTTP\/1.1 200 [\s\S]*ok$/)
      }
      await closing
    },
  )

  it('cuts what is left at its deadline', async () => {
    await using upstream = await httpUpstream(() => {})
    await using edge = await startTlsEdge({ legacyUrl: upstream.url })
    const answer = request2(edge.http2()).catch((error: Error) => error)
    const old = edge.secureClient()
    old.write(get)
    await expect.poll(async () => (await edge.metrics.text()).body).toContain('fig_requests_running 2')
    await edge.close(AbortSignal.abort())
    expect(await answer).toBeInstanceOf(Error)
    await old.closed()
  })
})
