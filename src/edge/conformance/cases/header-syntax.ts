import {
  behind,
  type Case,
  either,
  get,
  host,
  type PassingRow,
  passing,
  type RefusalRow,
  refusals,
  request,
  should,
} from '../case.ts'

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `H${i}: v`)
const rest = '; RFC 9112 5'

const refusedHeaders: readonly Case[] = refusals([
  ...Object.entries({
    'space-before-colon': ['X : y', 'white space before the colon', '5.1'],
    'tab-before-colon': ['X\t: y', 'a tab before the colon', '5.1'],
    'vertical-tab-before-colon': ['X\x0b: y', 'a vertical tab before the colon', '5.1'],
    'space-in-name': ['X Y: z', 'a space in a name', '5.1'],
    'no-colon': ['X', 'a line without colon', '5'],
    'no-colon-value': ['X y', 'words without colon', '5'],
    'name-empty': [': y', 'an empty name', '5.1'],
    'name-only-colon': [':', 'a colon alone', '5.1'],
    'name-8-bit': ['X\xe9: y', 'an 8-bit byte in a name', '5.1'],
    'name-nul': ['X\0: y', 'NUL in a name', '5.1'],
    'name-control': ['X\x01: y', 'a control byte in a name', '5.1'],
    'name-delete': ['X\x7f: y', 'DEL in a name', '5.1'],
    'name-parenthesis': ['X(a): y', 'parentheses in a name', '5.1'],
    'name-slash': ['X/Y: z', 'a slash in a name', '5.1'],
    'name-at': ['X@Y: z', 'an at sign in a name', '5.1'],
    'name-comma': ['X,Y: z', 'a comma in a name', '5.1'],
    'name-semicolon': ['X;Y: z', 'a semicolon in a name', '5.1'],
    'name-quotes': ['"X": z', 'quotes in a name', '5.1'],
    'name-braces': ['{X}: z', 'braces in a name', '5.1'],
    'name-equals': ['X=Y: z', 'an equals sign in a name', '5.1'],
    'name-bare-cr': ['X\rY: z', 'a bare CR in a name', '2.2'],
    'value-nul': ['X: a\0b', 'NUL in a value', '5.5'],
    'value-nul-end': ['X: a\0', 'NUL at the end of a value', '5.5'],
    'value-bare-cr': ['X: a\rb', 'a bare CR in a value', '2.2'],
    'value-cr-header': ['X: a\rContent-Length: 5', 'a header behind a bare CR', '2.2'],
    'value-cr-end': ['X: a\r', 'CR CR LF at the end of a value', '2.2'],
    'value-lf': ['X: a\nY: b', 'a bare LF between headers', '2.2'],
    'value-lf-end': ['X: a\n\r\nY: b', 'a bare LF before a line end', '2.2'],
    'value-lf-encoding': ['X: a\nTransfer-Encoding: chunked', 'a transfer coding behind a bare LF', '2.2'],
  }).map(
    ([id, [text = '', what, section]]): RefusalRow => [
      `header-${id}`,
      `${what} is refused`,
      `RFC 9112 ${section}`,
      get('/x', text),
    ],
  ),
  [
    'header-first-space',
    'white space before the first header is refused',
    'RFC 9112 2.2',
    `GET / HTTP/1.1\r\n Host: ${host}\r\n\r\n`,
  ],
  [
    'header-first-tab',
    'a tab before the first header is refused',
    'RFC 9112 2.2',
    `GET / HTTP/1.1\r\n\tX: y\r\nHost: ${host}\r\n\r\n`,
  ],
  ['header-lf-lf', 'LF LF does not end a head', 'RFC 9112 2.2', `GET / HTTP/1.1\r\nHost: ${host}\n\n`],
  ['header-crlf-lf', 'CR LF LF does not end a head', 'RFC 9112 2.2', `GET / HTTP/1.1\r\nHost: ${host}\r\n\n`],
  ['header-lf-crlf', 'LF CR LF does not end a head', 'RFC 9112 2.2', `GET / HTTP/1.1\r\nHost: ${host}\n\r\n`],
  ['header-cr-cr', 'CR CR does not end a head', 'RFC 9112 2.2', `GET / HTTP/1.1\r\nHost: ${host}\r\r\r\n\r\n`],
  [
    'header-large',
    'a header of 100,000 bytes is too large',
    'RFC 6585 5',
    get('/', `X: ${'x'.repeat(100_000)}`),
    [400, 431],
  ],
  [
    'header-name-large',
    'a name of 100,000 bytes is too large',
    'RFC 6585 5',
    get('/', `${'x'.repeat(100_000)}: y`),
    [400, 431],
  ],
  [
    'header-endless',
    'a head without end is refused before it ends',
    'RFC 6585 5',
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'x'.repeat(400_000)}`,
    [400, 431],
  ],
  [
    'headers-large',
    'headers of 200,000 bytes in all are too large',
    'RFC 6585 5',
    get('/', ...many(20_000)),
    [400, 431],
  ],
])

const folds: readonly Case[] = [
  ...either(
    (
      [
        ['fold-space', 'X: a\r\n b', /^X: a\s+b$/],
        ['fold-tab', 'X: a\r\n\tb', /^X: a\s+b$/],
        ['fold-empty', 'X:\r\n b', /^X:\s+b$/],
        ['fold-blank', 'X: a\r\n \r\n b', /^X: a\s+b$/],
        ['fold-like-header', 'X: a\r\n Content-Length: 5', /^X: a\s+Content-Length: 5$/],
      ] as const
    ).map(([id, text, unfolded]) => [
      `header-${id}`,
      'a folded header is refused, or its fold is replaced by white space',
      'RFC 9112 5.2; CVE-2024-27982',
      get('/x', text),
      { has: [unfolded] },
      400,
    ]),
  ),
  ...refusals([
    ['fold-host', 'a folded Host is refused', 'RFC 9112 5.2', 'GET / HTTP/1.1\r\nHost:\r\n a.test\r\n\r\n'],
    [
      'fold-encoding',
      'a folded transfer coding is refused',
      'RFC 9112 5.2',
      request('POST / HTTP/1.1', ['Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'),
    ],
    [
      'fold-length',
      'a folded length is refused',
      'RFC 9112 5.2',
      request('POST / HTTP/1.1', ['Content-Length:\r\n 3'], 'abc'),
    ],
    [
      'fold-length-more',
      'a length that goes on in the next line is refused',
      'RFC 9112 5.2',
      request('POST / HTTP/1.1', ['Content-Length: 3\r\n 0'], 'abc'),
    ],
  ]),
]

const kept: readonly Case[] = passing([
  ...Object.entries({
    'value-8-bit': ['X: \xe9\xff\x80', 'X: \xe9\xff\x80', '8-bit bytes in a value'],
    'value-utf-8': ['X: caf\xc3\xa9', 'X: caf\xc3\xa9', 'UTF-8 in a value'],
    'value-empty': ['X:', 'X: ', 'an empty value'],
    'value-white': ['X: \t ', 'X: ', 'a value of white space, as an empty one,'],
    'value-no-space': ['X:y', 'X: y', 'a value behind the colon at once'],
    'value-trimmed': ['X: \t y \t ', 'X: y', 'a value without the white space around it'],
    'value-inner-space': ['X: a  b\tc', 'X: a  b\tc', 'white space within a value'],
    'value-colons': ['X: a:b::c', 'X: a:b::c', 'colons in a value'],
    'value-quotes': ['X: "a, b\\"c"', 'X: "a, b\\"c"', 'quotes in a value'],
    'value-commas': ['X: ,a,,b,', 'X: ,a,,b,', 'empty members of a list'],
    'value-long': [`X: ${'y'.repeat(7_500)}`, `X: ${'y'.repeat(7_500)}`, 'a value of 7,500 bytes'],
    'name-case': ['x-MiXeD: y', 'x-MiXeD: y', 'the case of a name'],
    'name-token': ["!#$%&'*+-.^_`|~0Az: y", "!#$%&'*+-.^_`|~0Az: y", 'a name of all token characters'],
    'name-one-letter': ['a: y', 'a: y', 'a name of one letter'],
    'name-digit': ['1: y', '1: y', 'a name of one digit'],
    underscore: ['X_Custom: y', 'X_Custom: y', 'a name with an underscore'],
    'json-value': ['X: {"a":[1,2]}', 'X: {"a":[1,2]}', 'JSON in a value'],
    'percent-value': ['X: %0d%0aY: z', 'X: %0d%0aY: z', 'an encoded line end in a value'],
    cookie: ['Cookie: a=1; b="x y"; c=\xe9; d', 'Cookie: a=1; b="x y"; c=\xe9; d', 'a cookie with odd bytes'],
  }).map(
    ([id, [text = '', seen = '', what]]): PassingRow => [
      `header-${id}`,
      `${what} reaches PHP`,
      `RFC 9110 5.5${rest}`,
      get('/x', text),
      { lines: [seen] },
    ],
  ),
  [
    'headers-order',
    'order, case and duplicates of headers reach PHP as they are',
    'RFC 9110 5.3; pitfall 7',
    get('/x', 'B: 1', 'a: 2', 'B: 3', 'Accept: x', 'accept: y', 'Cookie: c=1', 'A: 4', 'Cookie: d=2'),
    { lines: ['B: 1', 'a: 2', 'B: 3', 'Accept: x', 'accept: y', 'Cookie: c=1', 'A: 4', 'Cookie: d=2'] },
  ],
  [
    'headers-browser',
    "a browser's headers reach PHP as they are",
    'RFC 9110 7.6',
    get(
      '/x',
      'User-Agent: M/5.0 (X; rv:1) G',
      'Accept: text/html,*/*;q=0.8',
      'Accept-Language: en',
      'Accept-Encoding: gzip, br',
      'DNT: 1',
      'Referer: http://a.test/y?z',
      'Sec-Fetch-Site: none',
      'If-None-Match: W/"x"',
      'If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT',
      'Range: bytes=0-1',
      'Authorization: Basic YTpi',
      'Origin: null',
      'Priority: u=0',
      'Upgrade-Insecure-Requests: 1',
    ),
    {
      lines: [
        'User-Agent: M/5.0 (X; rv:1) G',
        'Accept: text/html,*/*;q=0.8',
        'Accept-Language: en',
        'Accept-Encoding: gzip, br',
        'DNT: 1',
        'Referer: http://a.test/y?z',
        'Sec-Fetch-Site: none',
        'If-None-Match: W/"x"',
        'If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT',
        'Range: bytes=0-1',
        'Authorization: Basic YTpi',
        'Origin: null',
        'Priority: u=0',
        'Upgrade-Insecure-Requests: 1',
      ],
    },
  ],
  [
    'headers-none',
    'nothing is added that the client did not send',
    'RFC 9110 7.6; pitfall 5',
    get('/x'),
    { lines: [] },
  ],
  ['headers-100', '100 headers reach PHP, all of them', 'RFC 9110 5.4', get('/x', ...many(100)), { lines: many(100) }],
])

