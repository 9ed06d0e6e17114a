import {
  type AnswerRow,
  answer,
  answering,
  type BadAnswerRow,
  badAnswers,
  type Case,
  get,
  request,
  should,
} from '../case.ts'

export const head = (...lines: readonly string[]): string => answer([...lines, 'Content-Length: 2'], 'ok')

export const started = (start: string): string => answer(['Content-Length: 2'], 'ok', start)

export const headRequest = request('HEAD / HTTP/1.1')

const statuses = [
  200, 201, 202, 203, 207, 226, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409,
  410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504,
  505, 507, 511, 520, 599,
]

const statusLines: readonly Case[] = [
  {
    id: 'status-all',
    title: 'every status passes with its reason, headers and body',
    source: 'RFC 9110 15',
    level: 'must',
    client: statuses.map((status) => get(`/${status}`)).join(''),
    php: statuses.map((status) =>
      answer([`X-Status: ${status}`, 'Content-Length: 2'], 'ok', `HTTP/1.1 ${status} My Reason`),
    ),
    expect: {
      answers: statuses.map((status) => ({
        status,
        start: `HTTP/1.1 ${status} My Reason`,
        body: 'ok',
        has: [`X-Status: ${status}`],
      })),
      connection: 'kept',
    },
  },
  ...answering([
    [
      'status-unknown',
      'an unknown status passes',
      'RFC 9110 15',
      started('HTTP/1.1 299 Odd'),
      { status: 299, start: 'HTTP/1.1 299 Odd' },
    ],
    [
      'status-reason-long',
      'a long reason passes',
      'RFC 9112 4',
      started(`HTTP/1.1 200 ${'y'.repeat(500)}`),
      { start: `HTTP/1.1 200 ${'y'.repeat(500)}` },
    ],
    [
      'status-reason-utf-8',
      'a reason in UTF-8 keeps its bytes',
      'RFC 9112 4',
      started('HTTP/1.1 200 Tr\xc3\xa8s bien'),
      { start: 'HTTP/1.1 200 Tr\xc3\xa8s bien' },
    ],
    [
      'status-reason-spaces',
      'spaces in a reason stay',
      'RFC 9112 4',
      started('HTTP/1.1 200 a  b'),
      { start: 'HTTP/1.1 200 a  b' },
    ],
    [
      'status-reason-empty',
      'an empty reason passes',
      'RFC 9112 4',
      started('HTTP/1.1 404 '),
      { status: 404, body: 'ok' },
    ],
    [
      'status-reason-none',
      'a status line without reason passes',
      'RFC 9112 4',
      started('HTTP/1.1 404'),
      { status: 404, body: 'ok' },
    ],
    [
      'status-1-0',
      'an answer in HTTP/1.0 becomes one in HTTP/1.1',
      'RFC 9112 2.3',
      started('HTTP/1.0 200 OK'),
      { start: 'HTTP/1.1 200 OK', body: 'ok' },
    ],
    [
      'status-reason-deceiving',
      'a reason that looks like a status is a reason',
      'RFC 9112 4',
      started('HTTP/1.1 200 404 Not Found'),
      { start: 'HTTP/1.1 200 404 Not Found' },
    ],
  ]),
  ...badAnswers(
    [
      ['status-two-digits', 'a status of two digits', '4', started('HTTP/1.1 20 OK')],
      ['status-four-digits', 'a status of four digits', '4', started('HTTP/1.1 2000 OK')],
      ['status-letters', 'a status of letters', '4', started('HTTP/1.1 abc OK')],
      ['status-zero', 'a status of 000', '4', started('HTTP/1.1 000 OK')],
      ['status-099', 'a status of 099', '4', started('HTTP/1.1 099 OK')],
      ['status-negative', 'a status with a sign', '4', started('HTTP/1.1 -200 OK')],
      ['status-none', 'no status', '4', started('HTTP/1.1 ')],
      ['status-lower-case', 'a protocol in lower case', '4', started('http/1.1 200 OK')],
      ['status-other-protocol', 'another protocol', '4', started('ICY 200 OK')],
      [
        'status-version-2',
        'another major version',
        '4',
        started('HTTP/2.0 200 OK'),
        { status: 200, start: 'HTTP/1.1 200 OK' },
      ],
      [
        'status-version-1-2',
        'another minor version',
        '4',
        started('HTTP/1.2 200 OK'),
        { status: 200, start: 'HTTP/1.1 200 OK' },
      ],
      ['status-version-none', 'a version of one digit', '4', started('HTTP/1 200 OK')],
      ['status-version-digits', 'a version of many digits', '4', started('HTTP/1.10 200 OK')],
      ['status-600', 'a status of 600', '4', started('HTTP/1.1 600 Odd'), { status: 600 }],
      ['status-999', 'a status of 999', '4', started('HTTP/1.1 999 Odd'), { status: 999 }],
      ['status-two-spaces', 'two spaces before the status', '4', started('HTTP/1.1  200 OK'), { status: 200 }],
      ['status-tab', 'a tab before the status', '4', started('HTTP/1.1\t200 OK'), { status: 200 }],
      ['status-leading-space', 'a space before the status line', '4', started(' HTTP/1.1 200 OK')],
      ['status-empty-line', 'an empty line before the status line', '4', `\r\n${head()}`, { status: 200 }],
      [
        'status-nul',
        'NUL in the reason',
        '4',
        started('HTTP/1.1 200 O\0K'),
        { status: 200, start: 'HTTP/1.1 200 O K' },
      ],
      [
        'status-bare-cr',
        'a bare CR in the reason',
        '4',
        started('HTTP/1.1 200 O\rK'),
        { status: 200, start: 'HTTP/1.1 200 O K' },
      ],
      ['status-control', 'a control byte in the reason', '4', started('HTTP/1.1 200 O\x01K'), { status: 200 }],
      ['status-html', 'a page without a head (HTTP/0.9)', '4', ['<html>hello</html>\r\n\r\n', 'fin']],
      ['status-ssh', 'a greeting of SSH', '4', ['SSH-2.0-OpenSSH\r\n\r\n', 'fin']],
      ['status-request', 'a request in place of an answer', '4', [get('/'), 'fin']],
      ['status-binary', 'bytes without sense', '4', ['\x00\x01\x02\xff\xfe\r\n\r\n', 'fin']],
    ].map(
      ([id, what, section, ...rest]): BadAnswerRow => [
        `${id}` as string,
        `${what} in an answer is not passed on`,
        `RFC 9112 ${section}`,
        ...(rest as [BadAnswerRow[3], BadAnswerRow[4]?]),
      ],
    ),
  ),
]

