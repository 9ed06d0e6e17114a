import { behind, type Case, chunked, either, get, post, request } from '../case.ts'

const pipelines: readonly Case[] = [
  pipeline(
    'three',
    'three requests at once get three answers in order',
    [get('/1'), get('/2'), get('/3')],
    ['GET /1', 'GET /2', 'GET /3'],
  ),
  pipeline(
    'twenty',
    'twenty requests at once get twenty answers in order',
    numbers(20).map((i) => get(`/${i}`)),
    numbers(20).map((i) => `GET /${i}`),
  ),
  pipeline(
    'post-get',
    'a request behind a body of known length is found',
    [post('abc'), get('/2')],
    ['POST /', 'GET /2'],
  ),
  pipeline(
    'chunked-get',
    'a request behind a body in chunks is found',
    [chunked('3\r\nabc\r\n0\r\n\r\n'), get('/2')],
    ['POST /', 'GET /2'],
  ),
  pipeline(
    'trailers-get',
    'a request behind trailers is found',
    [chunked('3\r\nabc\r\n0\r\nT: u\r\n\r\n'), get('/2')],
    ['POST /', 'GET /2'],
  ),
  pipeline('head-get', 'a request behind HEAD is found', [request('HEAD /1 HTTP/1.1'), get('/2')], ['', 'GET /2']),
  pipeline(
    'get-body-get',
    'a request behind a body on GET is found',
    [request('GET /1 HTTP/1.1', ['Content-Length: 3'], 'abc'), get('/2')],
    ['GET /1', 'GET /2'],
  ),
  pipeline(
    'empty-line-between',
    'an empty line between requests is ignored',
    [post('abc'), '\r\n', get('/2')],
    ['POST /', 'GET /2'],
  ),
  pipeline(
    'hundred',
    'a hundred requests on one connection get a hundred answers',
    numbers(100).map((i) => get(`/${i}`)),
    numbers(100).map((i) => `GET /${i}`),
  ),
  {
    id: 'pipeline-body-too-long',
    title: 'what is more than the length of a body is another request, here a bad one',
    source: 'RFC 9112 6.3',
    level: 'must',
    client: request('POST /1 HTTP/1.1', ['Content-Length: 3'], 'abcXYZ\r\n\r\n'),
    expect: {
      answers: [{ body: 'POST /1' }, { status: [400, 501, 505] }],
      connection: 'closed',
      php: [{ body: 'abc' }],
    },
  },
  {
    id: 'pipeline-post-post',
    title: 'a body of known length behind one in chunks is found',
    source: 'RFC 9112 9.3.2',
    level: 'must',
    client: `${chunked('5\r\nGET /\r\n0\r\n\r\n')}${post('0\r\n\r\n')}${get('/3')}`,
    expect: {
      answers: [{}, {}, { body: 'GET /3' }],
      connection: 'kept',
      php: [{ body: 'GET /' }, { body: '0\r\n\r\n' }, {}],
    },
  },
  {
    id: 'pipeline-slow-first',
    title: 'a quick second answer does not overtake a slow first one',
    source: 'RFC 9112 9.3.2',
    level: 'must',
    client: [get('/1'), { phpGot: '/1' }, get('/2')],
    php: [
      ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n', { clientGot: 'HTTP/1.1 200' }, 'slow'],
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquick',
    ],
    expect: { answers: [{ body: 'slow' }, { body: 'quick' }], connection: 'kept' },
  },
  {
    id: 'pipeline-refusal-in-the-middle',
    title: 'a bad request between good ones is refused behind the answer to the first, and the last is not read',
    source: 'RFC 9112 9.3.2',
    level: 'must',
    client: `${get('/1')}GET / HTTP/1.1\r\nHost : a\r\n\r\n${behind}`,
    expect: { answers: [{ body: 'GET /1' }, 400], connection: 'closed', php: [{ start: 'GET /1 HTTP/1.1' }] },
  },
  {
    id: 'pipeline-refusal-of-framing',
    title: 'both a length and chunks behind a good request are refused behind its answer',
    source: 'RFC 9112 6.1',
    level: 'must',
    client: `${get('/1')}${request('POST / HTTP/1.1', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n')}${behind}`,
    expect: { answers: [{ body: 'GET /1' }, 400], connection: 'closed', php: [{ start: 'GET /1 HTTP/1.1' }] },
  },
  {
    id: 'pipeline-split-across-packets',
    title: 'packets that end in the middle of lines make no difference',
    source: 'RFC 9112 9.3.2',
    level: 'must',
    client: [
      'POST /1 HTTP/1.1\r\nHost: a.te',
      'st\r\nContent-Length: 3\r',
      '\n\r',
      '\nab',
      'cGET /2 HT',
      'TP/1.1\r\nHost: a.test\r\n',
      '\r\n',
    ],
    expect: { answers: [{ body: 'POST /1' }, { body: 'GET /2' }], connection: 'kept', php: [{ body: 'abc' }, {}] },
  },
  {
    id: 'pipeline-unfinished',
    title: 'an unfinished request behind a good one takes nothing away from it',
    source: 'RFC 9112 8',
    level: 'must',
    client: [`${get('/1')}GET /2 HTTP/1.1\r\nHo`, { got: 'GET /1' }, 'half-close'],
    expect: [
      { answers: [{ body: 'GET /1' }], connection: 'closed', php: [{ start: 'GET /1 HTTP/1.1' }] },
      {
        answers: [{ body: 'GET /1' }, { status: [400, 408] }],
        connection: 'closed',
        php: [{ start: 'GET /1 HTTP/1.1' }],
      },
    ],
  },
]

