import { type AnswerRow, answer, answering, type Case, get, ok, request, should } from '../case.ts'

export const headRequest = request('HEAD / HTTP/1.1')

export const oldRequest = 'GET / HTTP/1.0\r\nHost: a.test\r\n\r\n'

export const withLength = (length: number | string, body: string): string => answer([`Content-Length: ${length}`], body)

export const inChunks = (body: string, ...lines: readonly string[]): string =>
  answer(['Transfer-Encoding: chunked', ...lines], body)

export const abc = '3\r\nabc\r\n'

export const untilEnd = answer([], 'abc')

const bodies: readonly Case[] = answering([
  [
    'body-length',
    'a body of known length passes with its length',
    'RFC 9112 6.3',
    withLength(3, 'abc'),
    { body: 'abc', framing: 'length', has: ['Content-Length: 3'] },
  ],
  [
    'body-empty',
    'an empty body passes with its length',
    'RFC 9112 6.3',
    withLength(0, ''),
    { body: '', framing: 'length' },
  ],
  [
    'body-binary',
    'a body of any bytes passes',
    'RFC 9110 6.4',
    withLength(9, '\0\r\n\r\n\xff\x80\n\x1f'),
    { body: '\0\r\n\r\n\xff\x80\n\x1f' },
  ],
  [
    'body-answer-inside',
    'an answer within a body stays there',
    'RFC 9112 6.3',
    withLength(ok.length, ok),
    { body: ok },
  ],
  [
    'body-chunked',
    'a body in chunks passes',
    'RFC 9112 7.1',
    inChunks(`${abc}2\r\nde\r\n0\r\n\r\n`),
    { body: 'abcde' },
  ],
  ['body-chunked-empty', 'a chunked body of nothing passes', 'RFC 9112 7.1', inChunks('0\r\n\r\n'), { body: '' }],
  [
    'body-chunked-upper',
    'sizes in upper case and leading zeros are understood',
    'RFC 9112 7.1',
    inChunks('00A\r\n0123456789\r\n000\r\n\r\n'),
    { body: '0123456789' },
  ],
  [
    'body-chunked-extension',
    'extensions do not disturb',
    'RFC 9112 7.1.1',
    inChunks('3;a="b";c\r\nabc\r\n0;d\r\n\r\n'),
    { body: 'abc' },
  ],
  [
    'body-chunked-coding-case',
    'the coding is not case-sensitive',
    'RFC 9112 7',
    answer(['Transfer-Encoding: Chunked'], `${abc}0\r\n\r\n`),
    { body: 'abc' },
  ],
  [
    'body-chunked-many',
    'many small pieces pass',
    'RFC 9112 7.1',
    inChunks(`${'1\r\nx\r\n'.repeat(2_000)}0\r\n\r\n`),
    { body: 'x'.repeat(2_000) },
  ],
  [
    'body-until-end',
    'a body that ends with the connection passes',
    'RFC 9112 6.3',
    [untilEnd, 'fin'],
    { body: 'abc', framing: 'chunked' },
  ],
  [
    'body-until-end-old',
    'a body in HTTP/1.0 that ends with the connection passes',
    'RFC 9112 6.3',
    [answer([], 'abc', 'HTTP/1.0 200 OK'), 'fin'],
    { body: 'abc', framing: 'chunked' },
  ],
  [
    'body-until-end-empty',
    'an empty body that ends with the connection passes',
    'RFC 9112 6.3',
    [answer([]), 'fin'],
    { body: '' },
  ],
  [
    'body-1-0-length',
    'a body of known length in HTTP/1.0 passes',
    'RFC 9112 6.3',
    answer(['Content-Length: 3'], 'abc', 'HTTP/1.0 200 OK'),
    { body: 'abc' },
  ],
  [
    'body-1-0-keep-alive',
    'keep-alive in HTTP/1.0 passes',
    'RFC 9112 9.3',
    answer(['Connection: keep-alive', 'Content-Length: 3'], 'abc', 'HTTP/1.0 200 OK'),
    { body: 'abc' },
  ],
  [
    'body-close',
    'an answer that closes passes, and the client keeps its connection',
    'RFC 9112 9.6',
    [answer(['Connection: close', 'Content-Length: 3'], 'abc'), 'fin'],
    { body: 'abc' },
  ],
  [
    'body-gzip',
    'compressed bytes pass as they are',
    'pitfall 5',
    answer(['Content-Encoding: gzip', 'Content-Length: 4', 'ETag: "z"'], '\x1f\x8b\x08\x00'),
    { body: '\x1f\x8b\x08\x00', has: ['Content-Encoding: gzip', 'ETag: "z"', 'Content-Length: 4'] },
  ],
  [
    'body-gzip-chunked',
    'compressed bytes in chunks pass as they are',
    'pitfall 5',
    inChunks('4\r\n\x1f\x8b\x08\x00\r\n0\r\n\r\n', 'Content-Encoding: gzip'),
    { body: '\x1f\x8b\x08\x00', has: ['Content-Encoding: gzip'] },
  ],
  [
    'body-206',
    'a part passes as a part',
    'RFC 9110 15.3.7',
    answer(['Content-Range: bytes 2-5/10', 'Content-Length: 4'], '2345', 'HTTP/1.1 206 Partial Content'),
    { status: 206, body: '2345', has: ['Content-Range: bytes 2-5/10'] },
    get('/', 'Range: bytes=2-5'),
  ],
  [
    'body-206-multipart',
    'several parts pass as they are',
    'RFC 9110 14.6',
    answer(
      ['Content-Type: multipart/byteranges; boundary=X', 'Content-Length: 18'],
      '--X\r\n\r\nab\r\n--X--\r\n',
      'HTTP/1.1 206 Partial Content',
    ),
    { status: 206, body: '--X\r\n\r\nab\r\n--X--\r\n' },
  ],
  [
    'body-416',
    'a refused range passes',
    'RFC 9110 15.5.17',
    answer(['Content-Range: bytes */10', 'Content-Length: 0'], '', 'HTTP/1.1 416 Range Not Satisfiable'),
    { status: 416, has: ['Content-Range: bytes */10'] },
  ],
  [
    'body-error',
    'the body of an error passes',
    'RFC 9110 15.6',
    answer(['Content-Length: 4'], 'oops', 'HTTP/1.1 500 Internal Server Error'),
    { status: 500, body: 'oops' },
  ],
  [
    'body-redirect',
    'the body of a redirect passes, and nobody follows it',
    'pitfall 3',
    answer(['Location: /x', 'Content-Length: 4', 'Set-Cookie: a=1', 'Set-Cookie: b=2'], 'body', 'HTTP/1.1 302 Found'),
    { status: 302, body: 'body', lines: ['Location: /x', 'Content-Length: 4', 'Set-Cookie: a=1', 'Set-Cookie: b=2'] },
  ],
  [
    'body-streamed',
    'a piece of a body does not wait for the next one',
    'pitfall 4',
    [answer(['Content-Length: 6']), { clientGot: 'Content-Length: 6\r\n' }, 'abc', { clientGot: 'abc' }, 'def'],
    { body: 'abcdef' },
  ],
  [
    'body-streamed-chunks',
    'a chunk does not wait for the next one',
    'RFC 9112 7.1',
    [inChunks(abc), { clientGot: 'abc' }, '3\r\ndef\r\n', { clientGot: 'def' }, '0\r\n\r\n'],
    { body: 'abcdef' },
  ],
  [
    'body-streamed-events',
    'server-sent events pass one by one',
    'pitfall 4',
    [
      answer(['Content-Type: text/event-stream'], 'data: 1\n\n'),
      { clientGot: 'data: 1\n\n' },
      'data: 2\n\n',
      { clientGot: 'data: 2\n\n' },
      'fin',
    ],
    { body: 'data: 1\n\ndata: 2\n\n' },
  ],
  [
    'body-byte-by-byte',
    'an answer that comes byte by byte passes',
    'RFC 9112 2.2',
    [...withLength(3, 'abc')],
    { body: 'abc' },
  ],
  [
    'body-chunked-byte-by-byte',
    'chunks that come byte by byte pass',
    'RFC 9112 7.1',
    [...inChunks('3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n')],
    { body: 'abc' },
  ],
  [
    'body-3-mb',
    'a body of 3 MB passes whole',
    'RFC 9112 6.3',
    [answer(['Content-Length: 3000000']), { fill: 3_000_000 }],
    { body: { length: 3_000_000 } },
  ],
  [
    'body-3-mb-chunk',
    'a chunk of 3 MB passes whole',
    'RFC 9112 7.1',
    [inChunks('2dc6c0\r\n'), { fill: 3_000_000 }, '\r\n0\r\n\r\n'],
    { body: { length: 3_000_000 } },
  ],
  [
    'body-3-mb-until-end',
    '3 MB up to the end of the connection pass whole',
    'RFC 9112 6.3',
    [answer([]), { fill: 3_000_000 }, 'fin'],
    { body: { length: 3_000_000 } },
  ],
])