const lines = (...all: readonly string[]) => ({ lines: [...all, 'Content-Length: 2'], body: 'ok' })

const kept = (...all: readonly string[]): readonly [string, ReturnType<typeof lines>] => [head(...all), lines(...all)]

const headers: readonly Case[] = answering(
  (
    [
      ['order', 'order, case and duplicates of headers', kept('b: 1', 'A: 2', 'B: 3', 'X-dup: 1', 'x-DUP: 2')],
      [
        'set-cookie',
        'each Set-Cookie line, never folded',
        kept(
          'Set-Cookie: a=1; Expires=Thu, 19 Nov 1981 08:52:00 GMT',
          'set-cookie: b=2',
          'Set-Cookie: a=1; Path=/; HttpOnly',
        ),
      ],
      ['set-cookie-300', '300 Set-Cookie lines', kept(...Array.from({ length: 300 }, (_, i) => `Set-Cookie: c${i}=1`))],
      [
        'date-and-server',
        'Date and Server of PHP',
        kept('Date: Thu, 01 Jan 2015 00:00:00 GMT', 'Server: Apache/2.2 (Debian)', 'X-Powered-By: PHP/5.3'),
      ],
      ['location', 'a Location as PHP wrote it', kept('Location: http://127.0.0.1:8081/x?y#z')],
      ['location-relative', 'a relative Location', kept('Location: ../x')],
      ['location-8-bit', 'a Location with 8-bit bytes', kept('Location: /caf\xe9')],
      ['refresh', 'Refresh and Content-Location', kept('Refresh: 0;url=http://a.test/', 'Content-Location: /x')],
      [
        'validators',
        'ETag, Last-Modified and Vary',
        kept('ETag: W/"x,y"', 'Last-Modified: Thu, 01 Jan 2015 00:00:00 GMT', 'Vary: Accept-Encoding, Cookie'),
      ],
      [
        'cache',
        'headers about caching',
        kept(
          'Expires: Thu, 19 Nov 1981 08:52:00 GMT',
          'Cache-Control: no-store, no-cache, must-revalidate',
          'Cache-Control: post-check=0',
          'Pragma: no-cache',
          'Age: 5',
        ),
      ],
      [
        'authenticate',
        'several WWW-Authenticate',
        kept('WWW-Authenticate: Basic realm="a, b"', 'WWW-Authenticate: Negotiate'),
      ],
      [
        '8-bit',
        '8-bit bytes in values',
        kept('X-Bytes: \xe9\xff\x80', 'Content-Disposition: attachment; filename="caf\xe9.zip"'),
      ],
      [
        'utf-8',
        'UTF-8 in values',
        kept('Content-Disposition: attachment; filename="caf\xc3\xa9.zip"', 'Content-Type: text/html; charset=UTF-8'),
      ],
      ['empty', 'an empty value', kept('X-Empty: ')],
      ['colons', 'colons in a value', kept('X-Time: 10:20:30')],
      ['tabs', 'a tab within a value', kept('X-Tab: a\tb')],
      ['long', 'a header of 8,000 bytes', kept(`X-Long: ${'y'.repeat(8_000)}`)],
      ['many', '200 headers', kept(...Array.from({ length: 200 }, (_, i) => `X-${i}: v`))],
      ['token-name', 'a name of odd token characters', kept("!#$%&'*+-.^_`|~0Az: y")],
      ['underscore', 'a name with an underscore', kept('X_Y: z')],
      [
        'security',
        'headers about security',
        kept(
          "Content-Security-Policy: default-src 'self'; script-src 'nonce-x'",
          'Strict-Transport-Security: max-age=1',
          'X-Frame-Options: DENY',
        ),
      ],
      ['link', 'Link lines', kept('Link: </a>; rel=preload', 'Link: </b>; rel="x"')],
      ['via', 'a Via of others', [head('Via: 1.0 fred'), { has: [/^Via: 1\.0 fred(?:,|$)/] }]],
      ['trimmed', 'a value without the white space around it', [head('X: \t y \t '), lines('X: y')]],
      ['no-space', 'a value behind the colon at once', [head('X:y'), lines('X: y')]],
      ['accept-ranges', 'Accept-Ranges', kept('Accept-Ranges: bytes')],
      ['none', 'nothing that PHP did not write', kept()],
      ['internal-looking', "X-Forwarded-For of PHP's", kept('X-Forwarded-For: 1.2.3.4', 'X-Accel-Redirect: /x')],
    ] as const
  ).map(
    ([id, what, [php, expected]]): AnswerRow => [
      `answer-${id}`,
      `the client gets ${what}`,
      'RFC 9110 7.6; pitfall 6',
      php,
      expected as AnswerRow[4],
    ],
  ),
)

