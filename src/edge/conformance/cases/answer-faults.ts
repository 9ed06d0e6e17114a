import { answer, type BadAnswerRow, badAnswers, type Case, cutAnswers, get, request } from '../case.ts'
import { abc, inChunks, oldRequest, untilEnd, withLength } from './answer-bodies.ts'

const contradictions: readonly Case[] = badAnswers(
  (
    [
      [
        'length-twice',
        'two different lengths',
        '6.3',
        answer(['Content-Length: 2', 'Content-Length: 3'], 'abc'),
        undefined,
      ],
      ['length-list', 'a list of different lengths', '6.3', answer(['Content-Length: 2, 3'], 'abc'), undefined],
      [
        'length-twice-same',
        'the same length twice',
        '6.3',
        answer(['Content-Length: 3', 'Content-Length: 3'], 'abc'),
        { body: 'abc', values: { 'Content-Length': ['3'] } },
      ],
      [
        'length-list-same',
        'a list of the same length',
        '6.3',
        answer(['Content-Length: 3, 3'], 'abc'),
        { body: 'abc', values: { 'Content-Length': ['3'] } },
      ],
      ['length-zeros', 'leading zeros of a length', '6.3', answer(['Content-Length: 003'], 'abc'), { body: 'abc' }],
      [
        'length-spaces',
        'white space around a length',
        '6.3',
        answer(['Content-Length:  \t3 \t'], 'abc'),
        { body: 'abc' },
      ],
      ['length-sign', 'a length with a sign', '6.3', answer(['Content-Length: +3'], 'abc'), undefined],
      ['length-negative', 'a negative length', '6.3', answer(['Content-Length: -3'], 'abc'), undefined],
      ['length-hexadecimal', 'a length in 0x', '6.3', answer(['Content-Length: 0x3'], 'abc'), undefined],
      ['length-letters', 'a length of letters', '6.3', answer(['Content-Length: abc'], 'abc'), undefined],
      ['length-empty', 'an empty length', '6.3', answer(['Content-Length:'], 'abc'), undefined],
      ['length-two-numbers', 'a length of two numbers', '6.3', answer(['Content-Length: 3 4'], 'abc'), undefined],
      [
        'length-overflow',
        'a length of more than 64 bits',
        '6.3',
        answer(['Content-Length: 18446744073709551619'], 'abc'),
        undefined,
      ],
      [
        'both',
        'both a length and chunks',
        '6.3',
        inChunks(`${abc}0\r\n\r\n`, 'Content-Length: 3'),
        { body: 'abc', lacks: ['Content-Length'] },
      ],
      [
        'both-zero',
        'a length of zero and chunks',
        '6.3',
        answer(['Content-Length: 0', 'Transfer-Encoding: chunked'], `${abc}0\r\n\r\n`),
        { body: 'abc', lacks: ['Content-Length'] },
      ],
      [
        'coding-unknown',
        'an unknown transfer coding',
        '6.1',
        [answer(['Transfer-Encoding: cow'], 'abc'), 'fin'],
        undefined,
      ],
      ['coding-gzip', 'gzip as transfer coding', '6.1', [answer(['Transfer-Encoding: gzip'], 'abc'), 'fin'], undefined],
      [
        'coding-gzip-chunked',
        'gzip before chunked',
        '6.1',
        answer(['Transfer-Encoding: gzip, chunked'], `${abc}0\r\n\r\n`),
        undefined,
      ],
      [
        'coding-not-last',
        'chunked that is not the last coding',
        '6.3',
        [answer(['Transfer-Encoding: chunked, gzip'], `${abc}0\r\n\r\n`), 'fin'],
        undefined,
      ],
      [
        'coding-twice',
        'chunked twice',
        '6.1',
        answer(['Transfer-Encoding: chunked, chunked'], `${abc}0\r\n\r\n`),
        undefined,
      ],
      [
        'coding-two-lines',
        'chunked in two lines',
        '6.1',
        answer(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `${abc}0\r\n\r\n`),
        undefined,
      ],
      [
        'coding-empty',
        'an empty transfer coding',
        '6.1',
        [answer(['Transfer-Encoding:'], 'abc'), 'fin'],
        { body: 'abc' },
      ],
      [
        'coding-identity',
        'identity as transfer coding',
        '6.1',
        [answer(['Transfer-Encoding: identity', 'Content-Length: 3'], 'abc'), 'fin'],
        { body: 'abc', values: { 'Content-Length': ['3'] } },
      ],
      [
        'coding-space',
        'a space before the colon of the coding',
        '5.1',
        answer(['Transfer-Encoding : chunked'], `${abc}0\r\n\r\n`),
        { body: 'abc' },
      ],
      [
        'coding-1-0',
        'chunks in HTTP/1.0',
        '6.1',
        [answer(['Transfer-Encoding: chunked'], `${abc}0\r\n\r\n`, 'HTTP/1.0 200 OK'), 'fin'],
        { body: 'abc' },
      ],
      [
        'coding-vertical-tab',
        'a vertical tab before the coding',
        '6.1',
        answer(['Transfer-Encoding: \x0bchunked'], `${abc}0\r\n\r\n`),
        undefined,
      ],
    ] as const
  ).map(([id, what, section, php, instead]): BadAnswerRow => {
    return [
      `answer-${id}`,
      `${what} in an answer is put right, or the answer is not passed on`,
      `RFC 9112 ${section}`,
      php,
      instead as BadAnswerRow[4],
    ]
  }),
)

