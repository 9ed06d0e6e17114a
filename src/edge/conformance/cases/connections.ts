import { behind, type Case, chunked, get, type PassingRow, passed, passing, post } from '../case.ts'

const old = (...lines: readonly string[]): string => ['GET /c HTTP/1.0', 'Host: a.test', ...lines, '', ''].join('\r\n')

/** What the client says about its connection, and whether another request on it is served. */
const persistence: readonly Case[] = (
  [
    ['default', 'HTTP/1.1 keeps the connection', get('/c'), 'kept'],
    ['keep-alive', 'keep-alive changes nothing', get('/c', 'Connection: keep-alive'), 'kept'],
    ['close', 'close closes', get('/c', 'Connection: close'), 'closed'],
    ['close-capital', 'Close closes', get('/c', 'Connection: Close'), 'closed'],
    ['close-upper', 'CLOSE closes', get('/c', 'Connection: CLOSE'), 'closed'],
    ['close-with-other', 'close before another name closes', get('/c', 'Connection: close, X-Y'), 'closed'],
    ['close-behind-other', 'close behind another name closes', get('/c', 'Connection: X-Y,close'), 'closed'],
    ['close-and-keep-alive', 'close wins over keep-alive', get('/c', 'Connection: keep-alive, close'), 'closed'],
    ['close-second-line', 'close in a second line closes', get('/c', 'Connection: X-Y', 'Connection: close'), 'closed'],
    ['close-white-space', 'white space around close is not of it', get('/c', 'Connection: \t close \t, X'), 'closed'],
    ['closed-is-no-close', '`closed` is another name', get('/c', 'Connection: closed'), 'kept'],
    ['empty', 'an empty Connection says nothing', get('/c', 'Connection:'), 'kept'],
    ['commas', 'empty members say nothing', get('/c', 'Connection: ,, ,'), 'kept'],
    ['other', 'another name says nothing about the connection', get('/c', 'Connection: X-Y'), 'kept'],
    ['close-post', 'close closes behind POST', post('abc', 'Connection: close'), 'closed'],
    ['close-chunked', 'close closes behind chunks', chunked('3\r\nabc\r\n0\r\n\r\n', 'Connection: close'), 'closed'],
    ['old', 'HTTP/1.0 closes the connection', old(), 'closed'],
    ['old-close', 'HTTP/1.0 with close closes', old('Connection: close'), 'closed'],
    ['old-odd', 'HTTP/1.0 with another name closes', old('Connection: X-Y'), 'closed'],
    ['old-both', 'HTTP/1.0 with keep-alive and close closes', old('Connection: keep-alive, close'), 'closed'],
  ] as const
).map(([id, title, bytes, connection]) => ({
  id: `connection-${id}`,
  title,
  source: 'RFC 9112 9.3, 9.6',
  level: 'must',
  client: bytes,
  expect: { answers: [200], connection, php: [{}] },
}))

const persistenceChoice: readonly Case[] = [
  {
    id: 'connection-old-keep-alive',
    title: 'HTTP/1.0 with keep-alive is closed, or told that it is kept',
    source: 'RFC 9112 9.3',
    level: 'must',
    client: old('Connection: keep-alive'),
    expect: [
      { answers: [{ has: [/^connection: keep-alive$/i], framing: 'length' }], connection: 'kept' },
      { answers: [200], connection: 'closed' },
    ],
  },
  {
    id: 'connection-close-nothing-behind',
    title: 'nothing is read behind a request that closes',
    source: 'RFC 9112 9.6',
    level: 'must',
    client: `${get('/c', 'Connection: close')}${behind}`,
    expect: { answers: [200], connection: 'closed', php: [{ start: 'GET /c HTTP/1.1' }] },
  },
  {
    id: 'connection-old-nothing-behind',
    title: 'nothing is read behind a request in HTTP/1.0',
    source: 'RFC 9112 9.3',
    level: 'must',
    client: `${old()}${behind}`,
    expect: { answers: [200], connection: 'closed', php: [{ start: /^GET \/c / }] },
  },
  {
    id: 'connection-half-closed',
    title: 'a client that has closed its side still gets its answer',
    source: 'RFC 9112 9.6',
    level: 'must',
    client: [get('/c'), 'half-close'],
    expect: { answers: [{ body: 'GET /c' }], connection: 'closed', php: [{}] },
  },
  {
    id: 'connection-half-closed-post',
    title: 'a client that has closed its side behind a body still gets its answer',
    source: 'RFC 9112 9.6',
    level: 'must',
    client: [post('abc'), 'half-close'],
    expect: { answers: [200], connection: 'closed', php: [{ body: 'abc' }] },
  },
  {
    id: 'connection-half-closed-pipeline',
    title: 'a client that has closed its side gets both answers that it asked for',
    source: 'RFC 9112 9.6',
    level: 'must',
    client: [`${get('/1')}${get('/2')}`, 'half-close'],
    expect: { answers: [{ body: 'GET /1' }, { body: 'GET /2' }], connection: 'closed', php: [{}, {}] },
  },
  {
    id: 'connection-says-close',
    title: 'the last answer says `Connection: close`',
    source: 'RFC 9112 9.6',
    level: 'should',
    client: get('/c', 'Connection: close'),
    expect: { answers: [{ has: [/^connection: close$/i] }], connection: 'closed' },
  },
]

