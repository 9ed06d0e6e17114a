import { behind, type Case, chunked, either, type PassingRow, passing, refused, should } from '../case.ts'

/** Bodies that break the rules of chunks: PHP may have seen the beginning, never an end. */
const bad: Readonly<Record<string, readonly [what: string, source: string, body: string]>> = {
  'size-empty': ['an empty size', '7.1', '\r\nabc\r\n0\r\n\r\n'],
  'size-letter': ['a size of other letters', '7.1', 'g\r\nabc\r\n0\r\n\r\n'],
  'size-prefix': ['a size in 0x', '7.1', '0x3\r\nabc\r\n0\r\n\r\n'],
  'size-prefix-upper': ['a size in 0X', '7.1', '0X3\r\nabc\r\n0\r\n\r\n'],
  'size-plus': ['a size with a plus', '7.1', '+3\r\nabc\r\n0\r\n\r\n'],
  'size-minus': ['a size with a minus', '7.1', '-3\r\nabc\r\n0\r\n\r\n'],
  'size-minus-zero': ['a size of minus zero', '7.1', '3\r\nabc\r\n-0\r\n\r\n'],
  'size-space-before': ['a space before the size', '7.1', ' 3\r\nabc\r\n0\r\n\r\n'],
  'size-tab-before': ['a tab before the size', '7.1', '\t3\r\nabc\r\n0\r\n\r\n'],
  'size-underscore': ['a size with an underscore', '7.1', '0_3\r\nabc\r\n0\r\n\r\n'],
  'size-decimal': ['a size with a point', '7.1', '3.0\r\nabc\r\n0\r\n\r\n'],
  'size-comma': ['a size with a comma', '7.1', '3,\r\nabc\r\n0\r\n\r\n'],
  'size-quoted': ['a size in quotes', '7.1', '"3"\r\nabc\r\n0\r\n\r\n'],
  'size-nul': ['NUL behind the size', '7.1', '3\0\r\nabc\r\n0\r\n\r\n'],
  'size-vertical-tab': ['a vertical tab behind the size', '7.1', '3\x0b\r\nabc\r\n0\r\n\r\n'],
  'size-8-bit': ['an 8-bit byte behind the size', '7.1', '3\xa0\r\nabc\r\n0\r\n\r\n'],
  'size-two': ['two sizes in a line', '7.1', '3 3\r\nabc\r\n0\r\n\r\n'],
  'size-overflow-64': ['a size of more than 64 bits', '7.1', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
  'size-overflow-signed': ['a size of 64 ones', '7.1', 'ffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
  'size-overflow-long': ['a size of 200 digits', '7.1', `${'f'.repeat(200)}\r\nabc\r\n0\r\n\r\n`],
  'size-lf': ['a bare LF behind the size', '7.1; CVE-2025-22871', '3\nabc\r\n0\r\n\r\n'],
  'size-cr': ['a bare CR behind the size', '7.1', '3\rabc\r\n0\r\n\r\n'],
  'size-cr-cr-lf': ['CR CR LF behind the size', '7.1', '3\r\r\nabc\r\n0\r\n\r\n'],
  'size-endless': ['a size line without end', '7.1', '0'.repeat(100_000)],
  'data-long': ['more data than the size says', '7.1', '3\r\nabcdef\r\n0\r\n\r\n'],
  'data-short': ['less data than the size says', '7.1', '8\r\nabc\r\n0\r\n\r\n'],
  'data-no-line-end': ['no line end behind the data', '7.1', '3\r\nabc0\r\n\r\n'],
  'data-lf': ['a bare LF behind the data', '7.1', '3\r\nabc\n0\r\n\r\n'],
  'data-cr': ['a bare CR behind the data', '7.1', '3\r\nabc\r0\r\n\r\n'],
  'data-spill': ['two other bytes behind the data', '7.1; TERM.SPILL', '3\r\nabcXX0\r\n\r\n'],
  'data-empty-line': ['an empty line behind the data', '7.1', '3\r\nabc\r\n\r\n0\r\n\r\n'],
  'last-lf': ['a bare LF behind the last size', '7.1', '3\r\nabc\r\n0\n\r\n'],
  'last-lf-lf': ['LF LF at the end', '7.1', '3\r\nabc\r\n0\n\n'],
  'last-crlf-lf': ['CR LF LF at the end', '7.1', '3\r\nabc\r\n0\r\n\n'],
  'last-cr-x': ['another byte in place of the last LF', '7.1', '3\r\nabc\r\n0\r\n\rX'],
  'extension-lf': ['a bare LF in an extension', '7.1.1; CVE-2025-22871; TERM.EXT', '3;a\nb\r\nabc\r\n0\r\n\r\n'],
  'extension-lf-first': ['a bare LF as an extension', '7.1.1; TERM.EXT', '2;\nxx\r\n4c\r\n0\r\n\r\n'],
  'extension-lf-quoted': ['a bare LF in a quoted extension', '7.1.1; EXT.TERM', '3;a="\n"\r\nabc\r\n0\r\n\r\n'],
  'extension-cr': ['a bare CR in an extension', '7.1.1; EXT.TERM', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
  'extension-nul': ['NUL in an extension', '7.1.1', '3;a\0b\r\nabc\r\n0\r\n\r\n'],
  'extension-last-lf': ['a bare LF in the last extension', '7.1.1', '3\r\nabc\r\n0;\n\r\n\r\n'],
  'extension-endless': ['extensions without end', '7.1.1; CVE-2024-22019', `3;${'a'.repeat(200_000)}`],
  'trailer-space': ['a space before the colon of a trailer', '5.1', '3\r\nabc\r\n0\r\nX : y\r\n\r\n'],
  'trailer-no-colon': ['a trailer without colon', '5', '3\r\nabc\r\n0\r\nXY\r\n\r\n'],
  'trailer-empty-name': ['a trailer without name', '5.1', '3\r\nabc\r\n0\r\n: y\r\n\r\n'],
  'trailer-nul': ['NUL in a trailer', '5.5', '3\r\nabc\r\n0\r\nX: a\0b\r\n\r\n'],
  'trailer-lf': ['a bare LF between trailers', '2.2', '3\r\nabc\r\n0\r\nX: y\nZ: a\r\n\r\n'],
  'trailer-cr': ['a bare CR in a trailer', '2.2', '3\r\nabc\r\n0\r\nX: a\rb\r\n\r\n'],
  'trailer-8-bit-name': ['an 8-bit byte in the name of a trailer', '5.1', '3\r\nabc\r\n0\r\nX\xe9: y\r\n\r\n'],
  'trailer-request-line': ['a request in place of trailers', '7.1.2', '3\r\nabc\r\n0\r\nGET /x HTTP/1.1\r\n\r\n'],
  'trailer-huge': ['trailers of 200,000 bytes', '7.1.2', `3\r\nabc\r\n0\r\nX: ${'y'.repeat(200_000)}\r\n\r\n`],
  'trailer-many': ['20,000 trailers', '7.1.2', `3\r\nabc\r\n0\r\n${'A: b\r\n'.repeat(20_000)}\r\n`],
}

const refusedBodies: readonly Case[] = Object.entries(bad).map(([id, [what, source, body]]) => ({
  id: `chunk-${id}`,
  title: `${what} is refused, and nothing behind it is read`,
  source: `RFC 9112 ${source}`,
  level: 'must',
  client: `${chunked(body)}${behind}`,
  expect: [refused([400, 413, 431]), { answers: [], connection: 'closed', php: 'nothing complete' }],
}))

const good: readonly Case[] = passing(
  (
    [
      ['size-lower', 'a size in lower case', `a\r\n0123456789\r\n0\r\n\r\n`, '0123456789'],
      ['size-upper', 'a size in upper case', `A\r\n0123456789\r\n0\r\n\r\n`, '0123456789'],
      ['size-zeros', 'a size with leading zeros', '0003\r\nabc\r\n0\r\n\r\n', 'abc'],
      ['size-last-zeros', 'a last size of several zeros', '3\r\nabc\r\n000\r\n\r\n', 'abc'],
      ['pieces', 'many small pieces', `${'1\r\nx\r\n'.repeat(1_000)}0\r\n\r\n`, 'x'.repeat(1_000)],
      [
        'large',
        'a piece of 300,000 bytes',
        `${(300_000).toString(16)}\r\n${'y'.repeat(300_000)}\r\n0\r\n\r\n`,
        'y'.repeat(300_000),
      ],
      ['binary', 'line ends within a piece', '6\r\n\r\n0\r\n\r\r\n0\r\n\r\n', '\r\n0\r\n\r'],
      ['like-end', 'a piece that looks like the end', '5\r\n0\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n'],
      ['extension', 'an extension', '3;a\r\nabc\r\n0\r\n\r\n', 'abc'],
      ['extension-value', 'an extension with a value', '3;a=b;c=d\r\nabc\r\n0\r\n\r\n', 'abc'],
      ['extension-quoted', 'a quoted extension', '3;a="b;c\\"d"\r\nabc\r\n0\r\n\r\n', 'abc'],
      ['extension-last', 'an extension of the last chunk', '3\r\nabc\r\n0;a=b\r\n\r\n', 'abc'],
    ] as const
  ).map(
    ([id, what, body, content]): PassingRow => [
      `chunk-${id}`,
      `${what} is understood`,
      'RFC 9112 7.1',
      chunked(body),
      { body: content },
    ],
  ),
)

const open: readonly Case[] = either(
  (
    [
      ['size-space', 'a space behind the size', '3 \r\nabc\r\n0\r\n\r\n'],
      ['size-many-zeros', 'a size with 100 leading zeros', `${'0'.repeat(100)}3\r\nabc\r\n0\r\n\r\n`],
      ['extension-space', 'white space around an extension', '3 ; a = b\r\nabc\r\n0\r\n\r\n'],
      ['extension-empty', 'an empty extension', '3;\r\nabc\r\n0\r\n\r\n'],
      ['extension-8-bit', 'an 8-bit byte in an extension', '3;a=\xe9\r\nabc\r\n0\r\n\r\n'],
      ['extension-open-quote', 'an open quote in an extension', '3;a="b\r\nabc\r\n0\r\n\r\n'],
      ['extension-4096', 'an extension of 4,096 bytes', `3;a=${'b'.repeat(4_096)}\r\nabc\r\n0\r\n\r\n`],
      ['trailer-fold', 'a folded trailer', '3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n'],
    ] as const
  ).map(([id, what, body]) => [
    `chunk-${id}`,
    `${what} is understood or refused`,
    'RFC 9112 7.1.1',
    chunked(body),
    { body: 'abc' },
    [400, 413],
  ]),
)

const trailers: readonly Case[] = [
  ...passing([
    [
      'trailer',
      'trailers do not disturb',
      'RFC 9112 7.1.2',
      chunked('3\r\nabc\r\n0\r\nX-Sum: 42\r\nY: z\r\n\r\n'),
      { body: 'abc', lacks: ['X-Sum', 'Y'] },
    ],
  ]),
  ...passing(
    [
      'Content-Length: 100',
      'Transfer-Encoding: chunked',
      'Host: b.test',
      'Cookie: admin=1',
      'Authorization: Basic eDp5',
      'X-Forwarded-For: 6.6.6.6',
      'Content-Type: x/y',
    ].map((line): PassingRow => {
      const name = line.slice(0, line.indexOf(':'))
      const php = { body: 'abc', trailers: [], ...(/^(?:cookie|auth|content-t)/i.test(name) && { lacks: [name] }) }
      const title = `${name} in the trailers becomes neither a header nor a trailer at PHP`
      return [
        `trailer-${name.toLowerCase()}`,
        title,
        'RFC 9110 6.5.1',
        chunked(`3\r\nabc\r\n0\r\n${line}\r\n\r\n`),
        php,
      ]
    }),
  ),
].map((item) => (item.id === 'trailer' ? item : { ...item, expect: [item.expect, refused()].flat() }))

const pieces: readonly Case[] = [
  {
    id: 'chunk-byte-by-byte',
    title: 'a chunked body that comes byte by byte is understood',
    source: 'RFC 9112 7.1',
    level: 'must',
    client: [...chunked('3;a="b"\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n')],
    expect: { answers: [200], connection: 'kept', php: [{ body: 'abcde' }] },
  },
  {
    id: 'chunk-error-behind-good-pieces',
    title: 'a bad chunk behind good ones breaks the request off at PHP too',
    source: 'RFC 9112 8; pitfall 1',
    level: 'must',
    client: [chunked('3\r\nabc\r\n'), { phpGot: 'abc' }, `zz\r\n${behind}`],
    expect: [refused(), { answers: [], php: 'nothing complete' }],
  },
]

const strict: readonly Case[] = should([
  {
    id: 'chunk-extension-flood',
    title: 'extensions of 200,000 bytes in all are refused',
    source: 'RFC 9112 7.1.1; CVE-2024-22019',
    level: 'should',
    client: `${chunked(`${`1;${'a'.repeat(1_000)}\r\nx\r\n`.repeat(200)}0\r\n\r\n`)}${behind}`,
    expect: [refused([400, 413]), { answers: [], php: 'nothing complete' }],
  },
  ...passing([
    [
      'chunk-extension-dropped',
      'an extension does not reach PHP',
      'RFC 9112 7.1.1',
      chunked('3;secret=1\r\nabc\r\n0\r\n\r\n'),
      { body: 'abc' },
    ],
  ]),
])

export const chunkCases: readonly Case[] = [...refusedBodies, ...good, ...open, ...trailers, ...pieces, ...strict]
