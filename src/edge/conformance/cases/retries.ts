import { answer, type Case, get, ok, post, request } from '../case.ts'

/** The second request goes out on the connection of the first, which PHP closes at that moment. */
function reused(id: string, title: string, bytes: string, ending: 'fin' | 'reset', retried: boolean): Case {
  return {
    id: `retry-${id}`,
    title,
    source: 'RFC 9110 9.2.2; RFC 9112 9.3.1; pitfall 15',
    level: 'must',
    client: [get('/1'), { got: 'GET-1' }, bytes],
    php: [
      answer(['Content-Length: 5'], 'GET-1'),
      [ending],
      answer(['Content-Length: 4'], bytes.startsWith('HEAD') ? '' : 'late'),
    ],
    expect: retried
      ? { answers: [200, { status: 200 }], connection: 'kept', php: [{}, {}, {}] }
      : { answers: [200, 502], php: [{}, {}] },
  }
}

const retries: readonly Case[] = [
  reused('get', 'GET is sent once more when a kept connection ends', get('/2'), 'fin', true),
  reused('get-reset', 'GET is sent once more when a kept connection is reset', get('/2'), 'reset', true),
  reused('head', 'HEAD is sent once more', request('HEAD /2 HTTP/1.1'), 'fin', true),
  reused('options', 'OPTIONS is sent once more', request('OPTIONS /2 HTTP/1.1'), 'fin', true),
  reused('post', 'POST is never sent again', post('abc'), 'fin', false),
  reused('post-reset', 'POST is never sent again behind a reset either', post('abc'), 'reset', false),
  reused(
    'post-empty',
    'POST without body is never sent again',
    request('POST /2 HTTP/1.1', ['Content-Length: 0']),
    'fin',
    false,
  ),
  reused(
    'patch',
    'PATCH is never sent again',
    request('PATCH /2 HTTP/1.1', ['Content-Length: 3'], 'abc'),
    'fin',
    false,
  ),
  reused('custom', 'a method that nobody knows is never sent again', request('FOO /2 HTTP/1.1'), 'fin', false),
  {
    id: 'retry-fresh',
    title: 'nothing is sent again when a fresh connection ends',
    source: 'RFC 9112 9.3.1',
    level: 'must',
    client: get('/1'),
    php: [['fin'], ok],
    expect: { answers: [502], php: [{}] },
  },
  {
    id: 'retry-after-bytes',
    title: 'nothing is sent again once an answer has begun',
    source: 'RFC 9112 9.3.1',
    level: 'must',
    client: [get('/1'), { got: 'GET-1' }, get('/2')],
    php: [answer(['Content-Length: 5'], 'GET-1'), ['HTTP/1.1 2', 'fin'], ok],
    expect: { answers: [200, 502], php: [{}, {}] },
  },
  {
    id: 'retry-once',
    title: 'nothing is sent a third time',
    source: 'RFC 9112 9.3.1',
    level: 'must',
    client: [get('/1'), { got: 'GET-1' }, get('/2')],
    php: [answer(['Content-Length: 5'], 'GET-1'), ['fin'], ['fin'], ok],
    expect: { answers: [200, 502], php: [{}, {}, {}] },
  },
  {
    id: 'retry-idle-closed',
    title: 'a kept connection that PHP has closed is not used, for no method',
    source: 'RFC 9112 9.5',
    level: 'must',
    client: [get('/1'), { got: 'GET-1' }, { phpClosed: 1 }, post('abc')],
    php: [[answer(['Content-Length: 5'], 'GET-1'), { clientGot: 'GET-1' }, 'fin'], ok],
    expect: { answers: [200, 200], connection: 'kept', php: [{}, { body: 'abc' }] },
  },
  {
    id: 'retry-said-close',
    title: 'a connection that PHP announced to close is not used',
    source: 'RFC 9112 9.6',
    level: 'must',
    client: [get('/1'), { got: 'GET-1' }, post('abc')],
    php: [answer(['Content-Length: 5', 'Connection: close'], 'GET-1'), ok],
    expect: { answers: [200, 200], connection: 'kept', php: [{}, { body: 'abc' }] },
  },
  {
    id: 'retry-old-server',
    title: 'a connection of HTTP/1.0 without keep-alive is not used again',
    source: 'RFC 9112 9.3',
    level: 'must',
    client: [get('/1'), { got: 'GET-1' }, post('abc')],
    php: [answer(['Content-Length: 5'], 'GET-1', 'HTTP/1.0 200 OK'), ok],
    expect: { answers: [200, 200], connection: 'kept', php: [{}, { body: 'abc' }] },
  },
]

