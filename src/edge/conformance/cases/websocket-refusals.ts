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
import { accept, altered, asked, handshake, key, switched } from './websockets.ts'

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
    fig: { timeoutMs: 1_000 },
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

export const refusedHandshakeCases: readonly Case[] = refusals as readonly Case[]

export const plainUpgradeCases: readonly Case[] = noHandshakes as readonly Case[]

export const handshakeCases: readonly Case[] = choices
