import { answer, type Case, type ClientStep, chunked, get, ok, post, request } from '../case.ts'

const upload = (length: number, ...lines: readonly string[]): string =>
  request('POST /u HTTP/1.1', [`Content-Length: ${length}`, ...lines])

/** Soon, but not before a busy machine has read what was sent. */
const soon = { timeoutMs: 800 }

const headThenAbc = answer(['Content-Length: 10'], 'abc')

const uploads: readonly Case[] = [
  {
    id: 'upload-3-mb',
    title: 'a body of 3 MB reaches PHP whole',
    source: 'RFC 9112 6.3',
    level: 'must',
    client: [upload(3_000_000), { fill: 3_000_000 }],
    expect: { answers: [200], connection: 'kept', php: [{ body: { length: 3_000_000 } }] },
  },
  {
    id: 'upload-3-mb-chunk',
    title: 'a chunk of 3 MB reaches PHP whole',
    source: 'RFC 9112 7.1',
    level: 'must',
    client: [
      request('POST /u HTTP/1.1', ['Transfer-Encoding: chunked']),
      '2dc6c0\r\n',
      { fill: 3_000_000 },
      '\r\n0\r\n\r\n',
    ],
    expect: { answers: [200], connection: 'kept', php: [{ body: { length: 3_000_000 } }] },
  },
  {
    id: 'upload-streamed',
    title: 'a piece of a body reaches PHP before the next one is sent',
    source: 'pitfall 4',
    level: 'must',
    client: [upload(6), 'abc', { phpGot: 'abc' }, 'def'],
    expect: { answers: [200], connection: 'kept', php: [{ body: 'abcdef' }] },
  },
  {
    id: 'upload-streamed-chunks',
    title: 'a chunk reaches PHP before the next one is sent',
    source: 'pitfall 4',
    level: 'must',
    client: [chunked('3\r\nabc\r\n'), { phpGot: 'abc' }, '3\r\ndef\r\n', { phpGot: 'def' }, '0\r\n\r\n'],
    expect: { answers: [200], connection: 'kept', php: [{ body: 'abcdef' }] },
  },
  {
    id: 'upload-early-answer',
    title: 'an answer that PHP gives before the body has come reaches the client at once',
    source: 'RFC 9112 9.3',
    level: 'must',
    client: [upload(2_000_000), { fill: 100_000 }, { got: '413 Too Large' }],
    php: [['early', answer(['Content-Length: 3'], 'big', 'HTTP/1.1 413 Too Large')]],
    expect: { answers: [{ status: 413, body: 'big' }], php: 'nothing complete' },
  },
  {
    id: 'upload-early-answer-close',
    title: 'an answer that PHP gives while it closes reaches a client that still sends',
    source: 'RFC 9112 9.6',
    level: 'must',
    client: [upload(2_000_000), { fill: 100_000 }, { got: '413 Too Large' }],
    php: [['early', answer(['Content-Length: 3', 'Connection: close'], 'big', 'HTTP/1.1 413 Too Large'), 'fin']],
    expect: { answers: [{ status: 413, body: 'big' }], php: 'nothing complete' },
  },
  {
    id: 'upload-early-answer-then-rest',
    title: 'behind an early answer the rest of the body is no request',
    source: 'RFC 9112 9.3',
    level: 'must',
    client: [upload(50), { got: 'early!' }, get('/in-the-body').padEnd(50, 'x').slice(0, 50)],
    php: [['early', answer(['Content-Length: 6'], 'early!')]],
    expect: [
      { answers: [{ body: 'early!' }], connection: 'kept' },
      { answers: [{ body: 'early!' }], connection: 'closed' },
    ],
  },
  {
    id: 'upload-php-dies',
    title: 'PHP that dies while it takes a body is 502',
    source: 'RFC 9110 15.6.3',
    level: 'must',
    client: [upload(2_000_000), { fill: 100_000 }, 'closed'],
    php: [['early', { got: 'xxx' }, 'reset']],
    expect: [
      { answers: [502], php: 'nothing complete' },
      { answers: [], connection: 'cut', php: 'nothing complete' },
    ],
  },
]

