import {
  type AnswerExpectation,
  answer,
  type Case,
  get,
  type PhpExpectation,
  type PhpScript,
  request,
} from '../case.ts'

export const key = 'dGhlIHNhbXBsZSBub25jZQ=='

export const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

export const asked = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${key}`,
]

export const handshake = (...more: readonly string[]): string => request('GET /ws HTTP/1.1', [...asked, ...more])

/** A handshake in which lines are others, or missing. */
export const altered = (
  lines: Readonly<Record<string, string | undefined>>,
  line = 'GET /ws HTTP/1.1',
  body = '',
): string => {
  const kept = asked.flatMap((text) => {
    const name = text.slice(0, text.indexOf(':'))
    return name in lines ? (lines[name] ?? []) : text
  })
  return request(line, kept, body)
}

export const switched = (...lines: readonly string[]): string =>
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
    fig: { timeoutMs: 1_000 },
    client: [handshake(), { got: accept }, { quietMs: 2_000 }, hello, { got: helloBack }],
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

export const tunnelCases: readonly Case[] = tunnels as readonly Case[]

function allBytes(): string {
  return String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
}