const hops: readonly Case[] = answering(
  (
    [
      ['named', 'what Connection names', ['Connection: X-Hop', 'X-Hop: 1'], ['X-Hop']],
      ['named-close', 'what Connection names beside close', ['Connection: close, X-Hop', 'X-Hop: 1'], ['X-Hop']],
      [
        'keep-alive',
        'Keep-Alive of PHP',
        ['Connection: keep-alive', 'Keep-Alive: timeout=77'],
        ['Keep-Alive: timeout=77'],
      ],
      ['upgrade', 'an offer to upgrade', ['Connection: Upgrade', 'Upgrade: h2,h2c'], ['Upgrade']],
      ['upgrade-unnamed', 'an offer to upgrade without Connection', ['Upgrade: h2,h2c'], ['Upgrade']],
      ['proxy-connection', 'Proxy-Connection', ['Proxy-Connection: keep-alive'], ['Proxy-Connection']],
      ['te', 'TE', ['TE: trailers'], ['TE']],
      ['close', 'close', ['Connection: close'], []],
    ] as const
  ).map(([id, what, all, lacks]): AnswerRow => {
    const php = [head(...all), ...(/close/.test(id) ? (['fin'] as const) : [])]
    return [`answer-hop-${id}`, `${what} stays at its hop`, 'RFC 9110 7.6.1', php, { body: 'ok', lacks }]
  }),
).concat(
  answering([
    [
      'answer-hop-protected',
      'PHP does not lose its cookies by naming them',
      'pitfall 8',
      head('Connection: Set-Cookie', 'Set-Cookie: a=1'),
      { has: ['Set-Cookie: a=1'] },
    ],
    [
      'answer-hop-length',
      'a length that Connection names frames the body all the same',
      'pitfall 8',
      head('Connection: Content-Length'),
      { body: 'ok' },
    ],
  ]),
)

