import { type Case, either, get, host, type PassingRow, passing, refusals, request, should } from '../case.ts'

/** Targets that PHP must get byte for byte: a legacy site has links of every kind. */
const raw: Readonly<Record<string, string>> = {
  plain: '/a/b.php',
  'query-empty': '/a?',
  'query-question-marks': '/a?b?c??d',
  'query-brackets': '/a?x[]=1&x[]=2&y[k]=v',
  'query-odd-characters': '/a?q=a|b^c{d}`e\\f"g<h>',
  'query-plus-and-percent': '/a?q=a+b%20c%2B%26%3D',
  'query-url': '/a?next=http://b.test/c?d=e',
  'query-dots': '/a?f=../../etc/passwd',
  'query-many-ampersands': '/a?&&a=1&&&b',
  'query-semicolons': '/a;jsessionid=1?b;c=2',
  'query-8000': `/a?q=${'x'.repeat(7_900)}`,
  'double-slash': '/a//b///c',
  'double-slash-first': '//a/b',
  'dot-segment': '/a/./b',
  'dot-dot-segment': '/a/b/../c',
  'trailing-slash': '/a/b/',
  'percent-dot': '/a/%2e/b',
  'percent-dot-dot': '/a/b/%2e%2E/c',
  'percent-slash': '/a%2Fb%2fc',
  'percent-backslash': '/a%5Cb',
  'percent-twice': '/a%2520b',
  'percent-utf-8': '/caf%C3%A9/%c3%a9',
  'percent-latin-1': '/caf%E9',
  'percent-unreserved': '/%61%7e~',
  'percent-newline': '/a%0d%0aX:%20y',
  'sub-delims': "/a!$&'()*+,;=:@b",
  'path-info': '/index.php/a/b?c=d',
  backslash: '/a\\b',
  colon: '/a:b/c:80',
  tilde: '/~user/',
  upper: '/A/B.PHP?Q=R',
  'at-sign': '/@user',
  asterisk: '/*',
}

const untouched: readonly Case[] = passing(
  Object.entries(raw).map(
    ([id, target]): PassingRow => [
      `target-${id}`,
      `${target.slice(0, 40)} reaches PHP as it is`,
      'RFC 9110 7.6; pitfall 10',
      get(target),
      { start: `GET ${target} HTTP/1.1` },
    ],
  ),
)

const choice: readonly Case[] = either(
  (
    [
      ['percent-alone', '/100%', 'a percent sign without digits'],
      ['percent-odd', '/%zz?%', 'a percent sign with other letters'],
      ['percent-nul', '/a%00b', 'an encoded NUL'],
      ['above-root', '/../a', 'a path above the root'],
      ['above-root-encoded', '/%2e%2e/a', 'an encoded path above the root'],
      ['8-bit', '/caf\xe9?q=\xc3\xa9', '8-bit bytes, as old links have them,'],
      ['utf-8-path', '/caf\xc3\xa9', 'plain UTF-8'],
    ] as const
  ).map(([id, target, what]) => [
    `target-${id}`,
    `${what} in the target stays as it is, or is refused`,
    'RFC 9112 3.2; RFC 3986 2.1',
    get(target),
    { start: `GET ${target} HTTP/1.1` },
    400,
  ]),
)

const refusedTargets: readonly Case[] = refusals([
  ['target-space', 'a space in the target is refused', 'RFC 9112 3.2', get('/a b'), [400, 505]],
  ['target-fragment', 'a fragment is refused', 'RFC 9112 3.2', get('/a#b')],
  ['target-fragment-query', 'a fragment behind a query is refused', 'RFC 9112 3.2', get('/a?b#c')],
  ['target-no-slash', 'a target that is no path is refused', 'RFC 9112 3.2', get('foo')],
  ['target-query-only', 'a query without a path is refused', 'RFC 9112 3.2', get('?a=b')],
  ['target-dot', 'a relative path is refused', 'RFC 9112 3.2', get('./a')],
  ['target-backslash-first', 'a backslash is no path', 'RFC 9112 3.2', get('\\a')],
  ['target-authority', 'an authority is a target for CONNECT only', 'RFC 9112 3.2.3', get(`${host}:80`)],
  ['target-asterisk-get', '`*` is a target for OPTIONS only', 'RFC 9112 3.2.4', get('*')],
  ['target-asterisk-path', '`*/a` is no target', 'RFC 9112 3.2.4', request('OPTIONS */a HTTP/1.1')],
  ['target-nul', 'NUL in the target is refused', 'RFC 9112 3.2', get('/a\0b')],
  ['target-control', 'a control byte in the target is refused', 'RFC 9112 3.2', get('/a\x01b')],
  ['target-delete', 'DEL in the target is refused', 'RFC 9112 3.2', get('/a\x7fb')],
  ['target-tab', 'a tab in the target is refused', 'RFC 9112 3.2', get('/a\tb'), [400, 505]],
  [
    'target-long',
    'a target of 100,000 octets is too long',
    'RFC 9110 15.5.15',
    get(`/${'a'.repeat(100_000)}`),
    [400, 414, 431],
  ],
  [
    'target-endless',
    'a target without end is refused before it ends',
    'RFC 9110 15.5.15',
    `GET /${'a'.repeat(400_000)}`,
    [400, 414, 431],
  ],
])