/** In chunks of an answer, behind a good piece that the client has got. */
const badChunks: readonly Case[] = cutAnswers(
  Object.entries({
    'no-size': 'g\r\nabc\r\n0\r\n\r\n',
    prefix: '0x3\r\nabc\r\n0\r\n\r\n',
    negative: '-3\r\nabc\r\n0\r\n\r\n',
    space: ' 3\r\nabc\r\n0\r\n\r\n',
    empty: '\r\nabc\r\n0\r\n\r\n',
    overflow: 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n',
    'size-lf': '3\nabc\r\n0\r\n\r\n',
    'size-cr': '3\rabc\r\n0\r\n\r\n',
    'data-long': '3\r\nabcdef\r\n0\r\n\r\n',
    'data-no-line-end': '3\r\nabc0\r\n\r\n',
    'data-lf': '3\r\nabc\n0\r\n\r\n',
    'extension-lf': '3;a\nb\r\nabc\r\n0\r\n\r\n',
    'last-lf': '0\n\r\n',
  }).map(([id, rest]) => [
    `answer-chunk-${id}`,
    `${JSON.stringify(rest.slice(0, 12))} in the chunks of an answer breaks it off`,
    'RFC 9112 7.1',
    [inChunks('5\r\nfirst\r\n'), { clientGot: 'first' }, rest, 'fin'],
  ]),
)

const breaks: readonly Case[] = cutAnswers(
  (
    [
      ['length-fin', 'a body that ends too early', [withLength(10, 'abc'), { clientGot: 'abc' }, 'fin']],
      ['length-reset', 'a body that is reset', [withLength(10, 'abc'), { clientGot: 'abc' }, 'reset']],
      ['length-fin-no-byte', 'a body of which nothing comes', [withLength(10, ''), { clientGot: '\r\n\r\n' }, 'fin']],
      ['chunked-fin', 'chunks without a last one', [inChunks(abc), { clientGot: 'abc' }, 'fin']],
      ['chunked-reset', 'chunks that are reset', [inChunks(abc), { clientGot: 'abc' }, 'reset']],
      ['chunked-fin-in-size', 'a size that breaks off', [inChunks(`${abc}1`), { clientGot: 'abc' }, 'fin']],
      ['chunked-fin-in-data', 'a chunk that breaks off', [inChunks('6\r\nabc'), { clientGot: 'abc' }, 'fin']],
      [
        'chunked-fin-in-trailers',
        'trailers that break off',
        [inChunks(`${abc}0\r\nX: y`), { clientGot: 'abc' }, 'fin'],
      ],
      [
        'chunked-fin-before-end',
        'a last chunk without the last line end',
        [inChunks(`${abc}0\r\n`), { clientGot: 'abc' }, 'fin'],
      ],
      ['until-end-reset', 'a body up to the end that is reset', [untilEnd, { clientGot: 'abc' }, 'reset']],
      [
        'gzip-fin',
        'a compressed body that ends too early',
        [answer(['Content-Encoding: gzip', 'Content-Length: 9'], 'abc'), { clientGot: 'abc' }, 'fin'],
      ],
    ] as const
  ).map(([id, what, php]) => [`break-${id}`, `the client sees the break of ${what}`, 'RFC 9112 8', php]),
).concat(
  cutAnswers([
    [
      'break-old-length',
      'HTTP/1.0 sees the break of a body',
      'RFC 9112 8',
      [withLength(10, 'abc'), { clientGot: 'abc' }, 'fin'],
      oldRequest,
    ],
    [
      'break-old-chunked',
      'HTTP/1.0 sees the break of chunks',
      'RFC 9112 8',
      [inChunks(abc), { clientGot: 'abc' }, 'fin'],
      oldRequest,
    ],
    [
      'break-old-until-end',
      'HTTP/1.0 sees the reset of a body up to the end',
      'RFC 9112 8',
      [untilEnd, { clientGot: 'abc' }, 'reset'],
      oldRequest,
    ],
  ]),
)

