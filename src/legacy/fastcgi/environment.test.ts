import { describe, expect, it } from 'vitest'
import { buildEnvironment } from './environment.ts'
import type { Script } from './resolve-target.ts'
import type { FastcgiSite } from './site.ts'
import { outgoing, type Question } from './testing/ask.ts'

const script: Script = {
  file: '/srv/site/index.php',
  name: '/index.php',
  pathInfo: '',
  address: '/index.php',
  query: 'page=mod&id=12',
}

describe('the variables that PHP gets', () => {
  it('are those of a web server', () => {
    expect(environmentOf('/skyrim/mods/12?x=%41', { headers: ['Accept', '*/*'] })).toEqual({
      SCRIPT_FILENAME: '/srv/site/index.php',
      SCRIPT_NAME: '/index.php',
      QUERY_STRING: 'page=mod&id=12',
      REQUEST_METHOD: 'GET',
      CONTENT_TYPE: '',
      CONTENT_LENGTH: '',
      REQUEST_URI: '/skyrim/mods/12?x=%41',
      DOCUMENT_URI: '/index.php',
      DOCUMENT_ROOT: '/srv/site',
      SERVER_PROTOCOL: 'HTTP/1.1',
      REQUEST_SCHEME: 'http',
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_SOFTWARE: 'nginx',
      REMOTE_ADDR: '192.0.2.7',
      REMOTE_PORT: '40000',
      SERVER_ADDR: '127.0.0.1',
      SERVER_PORT: '80',
      SERVER_NAME: 'www.example',
      REDIRECT_STATUS: '200',
      HTTP_HOST: 'www.example',
      HTTP_ACCEPT: '*/*',
    })
  })

  it('know a body by type and length', () => {
    const variables = environmentOf('/', { method: 'POST', headers: ['Content-Type', 'text/plain'] }, {}, 17)
    expect(variables).toMatchObject({
      CONTENT_TYPE: 'text/plain',
      CONTENT_LENGTH: '17',
      HTTP_CONTENT_TYPE: 'text/plain',
      HTTP_CONTENT_LENGTH: '17',
    })
    expect(environmentOf('/', { method: 'POST', headers: ['Content-Length', '0'] })).toMatchObject({
      CONTENT_LENGTH: '0',
    })
  })

  it('say that the visitor came by TLS, and for which name and port', () => {
    const client = { proto: 'https', port: 8443 } as const
    expect(environmentOf('/', { host: '[2001:db8::1]:8443', client })).toMatchObject({
      HTTPS: 'on',
      REQUEST_SCHEME: 'https',
      SERVER_NAME: '[2001:db8::1]',
      SERVER_PORT: '8443',
    })
  })

  it('join headers of one name, cookies by semicolons', () => {
    const headers = ['Cookie', 'a=1', 'X-List', 'a', 'cookie', 'b=2; c=3', 'x-list', 'b']
    expect(environmentOf('/', { headers })).toMatchObject({ HTTP_COOKIE: 'a=1; b=2; c=3', HTTP_X_LIST: 'a, b' })
  })

  it.each([
    ['Proxy', 'HTTP_PROXY'],
    ['PROXY', 'HTTP_PROXY'],
    ['X_Forwarded_For', 'HTTP_X_FORWARDED_FOR'],
    ['X.Real.IP', 'HTTP_X_REAL_IP'],
    ["X'A", "HTTP_X'A"],
  ])('leave the header %s out', (name, variable) => {
    expect(environmentOf('/', { headers: [name, 'evil'] })).not.toHaveProperty([variable])
    expect(Object.values(environmentOf('/', { headers: [name, 'evil'] }))).not.toContain('evil')
  })

  it("can't be overwritten by a header", () => {
    const names = ['Script-Filename', 'PHP-Value', 'PHP-Admin-Value', 'Document-Root', 'Remote-Addr']
    const variables = environmentOf('/', { headers: names.flatMap((name) => [name, 'evil']) })
    expect(variables).toMatchObject({ SCRIPT_FILENAME: '/srv/site/index.php', REMOTE_ADDR: '192.0.2.7' })
    expect(Object.keys(variables).filter((name) => variables[name] === 'evil')).toEqual(
      names.map((name) => `HTTP_${name.toUpperCase().replaceAll('-', '_')}`),
    )
  })

  it('tell path info, and where it would be on the disk', () => {
    const parts = { ...script, pathInfo: '/Main/Page', address: '/index.php/Main/Page' }
    expect(toRecord(buildEnvironment(outgoing('/'), parts, '/srv/site', {}, undefined))).toMatchObject({
      PATH_INFO: '/Main/Page',
      PATH_TRANSLATED: '/srv/site/Main/Page',
      SCRIPT_NAME: '/index.php',
      DOCUMENT_URI: '/index.php/Main/Page',
    })
  })

  it("can be completed by the site's own, in the bytes of UTF-8", () => {
    const site = { serverName: '_', serverSoftware: 'Apache', variables: { APP_ENV: 'caf\u00e9', SERVER_PORT: '1' } }
    expect(environmentOf('/', {}, site)).toMatchObject({
      SERVER_NAME: '_',
      SERVER_SOFTWARE: 'Apache',
      APP_ENV: 'caf\u00c3\u00a9',
      SERVER_PORT: '1',
    })
  })
})

// --- internal ---

function environmentOf(
  target: string,
  question: Question,
  site: FastcgiSite = {},
  bodyBytes?: number,
): Record<string, string> {
  return toRecord(buildEnvironment(outgoing(target, question), script, '/srv/site', site, bodyBytes))
}

function toRecord(parameters: readonly string[]): Record<string, string> {
  const names = parameters.filter((_, i) => i % 2 === 0)
  expect(new Set(names).size).toBe(names.length)
  return Object.fromEntries(names.map((name, i) => [name, parameters[i * 2 + 1] as string]))
}
