import { behind, type Case, either, get, host, passing, refusals, request, should } from '../case.ts'

const line = (start: string, ...lines: readonly string[]): string => request(start, lines)
const withoutBody = ['GET', 'OPTIONS', 'DELETE', 'PATCH', 'PROPFIND', 'REPORT', 'SEARCH', 'PURGE', 'LINK', 'M-SEARCH']

const methods: readonly Case[] = [
  ...passing(
    withoutBody.map((method) => [
      `method-${method.toLowerCase()}`,
      `${method} goes to PHP under its name`,
      'RFC 9110 9.1',
      line(`${method} /m HTTP/1.1`),
      { start: `${method} /m HTTP/1.1` },
    ]),
  ),
  ...passing(
    ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'BREW'].map((method) => [
      `method-body-${method.toLowerCase()}`,
      `${method} carries its body`,
      'RFC 9110 9.3',
      request(`${method} /m HTTP/1.1`, ['Content-Length: 5'], 'hello'),
      { start: `${method} /m HTTP/1.1`, body: 'hello' },
    ]),
  ),
  ...passing([
    [
      'method-head',
      'HEAD goes as HEAD, and its answer has the length without the body',
      'RFC 9110 9.3.2',
      line('HEAD /m HTTP/1.1'),
      { start: 'HEAD /m HTTP/1.1' },
    ],
    [
      'method-custom',
      "a method that nobody knows is PHP's to judge",
      'RFC 9110 9.1',
      line('FOO /m HTTP/1.1'),
      { start: 'FOO /m HTTP/1.1' },
    ],
    [
      'method-lower-case',
      'methods are case-sensitive: `get` stays `get`',
      'RFC 9110 9.1',
      line('get /m HTTP/1.1'),
      { start: 'get /m HTTP/1.1' },
    ],
    [
      'method-token-characters',
      'a method may be any token',
      'RFC 9110 9.1',
      line('X-_.~!#$%&+^1 /m HTTP/1.1'),
      { start: 'X-_.~!#$%&+^1 /m HTTP/1.1' },
    ],
  ]),
  ...either([
    [
      'method-long',
      'a method of 200 letters passes or is refused',
      'RFC 9112 3',
      line(`${'M'.repeat(200)} /m HTTP/1.1`),
      { start: `${'M'.repeat(200)} /m HTTP/1.1` },
      [400, 501],
    ],
    [
      'method-trace',
      'TRACE is not allowed, or goes to PHP without what is secret',
      'RFC 9110 9.3.8',
      line('TRACE /m HTTP/1.1', 'Cookie: a=1', 'Authorization: x'),
      { start: 'TRACE /m HTTP/1.1', lacks: ['Cookie', 'Authorization'] },
      [403, 405, 501],
    ],
  ]),
  ...refusals([
    ['method-empty', 'a line without method is refused', 'RFC 9112 3', ` /m HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['method-bracket', 'a method with a delimiter is refused', 'RFC 9110 9.1', line('GE(T /m HTTP/1.1'), [400, 501]],
    ['method-slash', 'a method with a slash is refused', 'RFC 9110 9.1', line('GET/x /m HTTP/1.1'), [400, 501]],
    ['method-colon', 'a header in place of the request line is refused', 'RFC 9112 3', line('X: y'), [400, 501, 505]],
    ['method-8-bit', 'a method with an 8-bit byte is refused', 'RFC 9110 9.1', line('G\xc9T /m HTTP/1.1'), [400, 501]],
    ['method-nul', 'a method with NUL is refused', 'RFC 9110 9.1', line('G\0ET /m HTTP/1.1'), [400, 501]],
    [
      'connect-authority',
      'CONNECT opens no tunnel',
      'RFC 9110 9.3.6',
      `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`,
      [400, 403, 405, 501],
    ],
    [
      'connect-path',
      'CONNECT of a path is refused',
      'RFC 9112 3.2.3',
      line('CONNECT / HTTP/1.1'),
      [400, 403, 405, 501],
    ],
    [
      'connect-with-length',
      'CONNECT with a length is refused, its content not read as a request',
      'RFC 9110 9.3.6',
      request(`CONNECT ${host}:443 HTTP/1.1`, [`Content-Length: ${behind.length}`], behind),
      [400, 403, 405, 501],
    ],
    [
      'connect-lower-case',
      '`connect` opens no tunnel either',
      'RFC 9110 9.3.6',
      `connect ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`,
      [400, 403, 405, 501],
    ],
  ]),
]

const versions: readonly Case[] = [
  ...refusals([
    ['version-2', 'HTTP/2.0 in words is refused', 'RFC 9112 2.3', line('GET / HTTP/2.0'), [400, 505]],
    ['version-3', 'HTTP/3.0 is refused', 'RFC 9112 2.3', line('GET / HTTP/3.0'), [400, 505]],
    ['version-0-9', 'HTTP/0.9 with a version is refused', 'RFC 9112 2.3', line('GET / HTTP/0.9'), [400, 505]],
    ['version-none', 'a request line of HTTP/0.9 is refused', 'RFC 9112 3', 'GET /\r\n\r\n', [400, 505]],
    [
      'version-none-headers',
      'headers behind a line without version do not help',
      'RFC 9112 3',
      line('GET /'),
      [400, 505],
    ],
    ['version-lower-case', '`http/1.1` is refused', 'RFC 9112 2.3', line('GET / http/1.1'), [400, 505]],
    ['version-one-digit', '`HTTP/1` is refused', 'RFC 9112 2.3', line('GET / HTTP/1'), [400, 505]],
    ['version-three-digits', '`HTTP/1.10` is refused', 'RFC 9112 2.3', line('GET / HTTP/1.10'), [400, 505]],
    ['version-zero-before', '`HTTP/01.1` is refused', 'RFC 9112 2.3', line('GET / HTTP/01.1'), [400, 505]],
    ['version-tail', '`HTTP/1.1x` is refused', 'RFC 9112 2.3', line('GET / HTTP/1.1x'), [400, 505]],
    ['version-comma', '`HTTP/1,1` is refused', 'RFC 9112 2.3', line('GET / HTTP/1,1'), [400, 505]],
    ['version-other-name', '`HTTX/1.1` is refused', 'RFC 9112 2.3', line('GET / HTTX/1.1'), [400, 505]],
    ['version-minus', '`HTTP/-1.1` is refused', 'RFC 9112 2.3', line('GET / HTTP/-1.1'), [400, 505]],
    ['version-space-inside', '`HTTP /1.1` is refused', 'RFC 9112 2.3', line('GET / HTTP /1.1'), [400, 505]],
    [
      'version-preface',
      'the preface of HTTP/2 is refused',
      'RFC 9113 3.4',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      [400, 405, 421, 501, 505],
    ],
    [
      'version-twice',
      'a second version is no part of the target',
      'RFC 9112 3',
      line('GET / HTTP/1.1 HTTP/1.1'),
      [400, 505],
    ],
  ]),
  ...either([
    [
      'version-1-2',
      'HTTP/1.2 is read as HTTP/1.1, or refused',
      'RFC 9110 2.5',
      line('GET /v HTTP/1.2'),
      { start: 'GET /v HTTP/1.1' },
      [400, 505],
    ],
  ]),
  {
    id: 'version-1-0',
    title: 'a request in HTTP/1.0 goes to PHP with a Host, and the connection is closed behind it',
    source: 'RFC 9112 9.3',
    level: 'must',
    client: 'GET /old HTTP/1.0\r\n\r\n',
    expect: {
      answers: [{ status: 200, body: 'GET /old' }],
      connection: 'closed',
      php: [{ start: /^GET \/old HTTP\/1\.[01]$/ }],
    },
  },
  {
    id: 'version-tls',
    title: 'a TLS handshake on the plain port is refused or cut',
    source: 'RFC 8446 4.1.2',
    level: 'must',
    client: `\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03${'\x7f\x80\x01'.repeat(50)}\r\n\r\n`,
    expect: [refusedOrCut(true), refusedOrCut(false)],
  },
  {
    id: 'version-ssh',
    title: 'a greeting of SSH is refused or cut',
    source: 'RFC 9112 3',
    level: 'must',
    client: 'SSH-2.0-OpenSSH_9.6\r\n\r\n',
    expect: [refusedOrCut(true), refusedOrCut(false)],
  },
]

const syntax: readonly Case[] = [
  ...refusals([
    ['line-two-spaces', 'two spaces before the target are refused', 'RFC 9112 3', line('GET  / HTTP/1.1')],
    [
      'line-two-spaces-version',
      'two spaces before the version are refused',
      'RFC 9112 3',
      line('GET /  HTTP/1.1'),
      [400, 505],
    ],
    ['line-tab', 'a tab as separator is refused', 'RFC 9112 3', line('GET\t/ HTTP/1.1'), [400, 501]],
    ['line-tab-version', 'a tab before the version is refused', 'RFC 9112 3', line('GET /\tHTTP/1.1'), [400, 505]],
    ['line-leading-space', 'a space before the method is refused', 'RFC 9112 3', line(' GET / HTTP/1.1')],
    ['line-trailing-space', 'a space behind the version is refused', 'RFC 9112 3', line('GET / HTTP/1.1 '), [400, 505]],
    [
      'line-vertical-tab',
      'a vertical tab as separator is refused',
      'RFC 9112 3',
      line('GET\x0b/ HTTP/1.1'),
      [400, 501],
    ],
    ['line-form-feed', 'a form feed as separator is refused', 'RFC 9112 3', line('GET /\x0cHTTP/1.1'), [400, 505]],
    ['line-bare-cr', 'a bare CR in the line is refused', 'RFC 9112 2.2', line('GET /\r HTTP/1.1'), [400, 505]],
    [
      'line-bare-cr-version',
      'a bare CR behind the version is refused',
      'RFC 9112 2.2',
      line('GET / HTTP/1.1\rX: y'),
      [400, 505],
    ],
    ['line-cr-cr-lf', 'CR CR LF is no line end', 'RFC 9112 2.2', line('GET / HTTP/1.1\r'), [400, 505]],
    ['line-bare-lf', 'bare LF is no line end', 'RFC 9112 2.2', `GET / HTTP/1.1\nHost: ${host}\r\n\r\n`, [400, 505]],
    ['line-only-method', 'a method alone is refused', 'RFC 9112 3', line('GET'), [400, 501, 505]],
    ['line-words', 'a line without sense is refused', 'RFC 9112 3', 'hello, world\r\n\r\n', [400, 501, 505]],
    ['line-nul', 'NUL in front of the line is refused', 'RFC 9112 2.2', line('\0GET / HTTP/1.1')],
    ['line-bom', 'a byte order mark is refused', 'RFC 9112 2.2', line('\xef\xbb\xbfGET / HTTP/1.1'), [400, 501]],
  ]),
  ...passing([
    [
      'line-8000-octets',
      'a request line of 8,000 octets passes',
      'RFC 9112 3',
      get(`/${'a'.repeat(7_985)}`),
      { start: `GET /${'a'.repeat(7_985)} HTTP/1.1` },
    ],
  ]),
  {
    id: 'line-slow',
    title: 'a request that comes byte by byte is one request',
    source: 'RFC 9112 2.2',
    level: 'must',
    client: [...post3('/slow')].flatMap((byte) => [byte]),
    expect: { answers: [200], connection: 'kept', php: [{ start: 'POST /slow HTTP/1.1', body: 'abc' }] },
  },
  ...should(
    passing([
      [
        'line-empty-before',
        'an empty line before the request is ignored',
        'RFC 9112 2.2',
        `\r\n${get('/after')}`,
        { start: 'GET /after HTTP/1.1' },
      ],
      [
        'line-empty-twice-before',
        'two empty lines before the request are ignored',
        'RFC 9112 2.2',
        `\r\n\r\n${get('/after')}`,
        { start: 'GET /after HTTP/1.1' },
      ],
    ]),
  ),
]

export const requestLineCases: readonly Case[] = [...methods, ...versions, ...syntax]

// --- internal ---

function post3(target: string): string {
  return request(`POST ${target} HTTP/1.1`, ['Content-Length: 3'], 'abc')
}

function refusedOrCut(answered: boolean) {
  return {
    answers: answered ? [{ status: [400, 405, 426, 497, 501, 505] }] : [],
    php: 'nothing',
    ...(answered ? { connection: 'closed' as const } : {}),
  } as const
}
