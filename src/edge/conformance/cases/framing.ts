import { behind, type Case, either, get, passing, type RefusalRow, refusals, request, should } from '../case.ts'

/** A request of which some server would read `behind` as a second one. */
const body = (lines: readonly string[], content: string, method = 'POST'): string =>
  request(`${method} /f HTTP/1.1`, lines, content)
const lengths = (...values: readonly string[]): string =>
  body(
    values.map((value) => `Content-Length:${value}`),
    'abc',
  )
const coded = (...values: readonly string[]): string =>
  body(
    values.map((value) => `Transfer-Encoding:${value}`),
    '3\r\nabc\r\n0\r\n\r\n',
  )
const both = (...lines: readonly string[]): string => body(lines, '0\r\n\r\n')

const badLengths: readonly Case[] = refusals([
  ...Object.entries({
    plus: ' +3',
    minus: ' -3',
    'minus-zero': ' -0',
    empty: '',
    space: ' ',
    'two-numbers': ' 3 3',
    'list-different': ' 3, 4',
    hexadecimal: ' 0x3',
    decimal: ' 3.0',
    exponent: ' 3e0',
    letters: ' abc',
    tail: ' 3x',
    semicolon: ' 3;',
    underscore: ' 1_0',
    quoted: ' "3"',
    'vertical-tab': ' \x0b3',
    'form-feed': ' 3\x0c',
    'no-break-space': ' \xa03',
    'arabic-digit': ' \xd9\xa3',
    nul: ' 3\0',
    overflow: ' 18446744073709551619',
    'overflow-signed': ' 9223372036854775811',
    'overflow-200-digits': ` ${'9'.repeat(200)}`,
    comma: ' 3,',
    'comma-first': ' ,3',
    infinity: ' Infinity',
  }).map(([id, value]): RefusalRow => {
    return [
      `length-${id}`,
      `Content-Length: ${JSON.stringify(value.slice(0, 30))} is refused`,
      'RFC 9112 6.3',
      lengths(value),
      [400, 413],
    ]
  }),
  ['length-twice-different', 'two different lengths are refused', 'RFC 9112 6.3', lengths(' 3', ' 4')],
  ['length-twice-zero', 'a length and zero are refused', 'RFC 9112 6.3', lengths(' 0', ' 3')],
  ['length-twice-zero-last', 'zero behind a length is refused', 'RFC 9112 6.3', lengths(' 3', ' 0')],
  ['length-twice-empty', 'a second, empty length is refused', 'RFC 9112 6.3', lengths(' 3', '')],
  [
    'length-twice-case',
    'lengths in different case are refused',
    'RFC 9112 6.3',
    body(['Content-Length: 3', 'content-length: 30'], 'abc'),
  ],
  ['length-three', 'three lengths are refused', 'RFC 9112 6.3', lengths(' 3', ' 3', ' 5')],
  ['length-space-colon', 'a space behind the name is refused', 'RFC 9112 5.1', body(['Content-Length : 3'], 'abc')],
  ['length-get', 'a bad length is refused on GET too', 'RFC 9112 6.3', get('/f', 'Content-Length: x')],
  [
    'length-head',
    'two lengths are refused on HEAD too',
    'RFC 9112 6.3',
    request('HEAD /f HTTP/1.1', ['Content-Length: 3', 'Content-Length: 4'], 'abc'),
  ],
])

