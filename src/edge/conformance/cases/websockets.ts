import {
  type AnswerExpectation,
  answer,
  type Case,
  get,
  type Outcome,
  type PhpExpectation,
  type PhpScript,
  request,
} from '../case.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const asked = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`]
const handshake = (...more: readonly string[]): string => request('GET /ws HTTP/1.1', [...asked, ...more])
/** A handshake in which lines are others, or missing. */
const altered = (lines: Readonly<Record<string, string | undefined>>, line = 'GET /ws HTTP/1.1', body = ''): string => {
  const kept = asked.flatMap((text) => {
    const name = text.slice(0, text.indexOf(':'))
    return name in lines ? (lines[name] ?? []) : text
  })
  return request(line, kept, body)
}
const switched = (...lines: readonly string[]): string =>
  answer(
    ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, ...lines],
    '',
    'HTTP/1.1 101 Switching Protocols',
  )

/** Masked frames of a client, and the same text from the server. */
const hello = '\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58'
const helloBack = '\x81\x05Hello'
const ping = '\x89\x84\x00\x00\x00\x00ping'
const pong = '\x8a\x04ping'
const close = '\x88\x82\x00\x00\x00\x00\x03\xe8'
const closeBack = '\x88\x02\x03\xe8'

interface Row {
  readonly id: string
  readonly title: string
  readonly source?: string
  readonly client?: Case['client']
  readonly php?: PhpScript
  readonly answer?: AnswerExpectation
  readonly seen?: PhpExpectation
  readonly connection?: 'closed'
  readonly fig?: Case['fig']
}