const absolute = (target: string, hostLine = host): string => `GET ${target} HTTP/1.1\r\nHost: ${hostLine}\r\n\r\n`
const hostIs = (name: string): RegExp => new RegExp(`^host: ${name.replaceAll('.', '\\.')}$`, 'i')

const absoluteForm: readonly Case[] = [
  ...passing(
    (
      [
        ['same-host', `http://${host}/x?y`, host, '/x?y'],
        ['upper-case-scheme', `HTTP://${host}/x`, host, '/x'],
        ['upper-case-host', `http://A.Test/x`, host, '/x'],
        ['no-path', `http://${host}`, host, '/'],
        ['no-path-query', `http://${host}?y=1`, host, '/?y=1'],
        ['port', `http://${host}:8080/x`, `${host}:8080`, '/x'],
        ['dots', `http://${host}/a/../b//c`, host, '/a/../b//c'],
        ['url-in-query', `http://${host}/a?u=http://b.test/`, host, '/a?u=http://b.test/'],
      ] as const
    ).map(([id, target, hostLine, path]): PassingRow => {
      const title = `${target} is ${path} of its host`
      const php = { start: `GET ${path} HTTP/1.1`, has: [hostIs(hostLine)] }
      return [`absolute-${id}`, title, 'RFC 9112 3.2.2', absolute(target, hostLine), php]
    }),
  ),
  ...either([
    [
      'absolute-other-host',
      'the URL wins over Host, or both must be the same',
      'RFC 9112 3.2.2',
      absolute('http://b.test/x'),
      { start: 'GET /x HTTP/1.1', has: [hostIs('b.test'), /^x-forwarded-host: b\.test$/i] },
      [400, 421],
    ],
    [
      'absolute-other-port',
      'the port of the URL wins over that of Host, or both must be the same',
      'RFC 9112 3.2.2',
      absolute(`http://${host}:81/x`),
      { start: 'GET /x HTTP/1.1', has: [hostIs(`${host}:81`)] },
      [400, 421],
    ],
    [
      'absolute-https',
      'an https URL on the plain port is its path, or refused',
      'RFC 9110 4.2.2, 7.4',
      absolute(`https://${host}/x`),
      { start: 'GET /x HTTP/1.1', has: [/^x-forwarded-proto: http$/i] },
      [400, 421],
    ],
    [
      'absolute-default-port',
      'port 80 of the URL is no other host than none, or is refused',
      'RFC 9110 4.2.3',
      absolute(`http://${host}:80/x`),
      { start: 'GET /x HTTP/1.1' },
      400,
    ],
  ]),
  ...refusals([
    ['absolute-userinfo', 'userinfo in the URL is refused', 'RFC 9110 4.2.4', absolute(`http://u:p@${host}/x`)],
    ['absolute-userinfo-trick', 'a host in userinfo is refused', 'RFC 9110 4.2.4', absolute(`http://${host}@b.test/x`)],
    ['absolute-fragment', 'a fragment in the URL is refused', 'RFC 9112 3.2.2', absolute(`http://${host}/x#y`)],
    ['absolute-no-host', 'a URL without host is refused', 'RFC 9110 4.2.1', absolute('http:///x')],
    ['absolute-nothing', 'a URL of a scheme alone is refused', 'RFC 9110 4.2.1', absolute('http://')],
    ['absolute-one-slash', '`http:/x` is no URL with a host', 'RFC 9110 4.2.1', absolute('http:/x')],
    ['absolute-ftp', 'other schemes are refused', 'RFC 9110 4.2', absolute(`ftp://${host}/x`)],
    ['absolute-file', '`file:` is refused', 'RFC 9110 4.2', absolute('file:///etc/passwd')],
    ['absolute-javascript', '`javascript:` is refused', 'RFC 9110 4.2', absolute('javascript:alert(1)')],
    [
      'absolute-without-host-line',
      'a URL does not replace Host',
      'RFC 9112 3.2',
      `GET http://${host}/x HTTP/1.1\r\n\r\n`,
    ],
    [
      'absolute-backslash',
      'a backslash does not end the host',
      'RFC 9110 4.2.1',
      absolute(`http://${host}\\@b.test/x`),
    ],
    [
      'absolute-bad-port',
      'a port that is none is refused',
      'RFC 3986 3.2.3',
      absolute(`http://${host}:8x/x`, `${host}:8x`),
    ],
  ]),
  {
    id: 'absolute-1-0',
    title: 'a URL in HTTP/1.0 without Host is its path, for its host, or is refused',
    source: 'RFC 9112 3.2.2',
    level: 'must',
    client: 'GET http://b.test/x HTTP/1.0\r\n\r\n',
    expect: [
      { answers: [200], connection: 'closed', php: [{ start: /^GET \/x /, has: [hostIs('b.test')] }] },
      { answers: [400], connection: 'closed', php: 'nothing' },
    ],
  },
]

