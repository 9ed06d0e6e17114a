import { behind, type Case, either, get, passing, type RefusalRow, refusals, request, should } from '../case.ts'

/** A request of which some server would read `behind` as a second one. */
export const body = (lines: readonly string[], content: string, method = 'POST'): string =>
  request(`${method} /f HTTP/1.1`, lines, content)

const lengths = (...values: readonly string[]): string =>
  body(
    values.map((value) => `Content-Length:${value}`),
    'abc',
  )

export const coded = (...values: readonly string[]): string =>
  body(
    values.map((value) => `Transfer-Encoding:${value}`),
    '3\r\nabc\r\n0\r\n\r\n',
  )

export const both = (...lines: readonly string[]): string => body(lines, '0\r\n\r\n')

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

export const framingCases: readonly Case[] = [...badLengths, ...goodLengths, ...strict]