/** Handshakes that become tunnels. */
const opened: readonly Row[] = [
  {
    id: 'open',
    title: 'a handshake reaches PHP as one, and its answer the client',
    answer: {
      start: 'HTTP/1.1 101 Switching Protocols',
      has: [`Sec-WebSocket-Accept: ${accept}`, /^upgrade: websocket$/i, /^connection: upgrade$/i],
      lacks: ['Content-Length', 'Transfer-Encoding'],
    },
    seen: {
      start: 'GET /ws HTTP/1.1',
      has: [
        /^upgrade: websocket$/i,
        /^connection: upgrade$/i,
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${key}`,
        /^host: a\.test$/i,
      ],
    },
  },
  {
    id: 'path',
    title: 'the path stays as it is',
    client: altered({}, 'GET /a//b/../%2e%2F?x=%20&y[]= HTTP/1.1'),
    seen: { start: 'GET /a//b/../%2e%2F?x=%20&y[]= HTTP/1.1' },
  },
  {
    id: 'case',
    title: 'names and tokens are not case-sensitive',
    client: request('GET /ws HTTP/1.1', [
      'CONNECTION: uPGRADE',
      'upgrade: WebSocket',
      'sec-websocket-version: 13',
      `SEC-WEBSOCKET-KEY: ${key}`,
    ]),
  },
  {
    id: 'firefox',
    title: 'Connection may name keep-alive too, as Firefox does',
    client: altered({ Connection: 'Connection: keep-alive, Upgrade' }),
  },
  {
    id: 'connection-lines',
    title: 'Connection may have several lines',
    client: altered({ Connection: 'Connection: keep-alive\r\nConnection: Upgrade' }),
  },
  {
    id: 'connection-spaces',
    title: 'white space and empty members in Connection do not matter',
    client: altered({ Connection: 'Connection: , foo ,\tUpgrade , ' }),
    source: 'RFC 9110 5.6.1',
  },
  {
    id: 'protocols',
    title: 'subprotocols pass both ways',
    client: handshake('Sec-WebSocket-Protocol: chat, superchat'),
    php: switched('Sec-WebSocket-Protocol: chat'),
    answer: { has: ['Sec-WebSocket-Protocol: chat'] },
    seen: { has: ['Sec-WebSocket-Protocol: chat, superchat'] },
  },
  {
    id: 'protocol-lines',
    title: 'subprotocols in two lines stay in two lines',
    client: handshake('Sec-WebSocket-Protocol: a', 'Sec-WebSocket-Protocol: b'),
    seen: { values: { 'Sec-WebSocket-Protocol': ['a', 'b'] } },
  },
  {
    id: 'extensions',
    title: 'extensions pass both ways',
    client: handshake('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'),
    php: switched('Sec-WebSocket-Extensions: permessage-deflate'),
    answer: { has: ['Sec-WebSocket-Extensions: permessage-deflate'] },
    seen: { has: ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'] },
  },
  {
    id: 'cookies',
    title: 'cookies and Origin reach PHP',
    client: handshake('Origin: http://b.test', 'Cookie: PHPSESSID=x; y="z"', 'Authorization: Basic x'),
    seen: { has: ['Origin: http://b.test', 'Cookie: PHPSESSID=x; y="z"', 'Authorization: Basic x'] },
  },
  {
    id: 'own-cookie',
    title: "Fig's own cookie does not",
    client: handshake('Cookie: a=1; fig_visitor=AAAA'),
    seen: { has: ['Cookie: a=1'] },
  },
  {
    id: 'set-cookie',
    title: 'headers of 101 reach the client in order',
    php: switched('Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-A: 1', 'x-a: 2'),
    answer: { values: { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': ['1', '2'] } },
  },
  {
    id: 'reason',
    title: 'another reason of 101 passes',
    php: switched().replace('Switching Protocols', 'Web Socket Protocol Handshake'),
    answer: { start: 'HTTP/1.1 101 Web Socket Protocol Handshake' },
  },
  {
    id: 'forwarded',
    title: 'forwarding headers of a stranger are replaced',
    client: handshake('X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https', 'Forwarded: for=6.6.6.6'),
    seen: {
      values: {
        'X-Forwarded-For': ['127.0.0.1'],
        'X-Forwarded-Proto': ['http'],
        'X-Forwarded-Host': ['a.test'],
        Forwarded: [],
      },
    },
    source: 'pitfall 9',
  },
  {
    id: 'httpoxy',
    title: '`Proxy` and underscore twins do not reach PHP',
    client: handshake('Proxy: http://evil.test', 'X_Forwarded_For: 6.6.6.6'),
    seen: { lacks: ['Proxy', 'X_Forwarded_For'] },
    source: 'pitfall 9',
  },
  {
    id: 'hop',
    title: 'what Connection names stays behind, but not the handshake',
    client: altered({ Connection: 'Connection: Upgrade, X-Hop, Sec-WebSocket-Versions\r\nX-Hop: 1' }),
    seen: { lacks: ['X-Hop'], has: [`Sec-WebSocket-Key: ${key}`] },
    source: 'RFC 9110 7.6.1; pitfall 8',
  },
  {
    id: 'headers',
    title: 'order, case and bytes of other headers stay',
    client: handshake('b: 1', 'A: \xe9', 'b: 2'),
    seen: { has: ['b: 1', 'A: \xe9', 'b: 2'] },
  },
  {
    id: 'behind-request',
    title: 'a handshake may follow a plain request on its connection',
    client: [get('/first'), { got: 'GET /first' }, handshake()],
  },
  { id: 'length-zero', title: 'a length of zero is no body', client: handshake('Content-Length: 0') },
]

/** What goes through a tunnel. */
const frames: readonly Row[] = [
  {
    id: 'echo',
    title: 'frames pass both ways as they are',
    client: [handshake(), { got: accept }, hello, { got: helloBack }],
    php: [switched(), { got: hello }, helloBack],
  },
  {
    id: 'echo-many',
    title: 'many frames pass in order',
    client: [handshake(), { got: '1' }, ...Array.from({ length: 50 }, (_, i) => [`c${i};`, { got: `p${i};` }]).flat()],
    php: [switched(), ...Array.from({ length: 50 }, (_, i) => [{ got: `c${i};` }, `p${i};`]).flat()],
  },
  {
    id: 'ping',
    title: 'ping and pong pass',
    client: [handshake(), { got: accept }, ping, { got: pong }],
    php: [switched(), { got: ping }, pong],
  },
  {
    id: 'server-first',
    title: 'PHP may speak first',
    client: [handshake(), { got: helloBack }],
    php: [switched(), { clientGot: accept }, helloBack],
  },
  {
    id: 'server-at-once',
    title: 'frames that come with 101 are not lost',
    client: [handshake(), { got: helloBack }],
    php: `${switched()}${helloBack}`,
  },
  {
    id: 'client-at-once',
    title: 'frames that come with the handshake are not lost',
    client: [`${handshake()}${hello}`, { got: helloBack }],
    php: [switched(), { got: hello }, helloBack],
  },
  {
    id: 'client-before-101',
    title: 'frames that come before 101 are not lost',
    client: [handshake(), { phpGot: key }, hello, { got: helloBack }],
    php: [{ got: 'websocket' }, switched(), { got: hello }, helloBack],
  },
  {
    id: 'byte-by-byte',
    title: 'a handshake that comes byte by byte is one',
    client: [...handshake(), { got: accept }, hello, { got: helloBack }],
    php: [...switched(), { got: hello }, helloBack],
  },
  {
    id: 'http-inside',
    title: 'bytes that look like requests are bytes',
    client: [handshake(), { got: accept }, get('/inside'), { got: 'HTTP/1.1 418' }],
    php: [switched(), { got: 'GET /inside' }, answer(['Content-Length: 0'], '', 'HTTP/1.1 418 Tea')],
  },
  {
    id: 'all-bytes',
    title: 'all bytes pass',
    client: [handshake(), { got: accept }, allBytes(), { got: allBytes() }],
    php: [switched(), { got: allBytes() }, allBytes()],
  },
  {
    id: 'big-down',
    title: 'large frames come down whole',
    client: [handshake(), { got: 'the-end' }],
    php: [switched(), { fill: 3_000_000 }, 'the-end'],
  },
  {
    id: 'big-up',
    title: 'large frames go up whole',
    client: [handshake(), { got: accept }, { fill: 3_000_000 }, 'the-end', { got: 'all here' }],
    php: [switched(), { got: 'the-end' }, 'all here'],
  },
  {
    id: 'slow-reader',
    title: 'a client that reads late loses nothing',
    client: [handshake(), { got: accept }, 'pause', 'go', { phpGot: 'go' }, 'resume', { got: 'the-end' }],
    php: [switched(), { got: 'go' }, { fill: 10_000_000 }, 'the-end'],
  },
  {
    id: 'quiet',
    title: 'a tunnel in which nobody speaks is not cut by the waits for answers',
    fig: { timeoutMs: 200 },
    client: [handshake(), { got: accept }, { quietMs: 900 }, hello, { got: helloBack }],
    php: [switched(), { got: hello }, helloBack],
    source: 'RFC 6455 5.5.2',
  },
  {
    id: 'close-by-client',
    title: "a client's close reaches PHP, and PHP's the client",
    client: [handshake(), { got: accept }, close, { got: closeBack }, 'closed'],
    php: [switched(), { got: close }, closeBack, 'fin'],
    connection: 'closed',
    source: 'RFC 6455 5.5.1',
  },
  {
    id: 'close-by-php',
    title: "PHP's close reaches the client before the end",
    client: [handshake(), { got: closeBack }, 'closed'],
    php: [switched(), closeBack, 'fin'],
    connection: 'closed',
    source: 'RFC 6455 5.5.1',
  },
  {
    id: 'php-dies',
    title: 'when PHP is reset the client sees the end',
    client: [handshake(), { got: accept }, 'closed'],
    php: [switched(), { clientGot: accept }, 'reset'],
    source: 'RFC 6455 7.2',
  },
  {
    id: 'client-leaves',
    title: 'when the client leaves PHP sees the end',
    client: [handshake(), { got: accept }, 'half-close', { phpClosed: 1 }],
    php: [switched(), { clientGot: accept }],
    source: 'RFC 6455 7.2',
  },
  {
    id: 'client-dies',
    title: 'when the client is reset PHP sees the end',
    client: [handshake(), { got: accept }, 'reset', { phpClosed: 1 }],
    php: [switched(), { clientGot: accept }],
    source: 'RFC 6455 7.2',
  },
  {
    id: 'client-last-words',
    title: "a client's last frame before its end reaches PHP",
    client: [handshake(), { got: accept }, `${hello}last words`, 'half-close', { phpGot: 'last words' }],
    php: [switched(), { clientGot: accept }],
    source: 'RFC 6455 7.2',
  },
]

const tunnels: readonly Case[] = [...opened, ...frames].map(
  ({
    id,
    title,
    source = 'RFC 6455 4',
    client = handshake(),
    php = switched(),
    answer: expected = {},
    seen = {},
    connection,
    fig,
  }) => {
    const first = id === 'behind-request'
    return {
      id: `websocket-${id}`,
      title,
      source,
      level: id === 'reason' ? 'should' : 'must',
      ...(fig && { fig }),
      client,
      php: first ? [answer(['Content-Length: 10'], 'GET /first'), php] : [php],
      expect: {
        answers: [...(first ? [200] : []), { status: 101, ...expected }],
        php: [...(first ? [{}] : []), seen],
        ...(connection && { connection }),
      },
    }
  },
)

const refusal = (status: number, lines: readonly string[], body: string): string =>
  answer(lines, body, `HTTP/1.1 ${status} Refused`)

/** Answers of PHP that open no tunnel: they reach the client whole, and nothing behind them is tunnelled. */
const refusals: readonly Case[] = (
  [
    [
      '403',
      '403 with its body',
      refusal(403, ['X-Why: no', 'Content-Length: 2'], 'no'),
      { status: 403, body: 'no', has: ['X-Why: no'] },
    ],
    [
      '403-chunked',
      '403 in chunks',
      refusal(403, ['Transfer-Encoding: chunked'], '2\r\nno\r\n0\r\n\r\n'),
      { status: 403, body: 'no' },
    ],
    [
      '403-until-end',
      '403 up to the end of the connection',
      [refusal(403, [], 'no'), 'fin'],
      { status: 403, body: 'no' },
    ],
    [
      '401',
      '401 with its challenge',
      refusal(401, ['WWW-Authenticate: Basic realm="x"', 'Content-Length: 0'], ''),
      { status: 401, has: ['WWW-Authenticate: Basic realm="x"'] },
    ],
    [
      '302',
      'a redirect',
      refusal(302, ['Location: /login', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 0'], ''),
      { status: 302, lines: ['Location: /login', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 0'] },
    ],
    ['404', '404', refusal(404, ['Content-Length: 4'], 'none'), { status: 404, body: 'none' }],
    [
      '426',
      '426 with the versions that PHP speaks',
      refusal(426, ['Upgrade: websocket', 'Sec-WebSocket-Version: 13, 8', 'Content-Length: 0'], ''),
      { status: 426, has: ['Sec-WebSocket-Version: 13, 8'] },
    ],
    ['200', 'a page in place of a tunnel', refusal(200, ['Content-Length: 4'], 'page'), { status: 200, body: 'page' }],
    ['500', '500', refusal(500, ['Content-Length: 4'], 'oops'), { status: 500, body: 'oops' }],
    [
      '503',
      '503 with Retry-After',
      refusal(503, ['Retry-After: 9', 'Content-Length: 0'], ''),
      { status: 503, has: ['Retry-After: 9'] },
    ],
    ['204', '204', refusal(204, [], ''), { status: 204 }],
    [
      'large',
      'a body of 1 MB',
      [refusal(403, ['Content-Length: 1000000'], ''), { fill: 1_000_000 }],
      { status: 403, body: { length: 1_000_000 } },
    ],
  ] as const
).map(([id, what, php, expected]) => ({
  id: `websocket-refused-${id}`,
  title: `${what} in answer to a handshake reaches the client whole`,
  source: 'RFC 6455 4.2.2',
  level: 'must',
  client: handshake(),
  php: [php],
  expect: [
    { answers: [expected as AnswerExpectation], connection: 'kept', php: [{}] },
    { answers: [expected as AnswerExpectation], connection: 'closed', php: [{}] },
  ],
}))

/** A request that is no handshake is a plain one, without its Upgrade, or is refused. */
const plain: PhpExpectation = { lacks: ['Upgrade'] }
const noHandshakes: readonly Case[] = (
  [
    ['no-key', 'a handshake without key', altered({ 'Sec-WebSocket-Key': undefined }), [400, 426]],
    ['post', 'a handshake by POST', altered({}, 'POST /ws HTTP/1.1'), [400, 405]],
    [
      'post-body',
      'a handshake by POST with a body',
      request('POST /ws HTTP/1.1', [...asked, 'Content-Length: 3'], 'abc'),
      [400, 405],
    ],
    ['put', 'a handshake by PUT', altered({}, 'PUT /ws HTTP/1.1'), [400, 405]],
    ['lower-case-method', 'a handshake by `get`', altered({}, 'get /ws HTTP/1.1'), [400, 405, 501]],
    ['body', 'a handshake with a body', request('GET /ws HTTP/1.1', [...asked, 'Content-Length: 3'], 'abc'), [400]],
    [
      'chunks',
      'a handshake with chunks',
      request('GET /ws HTTP/1.1', [...asked, 'Transfer-Encoding: chunked'], '3\r\nabc\r\n0\r\n\r\n'),
      [400],
    ],
    ['no-connection', 'Upgrade without Connection', altered({ Connection: undefined }), [400, 426]],
    [
      'connection-other',
      'Upgrade with another Connection',
      altered({ Connection: 'Connection: keep-alive' }),
      [400, 426],
    ],
    [
      'connection-like',
      'a Connection that only looks like upgrade',
      altered({ Connection: 'Connection: X-Upgrade, upgrades' }),
      [400, 426],
    ],
    ['no-upgrade', 'Connection without Upgrade', altered({ Upgrade: undefined }), [400, 426]],
    ['upgrade-other', 'an upgrade to something else', altered({ Upgrade: 'Upgrade: foo' }), [400, 426, 501]],
    [
      'upgrade-like',
      'an upgrade that only looks like websocket',
      altered({ Upgrade: 'Upgrade: websocketx' }),
      [400, 426, 501],
    ],
    [
      'h2c',
      'an upgrade to h2c',
      request('GET /ws HTTP/1.1', [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
      ]),
      [400],
    ],
  ] as const
).map(([id, what, client, status]) => ({
  id: `websocket-plain-${id}`,
  title: `${what} is a plain request, or refused`,
  source: 'RFC 6455 4.2.1; RFC 9110 7.8',
  level: 'must',
  client,
  expect: [
    { answers: [200], connection: 'kept', php: [plain] },
    { answers: [200], connection: 'closed', php: [plain] },
    { answers: [{ status }], connection: 'closed', php: 'nothing' },
  ],
}))

const oneOf = (
  row: Pick<Case, 'id' | 'title' | 'source' | 'client'> & {
    readonly php?: PhpScript
    readonly fig?: Case['fig']
    readonly expect: readonly Outcome[]
  },
): Case =>
  ({
    ...row,
    id: `websocket-${row.id}`,
    level: 'must',
    php: row.php === undefined ? [] : [row.php],
  }) as Case

const choices: readonly Case[] = [
  oneOf({
    id: 'version-8',
    title: "another version is PHP's to judge, or refused",
    source: 'RFC 6455 4.4',
    client: altered({ 'Sec-WebSocket-Version': 'Sec-WebSocket-Version: 8' }),
    php: refusal(426, ['Sec-WebSocket-Version: 13', 'Content-Length: 0'], ''),
    expect: [
      { answers: [426], php: [{}] },
      { answers: [{ status: [400, 426] }], php: 'nothing' },
    ],
  }),
  oneOf({
    id: 'version-none',
    title: "a missing version is PHP's to judge, or refused",
    source: 'RFC 6455 4.4',
    client: altered({ 'Sec-WebSocket-Version': undefined }),
    php: refusal(426, ['Content-Length: 0'], ''),
    expect: [
      { answers: [426], php: [{}] },
      { answers: [{ status: [400, 426] }], php: 'nothing' },
    ],
  }),
  oneOf({
    id: 'version-smuggling',
    title: 'behind a refused version nothing is tunnelled',
    source: 'RFC 6455 4.4; websocket smuggling (0ang3el)',
    client: [
      altered({ 'Sec-WebSocket-Version': 'Sec-WebSocket-Version: 777' }),
      { got: '\r\n\r\n' },
      get('/inside', 'X-Forwarded-For: 6.6.6.6'),
    ],
    php: refusal(426, ['Content-Length: 0'], ''),
    expect: [
      { answers: [426], connection: 'closed', php: [{}] },
      { answers: [426, 426], connection: 'kept', php: [{}, { values: { 'X-Forwarded-For': ['127.0.0.1'] } }] },
      { answers: [{ status: [400, 426] }], connection: 'closed', php: 'nothing' },
    ],
  }),
  oneOf({
    id: 'refused-smuggling',
    title: 'behind a page in place of a tunnel nothing is tunnelled',
    source: 'RFC 6455 4.2.2',
    client: [handshake(), { got: 'page' }, get('/inside', 'X-Forwarded-For: 6.6.6.6')],
    php: refusal(200, ['Content-Length: 4'], 'page'),
    expect: [
      { answers: [200], php: [{}] },
      { answers: [200, 200], connection: 'kept', php: [{}, { values: { 'X-Forwarded-For': ['127.0.0.1'] } }] },
    ],
  }),
  oneOf({
    id: '1-0',
    title: 'HTTP/1.0 opens no tunnel',
    source: 'RFC 6455 4.2.1',
    client: altered({}, 'GET /ws HTTP/1.0'),
    expect: [
      { answers: [200], connection: 'closed', php: [plain] },
      { answers: [{ status: [400, 426, 505] }], connection: 'closed', php: 'nothing' },
    ],
  }),
  oneOf({
    id: 'upgrade-list',
    title: 'websocket in a list is taken as such, or the request is plain, or refused',
    source: 'RFC 9110 7.8',
    client: altered({ Upgrade: 'Upgrade: foo, websocket' }),
    php: refusal(403, ['Content-Length: 0'], ''),
    expect: [
      { answers: [403], php: [{}] },
      { answers: [400], php: 'nothing' },
    ],
  }),
  oneOf({
    id: 'two-keys',
    title: 'two keys are refused, or are for PHP to judge',
    source: 'RFC 6455 11.3.1',
    client: handshake('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='),
    php: refusal(400, ['Content-Length: 0'], ''),
    expect: [
      { answers: [400], php: [{}] },
      { answers: [400], php: 'nothing' },
    ],
  }),
  oneOf({
    id: 'wrong-accept',
    title: 'a wrong Sec-WebSocket-Accept is for the client to judge, or 502',
    source: 'RFC 6455 4.1',
    client: handshake(),
    php: switched().replace(accept, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='),
    expect: [{ answers: [101] }, { answers: [502] }],
  }),
  oneOf({
    id: 'no-accept',
    title: 'a missing Sec-WebSocket-Accept is for the client to judge, or 502',
    source: 'RFC 6455 4.1',
    client: handshake(),
    php: answer(['Upgrade: websocket', 'Connection: Upgrade'], '', 'HTTP/1.1 101 Switching Protocols'),
    expect: [{ answers: [101] }, { answers: [502] }],
  }),
  oneOf({
    id: '101-no-connection',
    title: '101 without Connection is put right, or 502',
    source: 'RFC 9110 7.8',
    client: handshake(),
    php: answer(['Upgrade: websocket', `Sec-WebSocket-Accept: ${accept}`], '', 'HTTP/1.1 101 Switching Protocols'),
    expect: [{ answers: [{ status: 101, has: [/^connection: upgrade$/i] }] }, { answers: [502] }],
  }),
  oneOf({
    id: '101-no-upgrade',
    title: '101 without Upgrade is 502',
    source: 'RFC 9110 15.2.2',
    client: handshake(),
    php: answer(['Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`], '', 'HTTP/1.1 101 Switching Protocols'),
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: '101-bare',
    title: '101 without any header is 502',
    source: 'RFC 9110 15.2.2',
    client: handshake(),
    php: answer([], '', 'HTTP/1.1 101 Switching Protocols'),
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: '101-other',
    title: '101 to another protocol is 502',
    source: 'RFC 9110 7.8',
    client: handshake(),
    php: answer(['Upgrade: h2c', 'Connection: Upgrade'], '', 'HTTP/1.1 101 Switching Protocols'),
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: 'interim-first',
    title: '103 before 101 does not disturb',
    source: 'RFC 9110 15.2',
    client: handshake(),
    php: `HTTP/1.1 103 Early Hints\r\n\r\n${switched()}`,
    expect: [{ answers: [101] }],
  }),
  oneOf({
    id: 'garbage',
    title: 'an answer that is no HTTP is 502',
    source: 'RFC 9110 15.6.3',
    client: handshake(),
    php: ['SSH-2.0-OpenSSH\r\n\r\n', 'fin'],
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: 'bad-head',
    title: 'a head of 101 that no client may get is 502',
    source: 'RFC 9110 15.6.3',
    client: handshake(),
    php: switched('X: a\0b'),
    expect: [{ answers: [502] }, { answers: [{ status: 101, has: ['X: a b'] }] }],
  }),
  oneOf({
    id: 'fin',
    title: 'PHP that ends without an answer is 502',
    source: 'RFC 9110 15.6.3',
    client: handshake(),
    php: ['fin'],
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: 'reset',
    title: 'PHP that is reset without an answer is 502',
    source: 'RFC 9110 15.6.3',
    client: handshake(),
    php: ['reset'],
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: 'php-gone',
    title: 'PHP that is not there is 502',
    source: 'RFC 9110 15.6.3',
    fig: { phpGone: true },
    client: handshake(),
    expect: [{ answers: [502] }],
  }),
  oneOf({
    id: 'silent',
    title: 'PHP that does not answer a handshake is 504',
    source: 'RFC 9110 15.6.5',
    fig: { timeoutMs: 300 },
    client: handshake(),
    php: [{ got: 'for ever' }],
    expect: [{ answers: [{ status: [502, 504] }] }],
  }),
  oneOf({
    id: 'client-leaves-early',
    title: 'a client that leaves before 101 leaves nothing behind',
    source: 'RFC 6455 7.2',
    client: [handshake(), { phpGot: key }, 'reset', { phpClosed: 1 }],
    php: [{ got: 'for ever' }],
    expect: [{ answers: [] }],
  }),
  ...(
    [
      ['two-hosts', 'two hosts', handshake('Host: b.test')],
      ['space-colon', 'a space before a colon', handshake('X : y')],
      ['both', 'both a length and chunks', handshake('Content-Length: 0', 'Transfer-Encoding: chunked')],
      ['nul', 'NUL in a value', handshake('X: a\0b')],
      ['other-host', 'userinfo in the host', handshake().replace('Host: a.test', 'Host: u@a.test')],
    ] as const
  ).map(([id, what, client]) =>
    oneOf({
      id: `bad-${id}`,
      title: `${what} is refused in a handshake too`,
      source: 'RFC 9112',
      client,
      expect: [{ answers: [400], connection: 'closed', php: 'nothing' }],
    }),
  ),
]

export const tunnelCases: readonly Case[] = tunnels as readonly Case[]
export const refusedHandshakeCases: readonly Case[] = refusals as readonly Case[]
export const plainUpgradeCases: readonly Case[] = noHandshakes as readonly Case[]
export const handshakeCases: readonly Case[] = choices

// --- internal ---

function allBytes(): string {
  return String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
}
