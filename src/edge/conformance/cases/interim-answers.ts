import { answer, answering, badAnswers, type Case, get, request } from '../case.ts'
import { head, headRequest, started } from './answer-heads.ts'

const interim = (status: number, ...all: readonly string[]): string => answer(all, '', `HTTP/1.1 ${status} Interim`)

const okAnswer = head()

const interims: readonly Case[] = [
  ...answering([
    [
      'interim-103',
      '103 Early Hints passes before the answer',
      'RFC 8297 2',
      `${interim(103, 'Link: </a.css>; rel=preload')}${okAnswer}`,
      { interim: [103], body: 'ok' },
    ],
    [
      'interim-102',
      '102 Processing passes before the answer',
      'RFC 9110 15.2',
      `${interim(102)}${okAnswer}`,
      { interim: [102], body: 'ok' },
    ],
    [
      'interim-several',
      'several interim answers pass in order',
      'RFC 9110 15.2',
      `${interim(102)}${interim(103, 'Link: </a>')}${interim(103, 'Link: </b>')}${okAnswer}`,
      { interim: [102, 103, 103], body: 'ok' },
    ],
    [
      'interim-404',
      'an interim answer before an error passes',
      'RFC 9110 15.2',
      `${interim(103)}${started('HTTP/1.1 404 No')}`,
      { interim: [103], status: 404 },
    ],
    [
      'interim-at-once',
      'an interim answer does not wait for the answer',
      'RFC 8297 2',
      [interim(103, 'Link: </a>'), { clientGot: 'Link: </a>\r\n\r\n' }, okAnswer],
      { interim: [103], body: 'ok' },
    ],
    [
      'interim-head',
      'an interim answer to HEAD passes',
      'RFC 9110 15.2',
      `${interim(103)}${answer(['Content-Length: 5'])}`,
      { interim: [103], body: '' },
      headRequest,
    ],
    [
      'interim-no-body',
      'a length on an interim answer is none',
      'RFC 9110 8.6',
      `${interim(103, 'Content-Length: 5')}${okAnswer}`,
      { interim: [103], body: 'ok' },
    ],
    [
      'interim-post',
      'an interim answer to POST passes',
      'RFC 9110 15.2',
      `${interim(102)}${okAnswer}`,
      { interim: [102], body: 'ok' },
      request('POST / HTTP/1.1', ['Content-Length: 3'], 'abc'),
    ],
  ]),
  {
    id: 'interim-100-unasked',
    title: '100 that nobody asked for does not pass for the answer',
    source: 'RFC 9110 15.2.1',
    level: 'must',
    client: get(),
    php: [`${interim(100)}${okAnswer}`],
    expect: [
      { answers: [{ interim: [], body: 'ok' }], connection: 'kept' },
      { answers: [{ interim: [100], body: 'ok' }], connection: 'kept' },
      { answers: [502] },
    ],
  },
  {
    id: 'interim-100-unasked-dropped',
    title: '100 that nobody asked for is dropped',
    source: 'RFC 9110 15.2.1',
    level: 'should',
    client: get(),
    php: [`${interim(100)}${okAnswer}`],
    expect: { answers: [{ interim: [], body: 'ok' }], connection: 'kept' },
  },
  {
    id: 'interim-100-several',
    title: 'PHP may say 100 several times',
    source: 'RFC 9110 15.2',
    level: 'must',
    client: request('POST / HTTP/1.1', ['Content-Length: 3'], 'abc'),
    php: [`${interim(100)}${interim(100)}${interim(100)}${okAnswer}`],
    expect: [{ answers: [{ body: 'ok' }], connection: 'kept' }, { answers: [502] }],
  },
  {
    id: 'interim-old-client',
    title: 'HTTP/1.0 never gets an interim answer',
    source: 'RFC 9110 15.2',
    level: 'must',
    client: 'GET / HTTP/1.0\r\nHost: a.test\r\n\r\n',
    php: [`${interim(103)}${interim(102)}${okAnswer}`],
    expect: { answers: [{ interim: [], body: 'ok' }], connection: 'closed' },
  },
  {
    id: 'interim-unknown',
    title: 'an unknown interim status passes, or is dropped',
    source: 'RFC 9110 15.2',
    level: 'must',
    client: get(),
    php: [`${interim(150)}${okAnswer}`],
    expect: [
      { answers: [{ interim: [150], body: 'ok' }], connection: 'kept' },
      { answers: [{ interim: [], body: 'ok' }], connection: 'kept' },
    ],
  },
  {
    id: 'interim-flood',
    title: 'interim answers without end do not last for ever',
    source: 'RFC 9110 15.2',
    level: 'must',
    client: get(),
    php: [`${interim(103).repeat(1_000)}${okAnswer}`],
    expect: [{ answers: [{ body: 'ok' }] }, { answers: [502] }, { answers: [], connection: 'cut' }],
  },
  {
    id: 'interim-then-nothing',
    title: 'a connection that ends behind an interim answer is no answer',
    source: 'RFC 9112 8',
    level: 'must',
    client: get(),
    php: [[interim(103), 'fin']],
    expect: [{ answers: [502] }, { answers: [], connection: 'cut' }],
  },
  ...badAnswers([
    [
      'interim-with-body',
      'bytes behind an interim answer are no body of it',
      'RFC 9110 15.2',
      `${interim(103, 'Content-Length: 5')}HELLO${okAnswer}`,
    ],
    [
      'interim-100-with-body',
      'bytes behind 100 are no body of it',
      'RFC 9110 15.2',
      `${interim(100, 'Content-Length: 5')}HELLO${okAnswer}`,
    ],
    [
      'interim-bad-head',
      'a bad head of an interim answer is not passed on',
      'RFC 9110 15.2',
      `${interim(103, 'X: a\0b')}${okAnswer}`,
      { body: 'ok', interim: [] },
    ],
    [
      'switching-unasked',
      '101 that nobody asked for is not passed on',
      'RFC 9110 15.2.2',
      answer(['Connection: upgrade', 'Upgrade: x'], '', 'HTTP/1.1 101 Switching'),
    ],
    [
      'switching-unasked-bare',
      '101 without Upgrade is not passed on',
      'RFC 9110 15.2.2',
      answer([], '', 'HTTP/1.1 101 Switching'),
    ],
    [
      'switching-unasked-answer',
      '101 before an answer is not passed on',
      'RFC 9110 15.2.2',
      `${answer([], '', 'HTTP/1.1 101 Switching')}${okAnswer}`,
    ],
    [
      'switching-unasked-offered',
      '101 for an upgrade that Fig did not pass on is not passed on',
      'RFC 9110 7.8',
      answer(['Connection: upgrade', 'Upgrade: h2c'], '', 'HTTP/1.1 101 Switching'),
      undefined,
      get('/', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    ],
  ]),
]

export const interimCases: readonly Case[] = interims