const aborts: readonly Case[] = [
  ...(
    [
      ['head', 'in the middle of a head', ['GET /a HTTP/1.1\r\nHo', 'half-close'], 'nothing'],
      ['head-reset', 'in the middle of a head, by a reset,', ['GET /a HTTP/1.1\r\nHo', 'reset'], 'nothing'],
      ['body', 'in the middle of a body', [upload(10), 'abc', { phpGot: 'abc' }, 'half-close'], 'nothing complete'],
      [
        'body-reset',
        'in the middle of a body, by a reset,',
        [upload(10), 'abc', { phpGot: 'abc' }, 'reset'],
        'nothing complete',
      ],
      ['chunk', 'in the middle of a chunk', [chunked('6\r\nabc'), { phpGot: 'abc' }, 'half-close'], 'nothing complete'],
      ['chunks', 'between chunks', [chunked('3\r\nabc\r\n'), { phpGot: 'abc' }, 'half-close'], 'nothing complete'],
      [
        'chunk-size',
        'in the middle of a chunk size',
        [chunked('3\r\nabc\r\n1'), { phpGot: 'abc' }, 'half-close'],
        'nothing complete',
      ],
      [
        'chunks-reset',
        'between chunks, by a reset,',
        [chunked('3\r\nabc\r\n'), { phpGot: 'abc' }, 'reset'],
        'nothing complete',
      ],
      [
        'trailers',
        'in the middle of trailers',
        [chunked('3\r\nabc\r\n0\r\nX:'), { phpGot: 'abc' }, 'half-close'],
        'nothing complete',
      ],
      [
        'before-end',
        'before the last line end',
        [chunked('3\r\nabc\r\n0\r\n'), { phpGot: 'abc' }, 'half-close'],
        'nothing complete',
      ],
    ] as const
  ).map(
    ([id, when, client, php]): Case => ({
      id: `abort-${id}`,
      title: `a client that leaves ${when} leaves no whole request at PHP, and PHP sees the end`,
      source: 'RFC 9112 8',
      level: 'must',
      client: [...client, 'closed'],
      expect: [
        { answers: [], php },
        { answers: [{ status: [400, 408] }], php },
      ],
    }),
  ),
  {
    id: 'abort-while-php-works',
    title: 'PHP is aborted when the client leaves before the answer',
    source: 'pitfall 14',
    level: 'must',
    client: [get('/a'), { phpGot: '/a' }, 'reset', { phpClosed: 1 }],
    php: [[{ got: 'for ever' }]],
    expect: { answers: [], php: [{ start: 'GET /a HTTP/1.1' }] },
  },
  {
    id: 'abort-while-php-works-post',
    title: 'PHP is aborted when the client leaves behind its upload',
    source: 'pitfall 14',
    level: 'must',
    client: [post('abc'), { phpGot: 'abc' }, 'reset', { phpClosed: 1 }],
    php: [[{ got: 'for ever' }]],
    expect: { answers: [], php: [{ body: 'abc' }] },
  },
  {
    id: 'abort-within-answer',
    title: 'PHP is aborted when the client leaves in the middle of the answer',
    source: 'pitfall 14',
    level: 'must',
    client: [get('/a'), { got: 'abc' }, 'reset', { phpClosed: 1 }],
    php: [[headThenAbc, { got: 'for ever' }]],
    expect: { answers: [] },
  },
  {
    id: 'abort-within-large-answer',
    title: 'PHP is aborted when the client leaves in the middle of a large answer',
    source: 'pitfall 14',
    level: 'must',
    client: [get('/a'), { got: 'xxx' }, 'reset', { phpClosed: 1 }],
    php: [[answer(['Content-Length: 300000000']), { fill: 300_000_000 }]],
    expect: { answers: [] },
  },
  {
    id: 'abort-while-waiting',
    title: 'a client that leaves the queue never reaches PHP, and the queue goes on',
    source: 'design E5',
    level: 'must',
    fig: { runningMax: 1, waitingMax: 5 },
    client: [get('/1'), { phpGot: '/1' }, get('/2'), 'reset', { phpClosed: 1 }],
    php: [[{ got: 'for ever' }], ok],
    expect: { answers: [], php: [{ start: 'GET /1 HTTP/1.1' }] },
  },
  {
    id: 'slow-reader',
    title: 'a client that reads late gets all of a large answer',
    source: 'design E4',
    level: 'must',
    client: ['pause', get('/a'), { phpGot: '/a' }, 'resume'],
    php: [[answer(['Content-Length: 20000000']), { fill: 20_000_000 }]],
    expect: { answers: [{ body: { length: 20_000_000 } }], connection: 'kept' },
  },
]

