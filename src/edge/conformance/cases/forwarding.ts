import { type Case, get, host, type PhpExpectation, passing, request, should } from '../case.ts'

type Row = readonly [id: string, title: string, lines: readonly string[], php: PhpExpectation]

const untrusted: readonly Row[] = [
  [
    'default',
    'PHP is told who asks, in which scheme, for which host and port',
    [],
    {
      has: [
        'X-Forwarded-For: 127.0.0.1',
        'X-Forwarded-Proto: http',
        `X-Forwarded-Host: ${host}`,
        'X-Forwarded-Port: 80',
        'X-Real-IP: 127.0.0.1',
      ],
    },
  ],
  [
    'for',
    'X-Forwarded-For of a stranger is replaced',
    ['X-Forwarded-For: 6.6.6.6'],
    { values: { 'X-Forwarded-For': ['127.0.0.1'] } },
  ],
  [
    'for-twice',
    'two X-Forwarded-For of a stranger are replaced by one',
    ['X-Forwarded-For: 6.6.6.6', 'x-forwarded-for: 6.6.6.7'],
    { values: { 'X-Forwarded-For': ['127.0.0.1'] } },
  ],
  [
    'for-case',
    'the case of the name hides nothing',
    ['x-FORWARDED-for: 6.6.6.6'],
    { values: { 'X-Forwarded-For': ['127.0.0.1'] } },
  ],
  [
    'proto',
    'X-Forwarded-Proto of a stranger is replaced',
    ['X-Forwarded-Proto: https'],
    { values: { 'X-Forwarded-Proto': ['http'] } },
  ],
  [
    'host',
    'X-Forwarded-Host of a stranger is replaced',
    ['X-Forwarded-Host: evil.test'],
    { values: { 'X-Forwarded-Host': [host] } },
  ],
  [
    'port',
    'X-Forwarded-Port of a stranger is replaced',
    ['X-Forwarded-Port: 443'],
    { values: { 'X-Forwarded-Port': ['80'] } },
  ],
  [
    'real-ip',
    'X-Real-IP of a stranger is replaced',
    ['X-Real-IP: 6.6.6.6'],
    { values: { 'X-Real-IP': ['127.0.0.1'] } },
  ],
  [
    'forwarded',
    'Forwarded of a stranger is not passed on',
    ['Forwarded: for=6.6.6.6;proto=https'],
    { values: { Forwarded: [] } },
  ],
  [
    'forwarded-two',
    'Forwarded in two lines is not passed on',
    ['Forwarded: for=6.6.6.6', 'forwarded: for=6.6.6.7'],
    { values: { Forwarded: [] } },
  ],
  ['ssl', 'X-Forwarded-Ssl of a stranger is not passed on', ['X-Forwarded-Ssl: on'], { lacks: ['X-Forwarded-Ssl'] }],
  [
    'scheme',
    'X-Forwarded-Scheme of a stranger is not passed on',
    ['X-Forwarded-Scheme: https'],
    { lacks: ['X-Forwarded-Scheme'] },
  ],
  [
    'prefix',
    'X-Forwarded-Prefix of a stranger is not passed on',
    ['X-Forwarded-Prefix: /evil'],
    { lacks: ['X-Forwarded-Prefix'] },
  ],
  [
    'server',
    'X-Forwarded-Server of a stranger is not passed on',
    ['X-Forwarded-Server: evil'],
    { lacks: ['X-Forwarded-Server'] },
  ],
  [
    'request-id',
    'X-Request-Id of a stranger is replaced',
    ['X-Request-Id: mine-mine-mine'],
    { has: [/^X-Request-Id: (?!mine)\S{8,}$/i] },
  ],
  ['httpoxy', '`Proxy` does not become HTTP_PROXY (CVE-2016-5385)', ['Proxy: http://evil.test'], { lacks: ['Proxy'] }],
  ['httpoxy-case', '`PROXY` does not either', ['PROXY: http://evil.test'], { lacks: ['Proxy'] }],
  [
    'original-url',
    'X-Original-URL does not change the path behind the route',
    ['X-Original-URL: /admin'],
    { lacks: ['X-Original-URL'] },
  ],
  [
    'rewrite-url',
    'X-Rewrite-URL does not change the path behind the route',
    ['X-Rewrite-URL: /admin'],
    { lacks: ['X-Rewrite-URL'] },
  ],
]

