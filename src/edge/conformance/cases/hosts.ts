import { type Case, either, type PassingRow, passing, type RefusalRow, refusals, request } from '../case.ts'

const withHost = (...values: readonly string[]): string =>
  ['GET /h HTTP/1.1', ...values.map((value) => `Host:${value}`), '', ''].join('\r\n')

/** Host lines that PHP must get as they are. */
const valid: Readonly<Record<string, string>> = {
  name: 'www.example.com',
  'name-with-port': 'www.example.com:8080',
  'default-port': 'www.example.com:80',
  'upper-case': 'WWW.Example.COM',
  'trailing-dot': 'www.example.com.',
  underscore: 'my_site.example.com',
  hyphens: 'a--b.xn--caf-dma.test',
  digits: '123.test',
  ipv4: '192.0.2.1',
  'ipv4-with-port': '192.0.2.1:81',
  ipv6: '[2001:db8::1]',
  'ipv6-with-port': '[2001:db8::1]:8080',
  'ipv6-v4': '[::ffff:192.0.2.1]',
  single: 'localhost',
  long: `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.test`,
}

const kept: readonly Case[] = passing([
  ...Object.entries(valid).map(
    ([id, value]): PassingRow => [
      `host-${id}`,
      `Host: ${value.slice(0, 40)} reaches PHP as it is, and so does X-Forwarded-Host`,
      'RFC 9110 7.2',
      withHost(` ${value}`),
      { has: [hostLine(value), `X-Forwarded-Host: ${value}`] },
    ],
  ),
  [
    'host-no-space',
    'no space before the host is needed',
    'RFC 9112 5.1',
    withHost('a.test'),
    { has: [hostLine('a.test')] },
  ],
  [
    'host-white-space',
    'white space around the host is not of it',
    'RFC 9112 5.1',
    withHost(' \t a.test \t'),
    { has: [hostLine('a.test')] },
  ],
  [
    'host-name-lower-case',
    'the header name is not case-sensitive',
    'RFC 9110 5.1',
    'GET /h HTTP/1.1\r\nhOST: a.test\r\n\r\n',
    { has: [/^host: a\.test$/i] },
  ],
])

const open: readonly Case[] = either([
  [
    'host-empty-port',
    'a colon without port passes or is refused',
    'RFC 3986 3.2.3',
    withHost(' a.test:'),
    { has: [/^host: a\.test:?$/i] },
    400,
  ],
  [
    'host-percent',
    'an encoded name passes or is refused',
    'RFC 3986 3.2.2',
    withHost(' a%2dtest'),
    { has: [hostLine('a%2dtest')] },
    400,
  ],
  [
    'host-sub-delims',
    'an odd name passes or is refused',
    'RFC 3986 3.2.2',
    withHost(' a!$b'),
    { has: [hostLine('a!$b')] },
    400,
  ],
  [
    'host-very-long',
    'a name of 5,000 letters passes or is refused',
    'RFC 3986 3.2.2',
    withHost(` ${'a'.repeat(5_000)}`),
    {},
    [400, 431],
  ],
])

const refusedHosts: readonly Case[] = refusals([
  ['host-missing', 'a request without Host is refused', 'RFC 9112 3.2', 'GET /h HTTP/1.1\r\n\r\n'],
  [
    'host-missing-others',
    'other headers do not stand in for Host',
    'RFC 9112 3.2',
    'GET /h HTTP/1.1\r\nX-Forwarded-Host: a.test\r\n\r\n',
  ],
  ['host-twice', 'two hosts are refused', 'RFC 9112 3.2', withHost(' a.test', ' b.test')],
  ['host-twice-same', 'the same host twice is refused', 'RFC 9112 3.2', withHost(' a.test', ' a.test')],
  [
    'host-twice-case',
    'two hosts in different case are refused',
    'RFC 9112 3.2',
    'GET /h HTTP/1.1\r\nHost: a.test\r\nhost: b.test\r\n\r\n',
  ],
  [
    'host-twice-apart',
    'a second host at the end of the head is refused',
    'RFC 9112 3.2',
    request('GET /h HTTP/1.1', ['A: b', 'C: d', 'HOST: b.test']),
  ],
  ['host-twice-empty', 'a second, empty host is refused', 'RFC 9112 3.2', withHost(' a.test', '')],
  ...Object.entries({
    empty: '',
    spaces: '   ',
    list: ' a.test, b.test',
    'list-no-space': ' a.test,b.test',
    comma: ' ,',
    userinfo: ' user@a.test',
    'userinfo-port': ' user:80@a.test',
    path: ' a.test/b',
    query: ' a.test?b',
    fragment: ' a.test#b',
    url: ' http://a.test',
    backslash: ' a.test\\b',
    'space-inside': ' a test',
    'tab-inside': ' a\ttest',
    'port-letters': ' a.test:abc',
    'port-too-large': ' a.test:99999',
    'port-huge': ' a.test:80808080808080808080',
    'port-signed': ' a.test:-80',
    'port-twice': ' a.test:80:81',
    'port-alone': ' :80',
    'ipv6-open': ' [::1',
    'ipv6-bare': ' ::1',
    'ipv6-tail': ' [::1]x',
    'ipv6-letters': ' [::g]',
    'ipv6-empty': ' []',
    '8-bit': ' caf\xe9.test',
    'utf-8': ' caf\xc3\xa9.test',
    nul: ' a\0.test',
    control: ' a\x01.test',
    'bare-cr': ' a\r.test',
    quotes: ' "a.test"',
    less: ' <a.test>',
    braces: ' {a}',
  }).map(([id, value]): RefusalRow => {
    const shown = JSON.stringify(value.trim())
    return [`host-${id}`, `Host: ${shown} is refused`, 'RFC 9112 3.2; RFC 9110 4.2.4', withHost(value)]
  }),
])

const old: readonly Case[] = [
  {
    id: 'host-1-0',
    title: 'HTTP/1.0 may have a Host, and PHP gets it',
    source: 'RFC 9112 3.2',
    level: 'must',
    client: 'GET /h HTTP/1.0\r\nHost: a.test\r\n\r\n',
    expect: { answers: [200], connection: 'closed', php: [{ has: [hostLine('a.test')] }] },
  },
  {
    id: 'host-1-0-twice',
    title: 'two hosts are refused in HTTP/1.0 too',
    source: 'RFC 9112 3.2',
    level: 'must',
    client: 'GET /h HTTP/1.0\r\nHost: a.test\r\nHost: b.test\r\n\r\n',
    expect: { answers: [400], connection: 'closed', php: 'nothing' },
  },
]

export const hostCases: readonly Case[] = [...kept, ...open, ...refusedHosts, ...old]

// --- internal ---

/** The case of the name is nobody's concern. */
function hostLine(value: string): RegExp {
  return new RegExp(`^host: ${value.replace(/[.[\]!$*+?(){}|^\\]/g, '\\$&')}$`, 'i')
}