const bodiless: readonly Case[] = answering(
  (
    [
      [
        'head-length',
        'HEAD gets the length that GET would have',
        answer(['Content-Length: 1234']),
        { status: 200, body: '', has: ['Content-Length: 1234'] },
        headRequest,
      ],
      ['head-chunked', 'HEAD gets no chunks', inChunks(''), { body: '' }, headRequest],
      [
        'head-nothing',
        'HEAD gets an answer that says nothing about its length',
        answer(['X: y']),
        { body: '', has: ['X: y'], lacks: ['Content-Length'] },
        headRequest,
      ],
      [
        'head-404',
        'HEAD gets an error without body',
        answer(['Content-Length: 9'], '', 'HTTP/1.1 404 No'),
        { status: 404, body: '' },
        headRequest,
      ],
      [
        'head-body',
        'a body that PHP sends on HEAD is dropped',
        withLength(5, 'HELLO'),
        { body: '', has: ['Content-Length: 5'] },
        headRequest,
      ],
      [
        'head-zero',
        'HEAD gets a length of zero as it is',
        answer(['Content-Length: 0']),
        { body: '', has: ['Content-Length: 0'] },
        headRequest,
      ],
      [
        '204',
        '204 has no body',
        answer(['X: y'], '', 'HTTP/1.1 204 No Content'),
        { status: 204, body: '', has: ['X: y'], framing: 'none' },
        get(),
      ],
      [
        '204-length',
        'a length on 204 is dropped',
        answer(['Content-Length: 5'], '', 'HTTP/1.1 204 No Content'),
        { status: 204, lacks: ['Content-Length'] },
        get(),
      ],
      [
        '204-zero',
        'a length of zero on 204 is dropped',
        answer(['Content-Length: 0'], '', 'HTTP/1.1 204 No Content'),
        { status: 204, lacks: ['Content-Length'] },
        get(),
      ],
      [
        '204-body',
        'a body that PHP sends with 204 is dropped',
        answer(['Content-Length: 5'], 'HELLO', 'HTTP/1.1 204 No Content'),
        { status: 204, body: '' },
        get(),
      ],
      [
        '204-chunked',
        'chunks on 204 are dropped',
        answer(['Transfer-Encoding: chunked'], '0\r\n\r\n', 'HTTP/1.1 204 No Content'),
        { status: 204, body: '', lacks: ['Transfer-Encoding'] },
        get(),
      ],
      [
        '304',
        '304 has no body, and keeps its validators',
        answer(['ETag: "x"', 'Vary: Cookie', 'Date: Thu, 01 Jan 2015 00:00:00 GMT'], '', 'HTTP/1.1 304 Not Modified'),
        { status: 304, body: '', has: ['ETag: "x"', 'Vary: Cookie'] },
        get('/', 'If-None-Match: "x"'),
      ],
      [
        '304-length',
        'a length on 304 is that of the page',
        answer(['Content-Length: 1234'], '', 'HTTP/1.1 304 Not Modified'),
        { status: 304, body: '' },
        get(),
      ],
      [
        '304-body',
        'a body that PHP sends with 304 is dropped',
        answer(['ETag: "x"', 'Content-Length: 5'], 'HELLO', 'HTTP/1.1 304 Not Modified'),
        { status: 304, body: '' },
        get(),
      ],
      [
        '304-chunked',
        'chunks on 304 are dropped',
        answer(['Transfer-Encoding: chunked'], '5\r\nHELLO\r\n0\r\n\r\n', 'HTTP/1.1 304 Not Modified'),
        { status: 304, body: '' },
        get(),
      ],
      [
        '304-answer',
        'a second answer behind 304 reaches nobody',
        `${answer([], '', 'HTTP/1.1 304 Not Modified')}${withLength(4, 'evil')}`,
        { status: 304, body: '' },
        get(),
      ],
      [
        '205',
        '205 passes without content',
        answer(['Content-Length: 0'], '', 'HTTP/1.1 205 Reset Content'),
        { status: 205, body: '' },
        get(),
      ],
    ] as const
  ).map(
    ([id, title, php, expected, client]): AnswerRow => [
      `bodiless-${id}`,
      title,
      'RFC 9110 6.4.1; pitfall 12',
      php,
      expected as AnswerRow[4],
      client,
    ],
  ),
)