const html = /^<!doctype html>/i

const pages: readonly Case[] = (
  [
    [
      'html',
      '502 is a page for browsers',
      ['Accept: text/html,application/xhtml+xml,*/*;q=0.8'],
      { body: html, has: [/^Content-Type: text\/html/i] },
    ],
    [
      'json',
      '502 is JSON for programs',
      ['Accept: application/json'],
      { body: /^\{[\s\S]*502[\s\S]*\}\s*$/, has: [/^Content-Type: application\/(?:problem\+)?json/i] },
    ],
    ['none', '502 is a page without Accept', [], { body: html }],
    ['any', '502 is a page for clients that take anything', ['Accept: */*'], { body: html }],
  ] as const
).map(([id, title, lines, page]) => ({
  id: `page-${id}`,
  title,
  source: 'RFC 9110 12.5.1, 15.6.3',
  level: 'must',
  fig: { phpGone: true },
  client: get('/', ...lines),
  expect: { answers: [{ status: 502, ...page }], connection: 'kept' },
}))

const refusalPages: readonly Case[] = (
  [
    [
      'html',
      'a refusal is a page',
      [],
      { body: html, has: [/^Content-Type: text\/html/i, /^Connection: close$/i, /^Content-Length: \d+$/i] },
    ],
    [
      'json',
      'a refusal is JSON for programs',
      ['Accept: application/json'],
      {
        body: /^\{[\s\S]*400[\s\S]*\}\s*$/,
        has: [/^Content-Type: application\/(?:problem\+)?json/i, /^Connection: close$/i],
      },
    ],
    ['no-echo', 'a refusal does not show what the client sent', ['Accept: text/html'], { body: /^(?![\s\S]*alert)/ }],
  ] as const
).map(([id, title, lines, page]) => ({
  id: `refusal-page-${id}`,
  title,
  source: 'RFC 9110 15.5',
  level: 'must',
  client: ['GET /<script>alert(1)</script> HTTP/1.1', ...lines, 'Host: a<script>alert(1)</script>', '', ''].join(
    '\r\n',
  ),
  expect: { answers: [{ status: 400, ...page }], connection: 'closed', php: 'nothing' },
}))

const headPages: readonly Case[] = [
  {
    id: 'page-head',
    title: '502 to HEAD has no body',
    source: 'RFC 9110 9.3.2',
    level: 'must',
    fig: { phpGone: true },
    client: request('HEAD / HTTP/1.1'),
    expect: { answers: [{ status: 502, body: '' }], connection: 'kept' },
  },
  {
    id: 'page-post',
    title: '502 to a request with a body leaves the connection in step, or closes it',
    source: 'RFC 9112 9.3',
    level: 'must',
    fig: { phpGone: true },
    client: post('GET /x HTTP/1.1\r\n\r\n'),
    expect: [
      { answers: [502], connection: 'kept' },
      { answers: [502], connection: 'closed' },
    ],
  },
  {
    id: 'page-old',
    title: '502 reaches HTTP/1.0 too',
    source: 'RFC 9110 15.6.3',
    level: 'must',
    fig: { phpGone: true },
    client: 'GET / HTTP/1.0\r\n\r\n',
    expect: { answers: [502], connection: 'closed' },
  },
]

export const retryCases: readonly Case[] = retries

export const pageCases: readonly Case[] = [
  ...(pages as readonly Case[]),
  ...(refusalPages as readonly Case[]),
  ...headPages,
]