/** CGI makes one variable of `X-Real-IP` and `X_Real_IP`. */
const twins = [
  'X_Forwarded_For',
  'X_Forwarded_Proto',
  'X_Forwarded_Host',
  'X_Forwarded-For',
  'X_Real_IP',
  'x_real-ip',
  'X_Request_Id',
  'X_Original_URL',
  'X_Rewrite_URL',
  'X_HTTP_Method_Override',
  'X.Forwarded.For',
]

const kept: readonly Row[] = [
  ['via', 'a Via of others stays', ['Via: 1.0 fred'], { has: [/^Via: 1\.0 fred(?:,|$)/] }],
  [
    'custom-ip',
    'headers that Fig knows nothing about stay',
    ['X-Client-IP: 1.2.3.4', 'CF-Ray: x'],
    { lines: ['X-Client-IP: 1.2.3.4', 'CF-Ray: x'] },
  ],
  [
    'origin',
    'Origin and Referer stay',
    ['Origin: http://b.test', 'Referer: http://b.test/x'],
    { lines: ['Origin: http://b.test', 'Referer: http://b.test/x'] },
  ],
  [
    'cookie-own',
    "Fig's own cookie does not reach PHP, the others stay byte for byte",
    ['Cookie: a=1;  b="2" ; fig_visitor=AAAA; xfig_visitor=3'],
    { has: ['Cookie: a=1;  b="2" ; xfig_visitor=3'] },
  ],
  [
    'cookie-own-only',
    "Fig's own cookie alone leaves no Cookie header",
    ['Cookie: fig_visitor=AAAA'],
    { lacks: ['Cookie'] },
  ],
  ['request-id-made', 'PHP gets a request id', [], { has: [/^X-Request-Id: \S{8,}$/i] }],
]

const proxied = [
  'X-Forwarded-For: 203.0.113.9',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: www.b.test',
  'X-Request-Id: balancer-42',
]