const deadHeads: readonly Case[] = badAnswers(
  (
    [
      ['fin', 'a connection that ends without a byte', ['fin']],
      ['reset', 'a connection that is reset without a byte', ['reset']],
      ['fin-in-status', 'a status line that breaks off', ['HTTP/1.1 20', 'fin']],
      ['fin-in-head', 'a head that breaks off', ['HTTP/1.1 200 OK\r\nContent-Le', 'fin']],
      ['reset-in-head', 'a head that is reset', ['HTTP/1.1 200 OK\r\nContent-Le', 'reset']],
      ['fin-before-end', 'a head without the last line end', ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n', 'fin']],
    ] as const
  ).map(([id, what, php]): BadAnswerRow => [`dead-${id}`, `${what} is 502`, 'RFC 9110 15.6.3', php]),
)

const extra = withLength(4, 'evil')

/** What PHP sends behind an answer belongs to nobody: the next request must not get it. */
const leftovers: readonly Case[] = (
  [
    ['length', 'more bytes than the length says', `${withLength(5, 'first')}${extra}`, get('/1')],
    ['length-garbage', 'garbage behind an answer', `${withLength(5, 'first')}garbage`, get('/1')],
    ['length-line-end', 'a line end behind an answer', `${withLength(5, 'first')}\r\n`, get('/1')],
    ['chunked', 'an answer behind the last chunk', `${inChunks('5\r\nfirst\r\n0\r\n\r\n')}${extra}`, get('/1')],
    ['zero', 'an answer behind an empty one', `${answer(['X: first', 'Content-Length: 0'])}${extra}`, get('/1')],
    ['204', 'an answer behind 204', `${answer(['X: first'], '', 'HTTP/1.1 204 No Content')}${extra}`, get('/1')],
    ['304', 'an answer behind 304', `${answer(['X: first'], '', 'HTTP/1.1 304 Not Modified')}${extra}`, get('/1')],
    [
      'head',
      'an answer behind that to HEAD',
      `${answer(['X: first', 'Content-Length: 3'])}${extra}`,
      request('HEAD /1 HTTP/1.1'),
    ],
    [
      'head-body',
      'a body behind the answer to HEAD',
      `${answer(['X: first', 'Content-Length: 5'])}HTTP/`,
      request('HEAD /1 HTTP/1.1'),
    ],
  ] as const
).flatMap(([id, what, first, client]): readonly Case[] => {
  const common = { source: 'RFC 9112 9.2; pitfall 12', level: 'must' } as const
  const expect = {
    answers: [{ status: [200, 204, 304] }, { status: 200, body: 'second' }],
    connection: 'kept',
  } as const
  const next = withLength(6, 'second')
  return [
    {
      ...common,
      id: `leftover-${id}`,
      title: `${what} does not reach the next request`,
      client: [client, { got: 'first' }, get('/2')],
      php: [first, next],
      expect,
    },
    {
      ...common,
      id: `leftover-pipelined-${id}`,
      title: `${what} does not reach a request that waits`,
      client: `${client}${get('/2')}`,
      php: [first, next],
      expect,
    },
  ]
})

const lateBodies: readonly Case[] = (
  [
    ['head', 'HEAD', request('HEAD /1 HTTP/1.1'), answer(['X: first', 'Content-Length: 5'])],
    ['304', '304', get('/1'), answer(['X: first', 'Content-Length: 5'], '', 'HTTP/1.1 304 Not Modified')],
    ['204', '204', get('/1'), answer(['X: first', 'Content-Length: 5'], '', 'HTTP/1.1 204 No Content')],
  ] as const
).map(([id, what, client, first]) => ({
  id: `leftover-late-${id}`,
  title: `a body that PHP sends late behind ${what} does not reach the next request`,
  source: 'RFC 9112 9.2; pitfall 12',
  level: 'must',
  client: [client, { got: 'first' }, get('/2')],
  php: [[first, { clientGot: 'first' }, 'HELLO'], withLength(6, 'second')],
  expect: { answers: [{ status: [200, 204, 304] }, { status: 200, body: 'second' }], connection: 'kept' },
}))

const late: Case = {
  id: 'leftover-late',
  title: 'bytes on an idle connection to PHP close it, and reach nobody',
  source: 'RFC 9112 9.2',
  level: 'must',
  client: [get('/1'), { got: 'first' }, { phpClosed: 1 }, get('/2')],
  php: [[withLength(5, 'first'), { clientGot: 'first' }, extra], withLength(6, 'second')],
  expect: { answers: [{ body: 'first' }, { body: 'second' }], connection: 'kept' },
}

export const contradictionCases: readonly Case[] = [...contradictions, ...badChunks]

export const breakCases: readonly Case[] = [...breaks, ...deadHeads]

export const leftoverCases: readonly Case[] = [...leftovers, late, ...(lateBodies as readonly Case[])]
