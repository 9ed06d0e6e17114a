import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'
import { AppError } from './platform/index.ts'
import { issueCertificate } from './platform/testing/issue-certificate.ts'

const minimal = { FIG_LEGACY_URL: 'http://127.0.0.1:8081' }

function problemsOf(settings: Record<string, string>): string {
  try {
    loadConfig(settings, '/site')
  } catch (error) {
    if (error instanceof AppError && error.code === 'config.invalid') return error.message
    throw error
  }
  return 'no problem'
}

describe('the number of workers', () => {
  const workers = (settings: Record<string, string>) => loadConfig({ ...minimal, ...settings }, '/site').workers

  it('is one unless it is said, one per core when it is auto, and never more than PHP takes requests at once', () => {
    expect(workers({})).toBe(1)
    expect(workers({ FIG_WORKERS: '3' })).toBe(3)
    expect(workers({ FIG_WORKERS: 'auto', FIG_LEGACY_CONNECTIONS_MAX: '1000' })).toBe(availableParallelism())
    expect(workers({ FIG_WORKERS: 'auto', FIG_LEGACY_CONNECTIONS_MAX: '1' })).toBe(1)
    expect(problemsOf({ ...minimal, FIG_WORKERS: '5', FIG_LEGACY_CONNECTIONS_MAX: '4' })).toContain('FIG_WORKERS: more')
  })

  it('is refused when it is none', () => {
    for (const wrong of ['0', '-1', '1.5', 'many', '257']) {
      expect(problemsOf({ ...minimal, FIG_WORKERS: wrong })).toContain('FIG_WORKERS: give a number of processes')
    }
  })
})