/** Headers that stay behind at this hop. */
const hops: readonly Case[] = passing(
  (
    [
      ['keep-alive', ['Keep-Alive: timeout=5'], ['Keep-Alive']],
      ['proxy-connection', ['Proxy-Connection: keep-alive'], ['Proxy-Connection']],
      ['te', ['TE: trailers, deflate', 'Connection: TE'], ['TE']],
      ['te-unnamed', ['TE: trailers'], ['TE']],
      ['upgrade', ['Upgrade: foo/2', 'Connection: Upgrade'], ['Upgrade']],
      ['upgrade-unnamed', ['Upgrade: websocket'], ['Upgrade']],
      [
        'upgrade-h2c',
        ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'],
        ['Upgrade', 'HTTP2-Settings'],
      ],
      ['upgrade-tls', ['Connection: Upgrade', 'Upgrade: TLS/1.0, HTTP/2.0'], ['Upgrade']],
      ['named', ['Connection: X-Hop', 'X-Hop: 1', 'X-Hop-2: 2'], ['X-Hop']],
      ['named-twice', ['Connection: X-Hop', 'X-Hop: 1', 'x-hop: 2'], ['X-Hop']],
      ['named-case', ['connection: x-HOP', 'X-Hop: 1'], ['X-Hop']],
      ['named-list', ['Connection: keep-alive, X-A ,\tX-B,', 'X-A: 1', 'X-B: 2'], ['X-A', 'X-B']],
      ['named-lines', ['Connection: X-A', 'Connection: X-B', 'X-A: 1', 'X-B: 2'], ['X-A', 'X-B']],
      ['named-before', ['X-Hop: 1', 'Connection: X-Hop'], ['X-Hop']],
      ['named-many', [`Connection: ${Array.from({ length: 300 }, (_, i) => `X-${i}`)}`, 'X-299: 1'], ['X-299']],
    ] as const
  ).map(([id, lines, lacks]): PassingRow => {
    const title = `${lacks.join(' and ')} of this hop do not reach PHP: ${lines.join(', ').slice(0, 60)}`
    return [`hop-${id}`, title, 'RFC 9110 7.6.1; pitfall 8', get('/c', ...lines), { start: 'GET /c HTTP/1.1', lacks }]
  }),
)

const protectedHeaders: readonly Case[] = passing(
  (
    [
      ['cookie', 'Cookie: a=1'],
      ['authorization', 'Authorization: Basic x'],
      ['content-type', 'Content-Type: a/b'],
    ] as const
  )
    .map(([id, line]): PassingRow => {
      const name = line.slice(0, line.indexOf(':'))
      const bytes = post('abc', `Connection: close-not, ${name}`, line)
      return [`hop-protected-${id}`, `${name} can't be taken away by naming it`, 'pitfall 8', bytes, { has: [line] }]
    })
    .concat([
      [
        'hop-protected-host',
        "Host can't be taken away by naming it",
        'pitfall 8',
        get('/c', 'Connection: Host'),
        { has: [/^host: a\.test$/i] },
      ],
      [
        'hop-protected-forwarded',
        "the forwarding headers can't be taken away by naming them",
        'pitfall 8; CVE-2022-31813',
        get(
          '/c',
          'Connection: X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, X-Forwarded-Port, X-Real-IP, X-Request-Id',
        ),
        {
          has: [
            /^X-Forwarded-For: 127\.0\.0\.1$/i,
            /^X-Forwarded-Host: a\.test$/i,
            /^X-Forwarded-Proto: http$/i,
            /^X-Forwarded-Port: \d+$/i,
            /^X-Real-IP: 127\.0\.0\.1$/i,
            /^X-Request-Id: ./i,
          ],
        },
      ],
      [
        'hop-connection-named',
        'Connection may name itself',
        'RFC 9110 7.6.1',
        get('/c', 'Connection: Connection, Keep-Alive'),
        { start: 'GET /c HTTP/1.1' },
      ],
    ]),
)

export const connectionCases: readonly Case[] = [...persistence, ...persistenceChoice]

export const hopCases: readonly Case[] = [
  ...hops,
  ...protectedHeaders,
  {
    id: 'hop-trailer',
    title: 'trailers are announced to PHP only when it gets them',
    source: 'RFC 9110 6.6.2',
    level: 'should',
    client: chunked('3\r\nabc\r\n0\r\nT: u\r\n\r\n', 'Trailer: T'),
    expect: [passed({ trailers: [], lacks: ['Trailer'] }), passed({ trailers: ['T: u'] })],
  },
]