const goodLengths: readonly Case[] = [
  ...passing([
    [
      'length-zero',
      'a length of zero is a request without body',
      'RFC 9110 8.6',
      body(['Content-Length: 0'], ''),
      { body: '', has: [/^content-length: 0$/i] },
    ],
    [
      'length-white-space',
      'white space around the length is not of it',
      'RFC 9112 5.1',
      lengths(' \t 3 \t'),
      { body: 'abc' },
    ],
    ['length-no-space', 'a length behind the colon at once is taken', 'RFC 9112 5.1', lengths('3'), { body: 'abc' }],
    [
      'length-lower-case',
      'the name is not case-sensitive',
      'RFC 9110 5.1',
      body(['content-length: 3'], 'abc'),
      { body: 'abc' },
    ],
    [
      'length-binary',
      'a body of any bytes is carried',
      'RFC 9110 6.4',
      body(['Content-Length: 8'], '\0\r\n\r\n\xff\x80\n'),
      { body: '\0\r\n\r\n\xff\x80\n' },
    ],
    [
      'length-request-inside',
      'a request within a body stays there',
      'RFC 9112 6.3',
      body([`Content-Length: ${behind.length}`], behind),
      { body: behind },
    ],
    [
      'length-none-post',
      'POST without length has no body',
      'RFC 9112 6.3',
      body([], ''),
      { start: 'POST /f HTTP/1.1', body: '' },
    ],
    [
      'length-none-put',
      'PUT without length has no body',
      'RFC 9112 6.3',
      body([], '', 'PUT'),
      { start: 'PUT /f HTTP/1.1', body: '' },
    ],
    ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PROPFIND'].map(
      (method) =>
        [
          `length-on-${method.toLowerCase()}`,
          `a body on ${method} is carried as a body, never as a request`,
          'RFC 9110 9.3; node-http-proxy#1720',
          body([`Content-Length: ${behind.length}`], behind, method),
          { start: `${method} /f HTTP/1.1`, body: behind },
        ] as const,
    ),
    [
      'length-named-in-connection',
      'a length that Connection names frames the body all the same',
      'RFC 9110 7.6.1; pitfall 8',
      body(['Connection: Content-Length', `Content-Length: ${behind.length}`], behind),
      { body: behind },
    ],
  ]),
  ...either([
    [
      'length-leading-zeros',
      'leading zeros pass or are refused',
      'RFC 9110 8.6',
      lengths(' 003'),
      { body: 'abc' },
      400,
    ],
    [
      'length-twice-same',
      'the same length twice is taken once, or refused',
      'RFC 9112 6.3',
      lengths(' 3', ' 3'),
      { body: 'abc' },
      400,
    ],
    [
      'length-list-same',
      'a list of the same length is taken as one, or refused',
      'RFC 9112 6.3',
      lengths(' 3, 3'),
      { body: 'abc' },
      400,
    ],
  ]),
]