const timeouts: readonly Case[] = [
  {
    id: 'timeout-first-byte',
    title: 'PHP that does not begin to answer is 504',
    source: 'RFC 9110 15.6.5',
    level: 'must',
    fig: soon,
    client: get(),
    php: [[{ got: 'for ever' }]],
    expect: { answers: [504], php: [{}] },
  },
  {
    id: 'timeout-head',
    title: 'PHP that stops in the middle of a head is 504, or 502',
    source: 'RFC 9110 15.6.5',
    level: 'must',
    fig: soon,
    client: get(),
    php: [['HTTP/1.1 200 OK\r\nX: ', { got: 'for ever' }]],
    expect: { answers: [{ status: [502, 504] }] },
  },
  {
    id: 'timeout-interim',
    title: 'PHP that stops behind an interim answer is 504, or a break',
    source: 'RFC 9110 15.6.5',
    level: 'must',
    fig: soon,
    client: get(),
    php: [['HTTP/1.1 103 Early Hints\r\n\r\n', { got: 'for ever' }]],
    expect: [{ answers: [{ status: [502, 504] }] }, { answers: [], connection: 'cut' }],
  },
  {
    id: 'timeout-body',
    title: 'PHP that stops in the middle of a body is a break',
    source: 'RFC 9112 8',
    level: 'must',
    fig: soon,
    client: get(),
    php: [[headThenAbc, { got: 'for ever' }]],
    expect: { answers: [], connection: 'cut' },
  },
  {
    id: 'timeout-chunks',
    title: 'PHP that stops between chunks is a break',
    source: 'RFC 9112 8',
    level: 'must',
    fig: soon,
    client: get(),
    php: [[answer(['Transfer-Encoding: chunked'], '3\r\nabc\r\n'), { got: 'for ever' }]],
    expect: { answers: [], connection: 'cut' },
  },
  {
    id: 'timeout-nothing-sent',
    title: 'a client that connects and says nothing is closed',
    source: 'RFC 9112 9.5',
    level: 'must',
    fig: soon,
    client: ['closed'],
    expect: [
      { answers: [], php: 'nothing' },
      { answers: [408], php: 'nothing' },
    ],
  },
  {
    id: 'timeout-client-head',
    title: 'a client that stops in the middle of its head is told 408, or closed',
    source: 'RFC 9110 15.5.9',
    level: 'must',
    fig: soon,
    client: ['GET / HTTP/1.1\r\nHo', 'closed'],
    expect: [
      { answers: [408], connection: 'closed', php: 'nothing' },
      { answers: [], php: 'nothing' },
    ],
  },
  {
    id: 'timeout-client-second-head',
    title: 'a client that stops in the middle of its second head is told 408, or closed',
    source: 'RFC 9110 15.5.9',
    level: 'must',
    fig: soon,
    client: [get('/1'), { got: 'GET /1' }, 'GET /2 HTTP/1.1\r\nHo', 'closed'],
    expect: [
      { answers: [200, 408], connection: 'closed', php: [{}] },
      { answers: [200], connection: 'closed', php: [{}] },
    ],
  },
  {
    id: 'timeout-client-body',
    title: 'a client that stops in the middle of its body is told 408, or closed',
    source: 'RFC 9110 15.5.9',
    level: 'must',
    fig: soon,
    client: [upload(100), 'abc', 'closed'],
    expect: [
      { answers: [408], connection: 'closed', php: 'nothing complete' },
      { answers: [], php: 'nothing complete' },
    ],
  },
  {
    id: 'timeout-client-chunks',
    title: 'a client that stops between chunks is told 408, or closed',
    source: 'RFC 9110 15.5.9',
    level: 'must',
    fig: soon,
    client: [chunked('3\r\nabc\r\n'), 'closed'],
    expect: [
      { answers: [408], connection: 'closed', php: 'nothing complete' },
      { answers: [], php: 'nothing complete' },
    ],
  },
  {
    id: 'timeout-trickling-head',
    title: 'a head that comes byte by byte, slowly, is cut when its time is up',
    source: 'CWE-400 (Slowloris)',
    level: 'must',
    fig: soon,
    client: ['GET / HTTP/1.1\r\nX: ', ...trickle(40), 'closed'],
    expect: [
      { answers: [408], connection: 'closed', php: 'nothing' },
      { answers: [], php: 'nothing' },
    ],
  },
  {
    id: 'timeout-trickling-body',
    title: 'a body that comes byte by byte, slowly, is cut',
    source: 'CWE-400 (R-U-Dead-Yet)',
    level: 'must',
    fig: soon,
    client: [upload(1_000), ...trickle(40), 'closed'],
    expect: [
      { answers: [408], connection: 'closed', php: 'nothing complete' },
      { answers: [], php: 'nothing complete' },
    ],
  },
  {
    id: 'timeout-slow-but-steady',
    title: 'a body of which each piece comes in time is taken',
    source: 'RFC 9110 15.5.9',
    level: 'must',
    fig: { timeoutMs: 1_000 },
    client: [
      upload(3_000),
      'a'.repeat(1_000),
      { quietMs: 400 },
      'b'.repeat(1_000),
      { quietMs: 400 },
      'c'.repeat(1_000),
    ],
    expect: { answers: [200], connection: 'kept', php: [{ body: { length: 3_000 } }] },
  },
  {
    id: 'timeout-slow-php',
    title: 'an answer of which each piece comes in time is passed on',
    source: 'RFC 9110 15.6.5',
    level: 'must',
    fig: { timeoutMs: 1_000 },
    client: [get(), { quietMs: 300 }, { got: 'abc' }],
    php: [[answer(['Content-Length: 6']), { clientGot: 'Length' }, 'abc', { clientGot: 'abc' }, 'def']],
    expect: { answers: [{ body: 'abcdef' }], connection: 'kept' },
  },
  {
    id: 'timeout-idle',
    title: 'an idle connection is closed without an answer that nobody asked for',
    source: 'RFC 9112 9.5',
    level: 'must',
    fig: soon,
    client: [get(), { got: 'GET /' }, 'closed'],
    expect: { answers: [200], connection: 'closed', php: [{}] },
  },
]

export const uploadCases: readonly Case[] = uploads

export const abortCases: readonly Case[] = aborts

export const timeoutCases: readonly Case[] = timeouts

/** Bytes with pauses, as long as the connection takes them. */
function trickle(count: number): readonly ClientStep[] {
  return Array.from({ length: count }, () => ({ tryAfterMs: 60, bytes: 'a' }) as const)
}