describe('loadConfig', () => {
  it('needs nothing but the legacy URL', () => {
    const config = loadConfig(minimal, '/site')
    expect(config.legacyUrls[0].origin).toBe('http://127.0.0.1:8081')
    expect(config.routesFile).toBeUndefined()
    expect(config.unleash).toBeUndefined()
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('takes several addresses of one site, php-fpm too, and says what an address may hold', () => {
    const several = 'http://10.0.0.1:8081, https://10.0.0.2'
    expect(loadConfig({ FIG_LEGACY_URL: several }, '/site').legacyUrls.map(({ host }) => host)).toEqual([
      '10.0.0.1:8081',
      '10.0.0.2',
    ])
    expect(problemsOf({ FIG_LEGACY_URL: 'http://a, nowhere' })).toContain('FIG_LEGACY_URL: give a URL such as')
    expect(problemsOf({ FIG_LEGACY_URL: 'http://a/path' })).toContain('FIG_LEGACY_URL: give only scheme')
    expect(problemsOf({ FIG_LEGACY_URL: 'fastcgi://a:9000' })).toContain('FIG_LEGACY_ROOT: missing')
  })

  it('reads what PHP may not know of its public name', () => {
    const rewriting = { FIG_LEGACY_REWRITE_ORIGINS: 'http://internal:8081', FIG_LEGACY_COOKIE_DOMAIN: 'internal=' }
    expect(loadConfig({ ...minimal, ...rewriting }, '/site').legacyRewrite).toEqual({
      origins: ['http://internal:8081'],
      cookieDomain: { from: 'internal', to: '' },
      cookiePath: undefined,
    })
    expect(problemsOf({ ...minimal, FIG_LEGACY_REWRITE_ORIGINS: 'internal' })).toContain('give origins')
    expect(problemsOf({ ...minimal, FIG_LEGACY_COOKIE_PATH: '/old/' })).toContain('such as /old/=/')
  })

  it('resolves paths against the folder that it is started in', () => {
    expect(loadConfig({ ...minimal, FIG_ROUTES: 'routes.config.ts' }, '/site').routesFile).toBe(
      '/site/routes.config.ts',
    )
  })

  it('takes an empty variable for a missing one, as shells and compose files write them', () => {
    expect(loadConfig({ ...minimal, FIG_UNLEASH_URL: '', FIG_PORT: '' }, '/site').port).toBe(8080)
  })

  it('lists every problem at once, each with its variable and the remedy', () => {
    const message = problemsOf({
      FIG_LEGACY_URL: 'ftp://old',
      FIG_PORT: '99999',
      FIG_TRUSTED_PROXIES: '10.0.0.0/99',
      FIG_OWN_SCHEMA: 'Fig; DROP',
      FIG_LOG_LEVEL: 'loud',
    })
    for (const variable of ['FIG_LEGACY_URL', 'FIG_PORT', 'FIG_TRUSTED_PROXIES', 'FIG_OWN_SCHEMA', 'FIG_LOG_LEVEL'])
      expect(message).toContain(`${variable}: give`)
  })

  it.each([
    [
      'an Unleash URL without a token',
      { ...minimal, FIG_UNLEASH_URL: 'http://127.0.0.1:4242/api' },
      'FIG_UNLEASH_TOKEN',
    ],
    ['a sync declaration without databases', { ...minimal, FIG_SYNC: 'sync.config.ts' }, 'FIG_MYSQL_URL'],
    ['faults in production', { ...minimal, FIG_MODE: 'production', FIG_FAULTS: 'x:kill' }, 'FIG_FAULTS'],
    ['a legacy URL with a path', { FIG_LEGACY_URL: 'http://127.0.0.1/shop' }, 'FIG_LEGACY_URL'],
    ['no legacy URL', { FIG_PORT: '1' }, 'FIG_LEGACY_URL'],
  ])('refuses %s', (_, settings, variable) => {
    expect(problemsOf(settings)).toContain(variable)
  })

  it('never prints a token or a password', () => {
    const message = problemsOf({
      ...minimal,
      FIG_PORT: 'x',
      FIG_UNLEASH_TOKEN: 'tok-secret',
      FIG_MYSQL_URL: 'mysqlx://fig:pw-secret@h/db',
    })
    expect(message).not.toMatch(/tok-secret|pw-secret/)
  })
})

describe('the settings of https', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fig-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const { cert, key } = issueCertificate()
  writeFileSync(join(folder, 'site.crt'), cert)
  writeFileSync(join(folder, 'site.key'), key)
  writeFileSync(join(folder, 'other.key'), issueCertificate().key)
  const https = { ...minimal, FIG_TLS_CERT: join(folder, 'site.crt'), FIG_TLS_KEY: join(folder, 'site.key') }

  it('are off without a certificate', () => {
    expect(loadConfig(minimal, '/site').tls).toBeUndefined()
  })

  it('resolve files against the folder that it is started in, and send nobody to https unless told to', () => {
    const files = { FIG_TLS_CERT: 'site.crt', FIG_TLS_KEY: 'site.key' }
    const { tls } = loadConfig({ ...minimal, ...files }, folder)
    expect(tls).toEqual({ certFile: https.FIG_TLS_CERT, keyFile: https.FIG_TLS_KEY, port: 8443, redirect: 'off' })
    expect(loadConfig({ ...https, FIG_TLS_REDIRECT: 'on' }, folder).tls?.redirect).toBe('on')
    expect(loadConfig({ ...https, FIG_TLS_PORT: '9443', FIG_TLS_REDIRECT: '443' }, folder).tls).toMatchObject({
      port: 9443,
      redirect: 443,
    })
  })

  it('are refused with what to do, beside all other problems', () => {
    const message = problemsOf({ ...https, FIG_TLS_CERT: '/nowhere', FIG_TLS_REDIRECT: 'yes', FIG_PORT: 'x' })
    expect(message).toContain("FIG_TLS_REDIRECT: give 'on', 'off', or the port")
    expect(message).toContain('FIG_PORT: give')
    expect(problemsOf({ ...https, FIG_TLS_CERT: '/nowhere', FIG_MODE: 'production', FIG_FAULTS: 'x:kill' })).toMatch(
      /FIG_FAULTS: [\s\S]*FIG_TLS_CERT: there is no file \/nowhere/,
    )
    expect(problemsOf({ ...https, FIG_TLS_KEY: join(folder, 'other.key') })).toContain(
      `FIG_TLS_KEY: ${join(folder, 'other.key')} does not belong to the certificate in ${https.FIG_TLS_CERT}`,
    )
    expect(problemsOf({ ...https, FIG_TLS_KEY: '' })).toContain('FIG_TLS_KEY: missing')
    expect(problemsOf({ ...https, FIG_TLS_CERT: '' })).toContain('FIG_TLS_CERT: missing')
    expect(problemsOf({ ...minimal, FIG_TLS_REDIRECT: 'on' })).toContain('FIG_TLS_REDIRECT: there is no https')
    expect(problemsOf({ ...https, FIG_TLS_REDIRECT: '70000' })).toContain('FIG_TLS_REDIRECT: give')
  })
})
