import { answer, answering, type Case, get, host, passing, refusals, request, should } from '../case.ts'

/** What the RFCs advise and no rule demands, and what makes Fig kind to its neighbours. */
const rows: readonly Case[] = [
  ...refusals([
    ['advice-version-505', 'HTTP/2.0 in words gets 505', 'RFC 9110 15.6.6', request('GET / HTTP/2.0'), 505],
    [
      'advice-coding-501',
      'a transfer coding that is not known gets 501',
      'RFC 9112 6.1',
      request('POST / HTTP/1.1', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'),
      501,
    ],
    [
      'advice-connect-status',
      'CONNECT gets 405 or 501',
      'RFC 9110 9.3.6',
      `CONNECT ${host}:80 HTTP/1.1\r\nHost: ${host}:80\r\n\r\n`,
      [405, 501],
    ],
  ]),
  ...passing([
    [
      'advice-length-normal',
      'leading zeros of a length do not reach PHP',
      'RFC 9110 8.6',
      request('POST / HTTP/1.1', ['Content-Length: 003'], 'abc'),
      { body: 'abc', values: { 'Content-Length': ['3'] } },
    ],
  ]),
  ...answering([
    [
      'advice-date',
      'an answer without Date gets one',
      'RFC 9110 6.6.1',
      answer(['Content-Length: 0']),
      { has: [/^Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/] },
    ],
    [
      'advice-fold',
      'a folded header of an answer is put right',
      'RFC 9112 5.2',
      answer(['X: a\r\n b', 'Content-Length: 2'], 'ok'),
      { has: [/^X: a\s+b$/], body: 'ok' },
    ],
    [
      'advice-space-colon',
      'white space before a colon of an answer is taken out',
      'RFC 9112 5.1',
      answer(['X : y', 'Content-Length: 2'], 'ok'),
      { has: ['X: y'], body: 'ok' },
    ],
    [
      'advice-length-twice',
      'the same length twice in an answer is one',
      'RFC 9112 6.3',
      answer(['Content-Length: 2', 'Content-Length: 2'], 'ok'),
      { values: { 'Content-Length': ['2'] }, body: 'ok' },
    ],
  ]),
  {
    id: 'advice-reuse',
    title: 'requests behind each other use one connection to PHP',
    source: 'RFC 9112 9.3',
    level: 'should',
    client: [get('/1'), { got: 'GET /1' }, get('/2'), { got: 'GET /2' }, get('/3')],
    expect: { answers: [200, 200, 200], connection: 'kept', php: [{}, {}, {}], phpConnections: 1 },
  },
  {
    id: 'advice-reuse-head',
    title: 'answers without body leave the connection to PHP usable',
    source: 'RFC 9112 9.3',
    level: 'should',
    client: [get('/1'), { got: '204' }, get('/2'), { got: '304' }, get('/3')],
    php: [
      answer([], '', 'HTTP/1.1 204 No Content'),
      answer(['ETag: "x"'], '', 'HTTP/1.1 304 Not Modified'),
      answer(['Content-Length: 2'], 'ok'),
    ],
    expect: { answers: [204, 304, 200], connection: 'kept', php: [{}, {}, {}], phpConnections: 1 },
  },
  {
    id: 'advice-old-keep-alive',
    title: 'HTTP/1.0 with keep-alive is kept',
    source: 'RFC 9112 9.3',
    level: 'should',
    client: `GET / HTTP/1.0\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`,
    expect: { answers: [{ has: [/^connection: keep-alive$/i] }], connection: 'kept' },
  },
  {
    id: 'advice-options-allow',
    title: '`OPTIONS *` is told what is allowed',
    source: 'RFC 9110 10.2.1',
    level: 'should',
    client: request('OPTIONS * HTTP/1.1'),
    expect: [
      { answers: [{ status: [200, 204], has: [/^Allow: .*GET/i] }], php: 'nothing' },
      { answers: [200], php: [{}] },
    ],
  },
  {
    id: 'advice-head-408',
    title: 'a client that stops in the middle of its head is told 408',
    source: 'RFC 9110 15.5.9',
    level: 'should',
    fig: { timeoutMs: 800 },
    client: ['GET / HTTP/1.1\r\nHo', 'closed'],
    expect: { answers: [408], connection: 'closed', php: 'nothing' },
  },
  ...(
    [
      ['no-store', 'is not kept by caches', { has: [/^Cache-Control: .*no-store/i] }],
      ['nosniff', 'is taken for nothing else', { has: [/^X-Content-Type-Options: nosniff$/i] }],
      ['date', 'has a date', { has: [/^Date: /i] }],
      ['no-insides', 'shows no address of PHP', { body: /^(?![\s\S]*127\.0\.0\.1)/ }],
    ] as const
  ).map(
    ([id, what, expected]): Case => ({
      id: `advice-page-${id}`,
      title: `a page of Fig's own ${what}`,
      source: 'RFC 9110 15.6.3',
      level: 'should',
      fig: { phpGone: true },
      client: get(),
      expect: { answers: [{ status: 502, ...expected }], connection: 'kept' },
    }),
  ),
  ...(
    [
      ['port', 'X-Forwarded-For: 203.0.113.9:4711', '203.0.113.9'],
      ['ipv6-port', 'X-Forwarded-For: [2001:db8::7]:4711', '2001:db8::7'],
      ['ipv6-brackets', 'X-Forwarded-For: [2001:db8::7]', '2001:db8::7'],
    ] as const
  ).map(
    ([id, line, address]): Case => ({
      id: `advice-trusted-${id}`,
      title: `${line} of a trusted proxy names an address`,
      source: 'RFC 7239 6; Azure Application Gateway',
      level: 'should',
      fig: { trusted: ['127.0.0.1'] },
      client: get('/', line),
      expect: { answers: [200], php: [{ has: [`X-Real-IP: ${address}`] }] },
    }),
  ),
  {
    id: 'advice-old-no-host',
    title: 'where there is no Host there is no empty X-Forwarded-Host',
    source: 'RFC 9112 3.2',
    level: 'should',
    client: 'GET / HTTP/1.0\r\n\r\n',
    expect: { answers: [200], connection: 'closed', php: [{ lacks: ['X-Forwarded-Host: '] }] },
  },
  {
    id: 'advice-early-answer-kept',
    title: 'an early answer is followed by the next one where little of the body was left',
    source: 'RFC 9112 9.3',
    level: 'should',
    client: [`${request('POST / HTTP/1.1', ['Content-Length: 3'])}abc`],
    php: [['early', answer(['Content-Length: 5'], 'early')]],
    expect: { answers: [{ body: 'early' }], connection: 'kept' },
  },
]

export const advisableCases: readonly Case[] = should(rows)