const oddHeaders: readonly Case[] = badAnswers(
  (
    [
      ['space-before-colon', 'white space before a colon', '5.1', head('X : y'), { has: ['X: y'] }],
      ['tab-before-colon', 'a tab before a colon', '5.1', head('X\t: y'), { has: ['X: y'] }],
      [
        'length-space',
        'white space before the colon of the length',
        '5.1',
        answer(['Content-Length : 2'], 'ok'),
        { body: 'ok' },
      ],
      ['fold', 'a folded header', '5.2', head('X: a\r\n b'), { has: [/^X: a\s+b$/] }],
      ['fold-tab', 'a header folded with a tab', '5.2', head('X: a\r\n\tb'), { has: [/^X: a\s+b$/] }],
      [
        'fold-cookie',
        'a folded cookie',
        '5.2',
        head('Set-Cookie: a=1;\r\n Path=/'),
        { has: [/^Set-Cookie: a=1;\s+Path=\/$/] },
      ],
      [
        'fold-first',
        'white space before the first header',
        '2.2',
        'HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 2\r\n\r\nok',
        undefined,
      ],
      ['nul', 'NUL in a value', '5.5', head('X: a\0b'), { has: ['X: a b'] }],
      ['bare-cr', 'a bare CR in a value', '2.2', head('X: a\rb'), { has: ['X: a b'] }],
      ['control', 'a control byte in a value', '5.5', head('X: a\x01b'), { has: ['X: a b'] }],
      [
        'bare-lf',
        'bare LF between headers',
        '2.2',
        'HTTP/1.1 200 OK\nX: y\nContent-Length: 2\n\nok',
        { has: ['X: y'], body: 'ok' },
      ],
      [
        'bare-lf-once',
        'one bare LF between headers',
        '2.2',
        'HTTP/1.1 200 OK\r\nX: y\nContent-Length: 2\r\n\r\nok',
        { has: ['X: y'], body: 'ok' },
      ],
      ['no-colon', 'a line without colon', '5', head('XY'), undefined],
      ['name-empty', 'an empty name', '5.1', head(': y'), undefined],
      ['name-8-bit', 'an 8-bit byte in a name', '5.1', head('X\xe9: y'), undefined],
      ['name-space', 'a space in a name', '5.1', head('X Y: z'), undefined],
      ['name-nul', 'NUL in a name', '5.1', head('X\0: z'), undefined],
      ['name-slash', 'a slash in a name', '5.1', head('X/Y: z'), undefined],
      ['huge', 'a head of 1 MB', '5', head(`X: ${'y'.repeat(1_000_000)}`), undefined],
      ['huge-status', 'a status line of 1 MB', '4', started(`HTTP/1.1 200 ${'y'.repeat(1_000_000)}`), undefined],
      ['huge-many', '100,000 headers', '5', head(...Array.from({ length: 100_000 }, () => 'X: y')), undefined],
      ['endless', 'a head without end', '5', ['HTTP/1.1 200 OK\r\nX: ', { fill: 400_000 }], undefined],
    ] as const
  ).map(([id, what, section, php, instead]): BadAnswerRow => {
    return [
      `answer-${id}`,
      `${what} in an answer is put right, or the answer is not passed on`,
      `RFC 9112 ${section}`,
      php,
      instead,
    ]
  }),
)

const strict: readonly Case[] = should([
  ...answering([
    [
      'answer-reason-latin-1',
      'a reason in Latin-1 keeps its bytes',
      'RFC 9112 4',
      started('HTTP/1.1 200 Tr\xe8s bien'),
      { start: 'HTTP/1.1 200 Tr\xe8s bien' },
    ],
    [
      'answer-head-30000',
      'a head of 30,000 bytes passes',
      'RFC 9110 5.4',
      head(`X: ${'y'.repeat(30_000)}`),
      { body: 'ok' },
    ],
    [
      'answer-1000-headers',
      '1,000 headers pass',
      'RFC 9110 5.4',
      head(...Array.from({ length: 1_000 }, (_, i) => `X-${i}: v`)),
      { body: 'ok', has: ['X-999: v'] },
    ],
  ]),
])

export const statusCases: readonly Case[] = statusLines

export const answerHeaderCases: readonly Case[] = [...headers, ...hops, ...oddHeaders, ...strict]