const asterisk: readonly Case[] = [
  {
    id: 'asterisk-options',
    title: '`OPTIONS *` is answered by Fig, or goes to PHP as it is',
    source: 'RFC 9110 9.3.7',
    level: 'must',
    client: request('OPTIONS * HTTP/1.1'),
    expect: [
      { answers: [{ status: [200, 204] }], connection: 'kept', php: 'nothing' },
      { answers: [200], connection: 'kept', php: [{ start: 'OPTIONS * HTTP/1.1' }] },
    ],
  },
  {
    id: 'asterisk-options-absolute',
    title: 'OPTIONS of a URL without path is about the server or about its root',
    source: 'RFC 9112 3.2.4',
    level: 'must',
    client: request(`OPTIONS http://${host} HTTP/1.1`),
    expect: [
      { answers: [{ status: [200, 204] }], connection: 'kept', php: 'nothing' },
      { answers: [200], connection: 'kept', php: [{ start: /^OPTIONS [*/] HTTP\/1\.1$/ }] },
    ],
  },
  {
    id: 'asterisk-options-body',
    title: '`OPTIONS *` with a body leaves the connection in step',
    source: 'RFC 9110 9.3.7',
    level: 'must',
    client: request('OPTIONS * HTTP/1.1', ['Content-Length: 5'], 'GET /'),
    expect: [
      { answers: [{ status: [200, 204] }], connection: 'kept', php: 'nothing' },
      { answers: [200], connection: 'kept', php: [{ start: 'OPTIONS * HTTP/1.1', body: 'GET /' }] },
      { answers: [{ status: [200, 204, 400, 413] }], connection: 'closed', php: 'nothing' },
    ],
  },
  {
    id: 'max-forwards-0',
    title: 'OPTIONS that may go no further is answered by Fig',
    source: 'RFC 9110 7.6.2',
    level: 'must',
    client: request('OPTIONS / HTTP/1.1', ['Max-Forwards: 0']),
    expect: { answers: [{ status: [200, 204] }], connection: 'kept', php: 'nothing' },
  },
  ...passing([
    [
      'max-forwards-5',
      'OPTIONS that may go further counts this hop',
      'RFC 9110 7.6.2',
      request('OPTIONS /o HTTP/1.1', ['Max-Forwards: 5']),
      { start: 'OPTIONS /o HTTP/1.1', has: ['Max-Forwards: 4'] },
    ],
    [
      'max-forwards-get',
      'on GET the header means nothing',
      'RFC 9110 7.6.2',
      get('/o', 'Max-Forwards: 0'),
      { start: 'GET /o HTTP/1.1' },
    ],
  ]),
]

const strict: readonly Case[] = should([
  ...passing([
    [
      'target-8-bit-kept',
      '8-bit bytes in the target are kept',
      'pitfall 10',
      get('/caf\xe9?q=\xc3\xa9'),
      { start: 'GET /caf\xe9?q=\xc3\xa9 HTTP/1.1' },
    ],
    [
      'target-percent-alone-kept',
      'a percent sign alone is kept',
      'pitfall 10',
      get('/100%?50%'),
      { start: 'GET /100%?50% HTTP/1.1' },
    ],
  ]),
  ...refusals([
    ['target-long-414', 'a target of 100,000 octets gets 414', 'RFC 9110 15.5.15', get(`/${'a'.repeat(100_000)}`), 414],
    ['trace-405', 'TRACE gets 405 or 501', 'RFC 9110 9.3.8', request('TRACE / HTTP/1.1'), [405, 501]],
  ]),
])

export const targetCases: readonly Case[] = [
  ...untouched,
  ...choice,
  ...refusedTargets,
  ...absoluteForm,
  ...asterisk,
  ...strict,
]