const trustedRows: readonly (readonly [...Row, trusted: readonly string[]])[] = [
  [
    'trusted',
    'a trusted proxy is believed, and its chain goes on',
    proxied,
    {
      has: [
        'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: www.b.test',
        'X-Real-IP: 203.0.113.9',
        'X-Request-Id: balancer-42',
        'X-Forwarded-Port: 443',
      ],
    },
    ['127.0.0.1'],
  ],
  ['trusted-block', 'a block of addresses is trusted', proxied, { has: ['X-Real-IP: 203.0.113.9'] }, ['127.0.0.0/8']],
  [
    'trusted-other',
    'another address is not trusted',
    proxied,
    { has: ['X-Real-IP: 127.0.0.1', 'X-Forwarded-Proto: http'] },
    ['10.0.0.0/8', '127.0.0.2'],
  ],
  [
    'trusted-mapped',
    'an IPv4 block trusts no more than it says',
    proxied,
    { has: ['X-Real-IP: 127.0.0.1'] },
    ['::1', '::ffff:10.0.0.1'],
  ],
  [
    'trusted-chain',
    'the visitor is the last one whom no trusted proxy vouches for',
    ['X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3'],
    { has: ['X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.2.3, 127.0.0.1', 'X-Real-IP: 203.0.113.9'] },
    ['127.0.0.1', '10.0.0.0/8'],
  ],
  [
    'trusted-lines',
    'a chain in two lines is one chain',
    ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.9'],
    { has: [/^X-Forwarded-For: 6\.6\.6\.6, ?203\.0\.113\.9, ?127\.0\.0\.1$/, 'X-Real-IP: 203.0.113.9'] },
    ['127.0.0.1'],
  ],
  [
    'trusted-garbage',
    'garbage in a chain is no address',
    ['X-Forwarded-For: 6.6.6.6, <script>'],
    { has: [/^X-Real-IP: 127\.0\.0\.1$/] },
    ['127.0.0.1'],
  ],
  [
    'trusted-unknown',
    '`unknown` in a chain is no address',
    ['X-Forwarded-For: unknown'],
    { has: [/^X-Real-IP: 127\.0\.0\.1$/] },
    ['127.0.0.1'],
  ],
  [
    'trusted-proto-odd',
    'another scheme than http and https is not believed',
    ['X-Forwarded-Proto: gopher'],
    { has: ['X-Forwarded-Proto: http'] },
    ['127.0.0.1'],
  ],
  [
    'trusted-host-odd',
    'a host that is none is not believed',
    ['X-Forwarded-Host: a/b@c'],
    { has: [`X-Forwarded-Host: ${host}`] },
    ['127.0.0.1'],
  ],
  [
    'trusted-nothing',
    'a trusted proxy that says nothing is the visitor',
    [],
    { has: ['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Proto: http', 'X-Real-IP: 127.0.0.1'] },
    ['127.0.0.1'],
  ],
  [
    'trusted-ipv6',
    'an IPv6 visitor is understood',
    ['X-Forwarded-For: 2001:db8::7'],
    { has: ['X-Real-IP: 2001:db8::7'] },
    ['127.0.0.1'],
  ],
  [
    'trusted-v4-mapped',
    'a mapped IPv4 address is an IPv4 address',
    ['X-Forwarded-For: 6.6.6.6, ::ffff:10.1.2.3'],
    { has: ['X-Real-IP: 6.6.6.6'] },
    ['127.0.0.1', '10.0.0.0/8'],
  ],
  [
    'trusted-forwarded',
    'Forwarded of a trusted proxy goes on, with this hop',
    ['Forwarded: for=203.0.113.9;proto=https'],
    { has: [/^Forwarded: for=203\.0\.113\.9;proto=https, ?for=127\.0\.0\.1/] },
    ['127.0.0.1'],
  ],
  [
    'trusted-deceiving',
    'a trusted proxy cannot vouch for `Proxy`',
    ['Proxy: http://evil.test'],
    { lacks: ['Proxy'] },
    ['127.0.0.1'],
  ],
  [
    'trusted-request-id-odd',
    'a request id of odd bytes is replaced',
    ['X-Request-Id: a b\xe9<x>'],
    { has: [/^X-Request-Id: [\w.-]+$/i] },
    ['127.0.0.1'],
  ],
]

const cases = (rows: readonly Row[], trusted: readonly string[] = []): readonly Case[] =>
  passing(
    rows.map(([id, title, lines, php]) => [
      `forwarded-${id}`,
      title,
      'RFC 7239 8; pitfall 9',
      get('/f', ...lines),
      php,
    ]),
  ).map((item) => (trusted.length === 0 ? item : { ...item, fig: { trusted } }))

export const forwardingCases: readonly Case[] = [
  ...cases(untrusted),
  ...cases(
    twins.map(
      (name): Row => [
        `twin-${name.toLowerCase()}`,
        `${name} does not pass for its twin`,
        [`${name}: 6.6.6.6`],
        { lacks: [name] },
      ],
    ),
  ),
  ...cases(kept),
  ...trustedRows.flatMap(([id, title, lines, php, trusted]) => cases([[id, title, lines, php]], trusted)),
  ...passing([
    [
      'forwarded-host-port',
      "the port of Host is X-Forwarded-Port's",
      'pitfall 2',
      'GET /f HTTP/1.1\r\nHost: b.test:8080\r\n\r\n',
      { has: [/^host: b\.test:8080$/i, 'X-Forwarded-Host: b.test:8080', 'X-Forwarded-Port: 8080'] },
    ],
    [
      'forwarded-post',
      'a request with a body gets the same headers',
      'RFC 7239 8',
      request('POST /f HTTP/1.1', ['Content-Length: 3', 'X-Forwarded-For: 6.6.6.6'], 'abc'),
      { has: ['X-Forwarded-For: 127.0.0.1'], body: 'abc' },
    ],
  ]),
  ...should(
    cases([
      [
        'method-override',
        'X-HTTP-Method-Override is a word of the site and reaches PHP as it came',
        ['X-HTTP-Method-Override: DELETE'],
        { has: ['X-HTTP-Method-Override: DELETE'] },
      ],
    ]),
  ),
]