const limits: readonly Case[] = [
  ...either([
    [
      'headers-1000',
      '1,000 headers reach PHP, all of them, or are refused',
      'RFC 9110 5.4',
      get('/x', ...many(1_000)),
      { lines: many(1_000) },
      [400, 431],
    ],
    [
      'headers-2500',
      '2,500 headers reach PHP, all of them, or are refused: none is cut off',
      'RFC 9110 5.4',
      get('/x', ...many(2_500)),
      { lines: many(2_500) },
      [400, 431],
    ],
    [
      'headers-2500-length',
      'a length behind 2,500 headers frames the body, or the request is refused',
      'RFC 9110 5.4',
      request('POST /x HTTP/1.1', [...many(2_500), `Content-Length: ${behind.length}`], behind),
      { start: 'POST /x HTTP/1.1', body: behind },
      [400, 431],
    ],
    ...Object.entries({
      'control-1': '\x01',
      'control-1f': '\x1f',
      'vertical-tab': '\x0b',
      'form-feed': '\x0c',
      delete: '\x7f',
      escape: '\x1b',
    }).map(
      ([id, byte]) =>
        [
          `header-value-${id}`,
          'a control byte in a value is refused, or replaced by white space',
          'RFC 9110 5.5',
          get('/x', `X: a${byte}b`),
          { has: ['X: a b'] },
          400,
        ] as const,
    ),
  ]),
]

const strict: readonly Case[] = should([
  ...passing([
    [
      'header-20000',
      'a head of 20,000 bytes reaches PHP',
      'RFC 6585 5',
      get('/x', `Cookie: ${'y'.repeat(20_000)}`),
      { has: [`Cookie: ${'y'.repeat(20_000)}`] },
    ],
    ['headers-1000-kept', '1,000 headers reach PHP', 'RFC 9110 5.4', get('/x', ...many(1_000)), { lines: many(1_000) }],
  ]),
  ...refusals([
    [
      'header-large-431',
      'a header of 100,000 bytes gets 431',
      'RFC 6585 5',
      get('/', `X: ${'x'.repeat(100_000)}`),
      431,
    ],
  ]),
])

export const headerSyntaxCases: readonly Case[] = [...refusedHeaders, ...folds, ...kept, ...limits, ...strict]