const trailers: readonly Case[] = [
  ...answering([
    [
      'answer-trailers',
      'trailers do not disturb',
      'RFC 9112 7.1.2',
      inChunks(`${abc}0\r\nX-Sum: 42\r\n\r\n`, 'Trailer: X-Sum'),
      { body: 'abc' },
    ],
  ]),
  ...answering(
    [
      'Content-Length: 100',
      'Transfer-Encoding: chunked',
      'Set-Cookie: admin=1',
      'Location: /evil',
      'Content-Encoding: gzip',
    ].map((line): AnswerRow => {
      const name = line.slice(0, line.indexOf(':'))
      const expected = { body: 'abc', ...(name !== 'Transfer-Encoding' && { lacks: [name] }) }
      return [
        `answer-trailer-${name.toLowerCase()}`,
        `${name} in the trailers becomes no header`,
        'RFC 9110 6.5.1',
        inChunks(`${abc}0\r\n${line}\r\n\r\n`),
        expected,
      ]
    }),
  ),
  ...should(
    answering([
      [
        'answer-trailers-pass',
        'trailers pass',
        'RFC 9112 7.1.2',
        inChunks(`${abc}0\r\nX-Sum: 42\r\nx-b: c\r\n\r\n`, 'Trailer: X-Sum, x-b'),
        { body: 'abc', trailers: ['X-Sum: 42', 'x-b: c'] },
      ],
    ]),
  ),
]

const oldClients: readonly Case[] = (
  [
    ['length', 'a body of known length', withLength(3, 'abc'), 'abc'],
    ['chunked', 'a chunked body without chunks', inChunks(`${abc}0\r\n\r\n`), 'abc'],
    ['trailers', 'a chunked body without trailers', inChunks(`${abc}0\r\nX: y\r\n\r\n`), 'abc'],
    ['until-end', 'a body up to the end of the connection', [untilEnd, 'fin'], 'abc'],
    ['empty', 'an empty body', withLength(0, ''), ''],
  ] as const
).map(([id, what, php, body]) => ({
  id: `old-client-${id}`,
  title: `HTTP/1.0 gets ${what}, and the end of the connection`,
  source: 'RFC 9112 7.1, 9.3',
  level: 'must',
  client: oldRequest,
  php: [php],
  expect: { answers: [{ body, lacks: ['Transfer-Encoding', 'Trailer'] }], connection: 'closed' },
}))

export const bodyCases: readonly Case[] = [...bodies, ...bodiless, ...trailers, ...(oldClients as readonly Case[])]