const waiting = (body: string, ...lines: readonly string[]): readonly [string, { readonly got: string }, string] => [
  request('POST /e HTTP/1.1', [`Content-Length: ${body.length}`, ...lines]),
  { got: 'HTTP/1.1 100' },
  body,
]

const expectations: readonly Case[] = [
  ...['100-continue', '100-Continue', ' \t100-CONTINUE '].map(
    (value, i): Case => ({
      id: `expect-${i + 1}`,
      title: `a client that says Expect: ${value.trim()} is asked for its body`,
      source: 'RFC 9110 10.1.1',
      level: 'must',
      client: waiting('abc', `Expect:${value}`),
      expect: { answers: [{ interim: [100] }], connection: 'kept', php: [{ body: 'abc' }] },
    }),
  ),
  {
    id: 'expect-chunked',
    title: 'a client that waits is asked for its chunks',
    source: 'RFC 9110 10.1.1',
    level: 'must',
    client: [
      request('POST /e HTTP/1.1', ['Transfer-Encoding: chunked', 'Expect: 100-continue']),
      { got: 'HTTP/1.1 100' },
      '3\r\nabc\r\n0\r\n\r\n',
    ],
    expect: { answers: [{ interim: [100] }], connection: 'kept', php: [{ body: 'abc' }] },
  },
  {
    id: 'expect-not-waiting',
    title: 'a client that does not wait gets its answer as well',
    source: 'RFC 9110 10.1.1',
    level: 'must',
    client: post('abc', 'Expect: 100-continue'),
    expect: { answers: [200], connection: 'kept', php: [{ body: 'abc' }] },
  },
  {
    id: 'expect-1-0',
    title: 'HTTP/1.0 is never sent 100',
    source: 'RFC 9110 10.1.1',
    level: 'must',
    client: 'POST /e HTTP/1.0\r\nHost: a.test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc',
    expect: { answers: [{ interim: [] }], connection: 'closed', php: [{ body: 'abc' }] },
  },
  ...(
    [
      ['expect-obscured', 'Expect: y 100-continue', 'an obscured expectation'],
      ['expect-list', 'Expect: 100-continue, x', 'an expectation in a list'],
      ['expect-empty', 'Expect:', 'an empty expectation'],
      ['expect-parameter', 'Expect: 100-continue;x=1', 'an expectation with a parameter'],
    ] as const
  ).map(
    ([id, line, what]): Case => ({
      id,
      title: `${what} is refused, or leaves body and connection in step`,
      source: 'RFC 9110 10.1.1; Expect desync (CVE-2025-32094)',
      level: 'must',
      client: [post(behind, line)],
      expect: [
        { answers: [{ status: [400, 417] }], connection: 'closed', php: 'nothing' },
        { answers: [200], connection: 'kept', php: [{ body: behind }] },
      ],
    }),
  ),
  {
    id: 'expect-get-body',
    title: 'a body on GET that waits for 100 is a body',
    source: 'RFC 9110 10.1.1; Expect desync (CVE-2025-32094)',
    level: 'must',
    client: request('GET /e HTTP/1.1', ['Expect: 100-continue', `Content-Length: ${behind.length}`], behind),
    expect: { answers: [200], connection: 'kept', php: [{ body: behind }] },
  },
  {
    id: 'expect-head-body',
    title: 'a body on HEAD that waits for 100 is a body',
    source: 'RFC 9110 10.1.1; Expect desync (CVE-2025-32094)',
    level: 'must',
    client: request('HEAD /e HTTP/1.1', ['Expect: 100-continue', `Content-Length: ${behind.length}`], behind),
    expect: { answers: [200], connection: 'kept', php: [{ body: behind }] },
  },
  {
    id: 'expect-refused-then-request',
    title: 'behind a final answer to a client that waits, its next bytes are no second request by mistake',
    source: 'RFC 9110 10.1.1; Expect desync (CVE-2025-32094)',
    level: 'must',
    client: [
      request('POST /e HTTP/1.1', ['Expect: 100-continue', `Content-Length: ${behind.length}`]),
      { got: '403 No' },
      behind,
    ],
    php: [['early', 'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno']],
    expect: [
      { answers: [403], connection: 'closed' },
      { answers: [403], connection: 'kept' },
    ],
  },
  {
    id: 'expect-other',
    title: 'another expectation is refused, or goes to PHP',
    source: 'RFC 9110 10.1.1',
    level: 'must',
    client: get('/e', 'Expect: magic'),
    expect: [
      { answers: [417], php: 'nothing' },
      { answers: [200], connection: 'kept', php: [{ start: 'GET /e HTTP/1.1' }] },
    ],
  },
  {
    id: 'expect-final-answer-first',
    title: 'when PHP refuses before the body, a client that waits gets the refusal',
    source: 'RFC 9110 10.1.1',
    level: 'must',
    client: [request('POST /e HTTP/1.1', ['Content-Length: 3', 'Expect: 100-continue']), { got: '413 Too' }],
    php: [['early', 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig']],
    expect: { answers: [{ status: 413, body: 'big' }] },
  },
  {
    id: 'expect-asked-once',
    title: "PHP's own 100 is not sent a second time",
    source: 'RFC 9110 15.2.1',
    level: 'must',
    client: waiting('abc', 'Expect: 100-continue'),
    php: [['early', 'HTTP/1.1 100 Continue\r\n\r\n', { got: 'abc' }, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok']],
    expect: { answers: [{ interim: [100], body: 'ok' }], connection: 'kept' },
  },
  {
    id: 'expect-php-gone',
    title: 'when PHP is not there, a client that waits is not asked for its body',
    source: 'pitfall 11',
    level: 'should',
    fig: { phpGone: true },
    client: request('POST /e HTTP/1.1', ['Content-Length: 3', 'Expect: 100-continue']),
    expect: { answers: [{ status: 502, interim: [] }], connection: 'closed' },
  },
  ...either([
    [
      'expect-get',
      'an expectation without a body to send changes nothing',
      'RFC 9110 10.1.1',
      get('/e', 'Expect: 100-continue'),
      { start: 'GET /e HTTP/1.1' },
      417,
    ],
    [
      'expect-twice',
      'the same expectation twice passes or is refused',
      'RFC 9110 10.1.1',
      post('abc', 'Expect: 100-continue', 'Expect: 100-continue'),
      { body: 'abc' },
      [400, 417],
    ],
  ]),
]

export const pipelineCases: readonly Case[] = pipelines

export const expectationCases: readonly Case[] = expectations

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

function pipeline(id: string, title: string, requests: readonly string[], bodies: readonly string[]): Case {
  return {
    id: `pipeline-${id}`,
    title,
    source: 'RFC 9112 9.3.2',
    level: 'must',
    client: requests.join(''),
    expect: { answers: bodies.map((body) => ({ body })), connection: 'kept', php: bodies.map(() => ({})) },
  }
}