const badCodings: readonly Case[] = refusals([
  ...Object.entries({
    empty: '',
    'vertical-tab': ' \x0bchunked',
    'vertical-tab-behind': ' chunked\x0b',
    'form-feed': ' \x0cchunked',
    'no-break-space': ' \xa0chunked',
    quoted: ' "chunked"',
    'single-quoted': " 'chunked'",
    twice: ' chunked, chunked',
    'identity-behind': ' chunked, identity',
    'identity-before': ' identity, chunked',
    identity: ' identity',
    gzip: ' gzip',
    'gzip-before': ' gzip, chunked',
    'gzip-behind': ' chunked, gzip',
    deflate: ' deflate',
    prefix: ' xchunked',
    suffix: ' chunkedx',
    short: ' chunk',
    cow: ' cow',
    parameter: ' chunked;q=1',
    'comma-joined': ' chunked,cow',
    space: ' chun ked',
    nul: ' chunked\0',
    'nul-before': ' \0chunked',
    'bare-cr': ' \rchunked',
    colon: ' :chunked',
    '8-bit': ' chunk\xe9d',
    'soft-hyphen': ' chun\xadked',
    'true-word': ' true',
  }).map(([id, value]): RefusalRow => {
    return [
      `coding-${id}`,
      `Transfer-Encoding: ${JSON.stringify(value.trim())} is refused`,
      'RFC 9112 6.1',
      coded(value),
      [400, 501],
    ]
  }),
  ['coding-two-lines', 'two lines of chunked are refused', 'RFC 9112 7.1', coded(' chunked', ' chunked'), [400, 501]],
  [
    'coding-two-lines-identity',
    'identity in a second line is refused',
    'RFC 9112 6.1',
    coded(' chunked', ' identity'),
    [400, 501],
  ],
  [
    'coding-two-lines-cow',
    'an unknown coding in the first line is refused',
    'RFC 9112 6.1',
    coded(' cow', ' chunked'),
    [400, 501],
  ],
  ['coding-two-lines-empty', 'an empty second line is refused', 'RFC 9112 6.1', coded(' chunked', ''), [400, 501]],
  [
    'coding-two-lines-case',
    'codings in names of different case are refused',
    'RFC 9112 6.1',
    body(['Transfer-Encoding: cow', 'transfer-encoding: chunked'], '0\r\n\r\n'),
    [400, 501],
  ],
  [
    'coding-space-colon',
    'a space behind the name is refused',
    'RFC 9112 5.1',
    body(['Transfer-Encoding : chunked'], '0\r\n\r\n'),
  ],
  [
    'coding-tab-colon',
    'a tab behind the name is refused',
    'RFC 9112 5.1',
    body(['Transfer-Encoding\t: chunked'], '0\r\n\r\n'),
  ],
  [
    'coding-space-before',
    'a space before the name is refused',
    'RFC 9112 5.2',
    body(['X: y', ' Transfer-Encoding: chunked'], '0\r\n\r\n'),
  ],
  [
    'coding-get',
    'a bad coding is refused on GET too',
    'RFC 9112 6.1',
    request('GET /f HTTP/1.1', ['Transfer-Encoding: cow'], '0\r\n\r\n'),
    [400, 501],
  ],
  [
    'coding-head',
    'a bad coding is refused on HEAD too',
    'RFC 9112 6.1',
    request('HEAD /f HTTP/1.1', ['Transfer-Encoding: identity']),
    [400, 501],
  ],
  [
    'both-length-first',
    'a length before chunks is refused',
    'RFC 9112 6.1; CVE-2019-20372',
    both('Content-Length: 5', 'Transfer-Encoding: chunked'),
  ],
  [
    'both-chunks-first',
    'a length behind chunks is refused',
    'RFC 9112 6.1',
    both('Transfer-Encoding: chunked', 'Content-Length: 5'),
  ],
  [
    'both-zero',
    'a length of zero and chunks are refused',
    'RFC 9112 6.1',
    both('Content-Length: 0', 'Transfer-Encoding: chunked'),
  ],
  [
    'both-long',
    'a length that covers the next request and chunks are refused',
    'RFC 9112 6.1',
    both('Content-Length: 100', 'Transfer-Encoding: chunked'),
  ],
  [
    'both-upper-case',
    'upper case hides neither',
    'RFC 9112 6.1',
    both('CONTENT-LENGTH: 5', 'TRANSFER-ENCODING: CHUNKED'),
  ],
  [
    'both-get',
    'both on GET are refused',
    'RFC 9112 6.1',
    request('GET /f HTTP/1.1', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  ],
  [
    'both-delete',
    'both on DELETE are refused',
    'RFC 9112 6.1; node-http-proxy#1721',
    request('DELETE /f HTTP/1.1', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  ],
  [
    'both-identity',
    'a length and identity are refused',
    'RFC 9112 6.1',
    both('Content-Length: 5', 'Transfer-Encoding: identity'),
    [400, 501],
  ],
  [
    'both-cow',
    'a length and an unknown coding are refused',
    'RFC 9112 6.1',
    both('Content-Length: 5', 'Transfer-Encoding: cow'),
    [400, 501],
  ],
  [
    'both-empty-coding',
    'a length and an empty coding are refused',
    'RFC 9112 6.1',
    both('Content-Length: 5', 'Transfer-Encoding:'),
    [400, 501],
  ],
  [
    'both-named',
    'a coding that Connection names counts all the same',
    'RFC 9112 6.1; pitfall 8',
    both('Connection: Transfer-Encoding', 'Content-Length: 5', 'Transfer-Encoding: chunked'),
  ],
])

const oldChunks: readonly Case[] = [
  {
    id: 'coding-1-0',
    title: 'chunks in HTTP/1.0 are refused',
    source: 'RFC 9112 6.1',
    level: 'must',
    client: `POST /f HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${behind}`,
    expect: { answers: [{ status: [400, 501] }], connection: 'closed', php: 'nothing' },
  },
  {
    id: 'coding-1-0-keep-alive',
    title: 'chunks in HTTP/1.0 are refused, also with keep-alive and a length',
    source: 'RFC 9112 6.1',
    level: 'must',
    client: `POST /f HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${behind}`,
    expect: { answers: [{ status: [400, 501] }], connection: 'closed', php: 'nothing' },
  },
]

const goodCodings: readonly Case[] = [
  ...passing([
    ['coding-chunked', 'a chunked body is carried', 'RFC 9112 7.1', coded(' chunked'), { body: 'abc' }],
    [
      'coding-no-space',
      'a coding behind the colon at once is taken',
      'RFC 9112 5.1',
      coded('chunked'),
      { body: 'abc' },
    ],
    ['coding-upper-case', 'codings are not case-sensitive', 'RFC 9112 7', coded(' Chunked'), { body: 'abc' }],
    [
      'coding-white-space',
      'white space around the coding is not of it',
      'RFC 9112 5.1',
      coded(' \t chunked \t'),
      { body: 'abc' },
    ],
    ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'PROPFIND', 'REPORT'].map(
      (method) =>
        [
          `coding-on-${method.toLowerCase()}`,
          `a chunked body on ${method} is carried as a body, never as a request`,
          'RFC 9110 9.3; node-http-proxy#1720',
          body(['Transfer-Encoding: chunked'], `${behind.length.toString(16)}\r\n${behind}\r\n0\r\n\r\n`, method),
          { start: `${method} /f HTTP/1.1`, body: behind },
        ] as const,
    ),
    [
      'coding-named-in-connection',
      'chunks that Connection names frame the body all the same',
      'RFC 9110 7.6.1; pitfall 8',
      body(['Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'),
      { body: 'abc' },
    ],
    [
      'coding-empty-body',
      'a chunked body of nothing is carried',
      'RFC 9112 7.1',
      body(['Transfer-Encoding: chunked'], '0\r\n\r\n'),
      { body: '' },
    ],
    [
      'coding-twin',
      'an underscore twin of Transfer-Encoding does not reach PHP',
      'pitfall 9; CVE-2021-40346',
      body(['Content-Length: 3', 'Transfer_Encoding: chunked'], 'abc'),
      { body: 'abc', lacks: ['Transfer_Encoding'] },
    ],
    [
      'length-twin',
      'an underscore twin of Content-Length does not reach PHP',
      'pitfall 9',
      body(['Content_Length: 30', 'Content-Length: 3'], 'abc'),
      { body: 'abc', lacks: ['Content_Length'] },
    ],
  ]),
  ...either([
    [
      'coding-empty-member',
      'an empty member of the list passes or is refused',
      'RFC 9110 5.6.1',
      coded(' chunked,'),
      { body: 'abc' },
      [400, 501],
    ],
    [
      'coding-empty-first',
      'an empty first member passes or is refused',
      'RFC 9110 5.6.1',
      coded(' , chunked'),
      { body: 'abc' },
      [400, 501],
    ],
  ]),
]

const strict: readonly Case[] = should(
  passing([
    [
      'length-kept',
      'a body with a length goes to PHP with that length',
      'pitfall 13',
      body(['Content-Length: 3'], 'abc'),
      { body: 'abc', framing: 'length' },
    ],
    [
      'length-none-get',
      'GET without body gets none announced',
      'RFC 9110 8.6',
      get('/f'),
      { lacks: ['Content-Length', 'Transfer-Encoding'] },
    ],
  ]),
)

export const framingCases: readonly Case[] = [
  ...badLengths,
  ...goodLengths,
  ...badCodings,
  ...oldChunks,
  ...goodCodings,
  ...strict,
]
