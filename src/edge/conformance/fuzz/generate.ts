import { mutate } from './mutate.ts'
import { Random } from './random.ts'

/** One case: what the client sends and how it ends, and what PHP says to each request. */
export interface FuzzCase {
  /** What goes out in each packet, one character per byte. */
  readonly packets: readonly string[]
  /** The client closes its side at once, or not before an answer ended; breaks off; or waits for Fig to close. */
  readonly ending: 'fin' | 'reset' | 'wait'
  /** Nothing was changed: so many requests must all be answered. */
  readonly validRequests: number | undefined
  readonly answer: (serial: number, method: string) => FuzzAnswer
  /** False for a request line that is plainly of another case: one whose client left while Fig worked on it. */
  readonly mayBe: (requestLine: string) => boolean
}

export interface FuzzAnswer {
  readonly bytes: string
  readonly connection: 'keep' | 'fin' | 'reset' | 'hold'
  /** `cut`: a correct answer without its end, which no client may take for a complete one. */
  readonly kind: 'valid' | 'cut' | 'mutated'
}

export function generateCase(seed: number, caseNumber: number): FuzzCase {
  const random = new Random(seed, caseNumber)
  const token = `t${caseNumber}`
  const count = 1 + random.below(3)
  const valid = Array.from({ length: count }, (_, i) => requestBytes(random, `/${token}/${i}`)).join('')
  const about = random.below(100)
  const requestsMutated = about < 65
  const answersMutated = about >= 55 && about < 95
  const bytes = requestsMutated ? mutate(random, valid, requestBytes(random, `/${token}/other`)) : valid
  const answers = new Random(seed ^ 0x5bd1e995, caseNumber)
  return {
    packets: inPackets(random, bytes),
    ending: random.pick(endings),
    validRequests: requestsMutated || answersMutated ? undefined : count,
    mayBe: (requestLine) => mayBeOf(`${caseNumber}`, requestLine),
    answer: (serial, method) => answerBytes(answers, { serial, method, mutated: answersMutated }),
  }
}

/** A number that no change of a few bytes turns into another one's. */
export function markOf(serial: number): string {
  return `${serial}.${(serial * 7_919) % 10_007}`
}

// --- internal ---

const endings = [
  ...Array.from({ length: 40 }, () => 'fin' as const),
  ...Array.from({ length: 8 }, () => 'reset' as const),
  'wait' as const,
]
const methods = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']
const ends = ['', '', '?', '?a=b&c[]=%20', '/%2e%2e/x', '//y', '/caf%C3%A9']
const headers = [
  'Accept: */*',
  'User-Agent: fuzz',
  'Cookie: a=1; b=2',
  'cookie: c=3',
  'X-Forwarded-For: 6.6.6.6',
  'X-Empty:',
  'X-Bytes: \xe9\xff',
  'Connection: keep-alive',
  'X-Tab: a\tb',
  'TE: trailers',
  'Keep-Alive: 5',
  'Referer: http://a.test/',
  'If-None-Match: "x"',
  'Range: bytes=0-1',
  'X-Two:  2  ',
]
const extensions = ['', '', '', ';a', ';a=b', ';a="b;c"']
const trailers = ['', '', '', 'X-Sum: 1\r\n', 'A: b\r\nC: d\r\n']
/** A request within a body; it becomes one of its own where a length is changed. */
const inner = 'GET /inner HTTP/1.1\r\nHost: a.test\r\n\r\n'
const contents = [
  '',
  'a',
  'abc=def',
  inner,
  '0\r\n\r\n',
  `0\r\n\r\n${inner}`,
  '\r\n',
  'x'.repeat(200),
  'x'.repeat(20_000),
  '\0\xff\r\n\r\n',
]

/** Changed bytes may stand around the token, or in it. */
function mayBeOf(caseNumber: string, requestLine: string): boolean {
  const tokens = [...requestLine.matchAll(/t(\d+)\//g)].map(([, token]) => token)
  return tokens.length === 0 || tokens.includes(caseNumber)
}

function requestBytes(random: Random, path: string): string {
  const method = random.pick(methods)
  const lines = [`${method} ${path}${random.pick(ends)} HTTP/1.1`, 'Host: a.test', ...random.some(headers, 6)]
  const framing = /^(?:POST|PUT|PATCH)$/.test(method) ? 1 + random.below(2) : random.below(5)
  const content = random.pick(contents).replaceAll('/inner', `${path}/inner`)
  if (framing === 1) {
    return `${[...lines, `Content-Length: ${content.length}`].join('\r\n')}\r\n\r\n${content}`
  }
  if (framing === 2) {
    return `${[...lines, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n${inChunks(random, content)}`
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

function inChunks(random: Random, content: string): string {
  let chunks = ''
  for (let at = 0; at < content.length; ) {
    const size = 1 + random.below(random.pick([5, 100, content.length]))
    const piece = content.slice(at, at + size)
    chunks += `${piece.length.toString(16)}${random.pick(extensions)}\r\n${piece}\r\n`
    at += size
  }
  return `${chunks}0${random.pick(extensions)}\r\n${random.pick(trailers)}\r\n`
}

function inPackets(random: Random, bytes: string): readonly string[] {
  const packets: string[] = []
  const most = random.pick([3, 50, 1_000, 1_000_000])
  for (let at = 0; at < bytes.length && packets.length < 40; ) {
    const size = packets.length === 39 ? bytes.length : 1 + random.below(most)
    packets.push(bytes.slice(at, at + size))
    at += size
  }
  return packets
}

interface Asked {
  readonly serial: number
  readonly method: string
  readonly mutated: boolean
}

/** Stands behind whole answers: no client may ever get it. */
const extra = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nextra'
const otherAnswer = 'HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nX-Other: 1\r\n\r\nother'

function answerBytes(random: Random, { serial, method, mutated }: Asked): FuzzAnswer {
  const valid = validAnswer(random, serial, method)
  if (!mutated || random.chance(25)) {
    return { ...valid, kind: 'valid' }
  }
  if (random.chance(20) && valid.connection === 'keep') {
    const bytes = valid.bytes.slice(0, random.below(valid.bytes.length))
    return { bytes, connection: random.pick(['fin', 'reset', 'fin', 'hold']), kind: 'cut' }
  }
  if (random.chance(20)) {
    return {
      bytes: `${valid.bytes}${random.pick([extra, extra, '\r\n', 'garbage', '0'])}`,
      connection: 'keep',
      kind: 'mutated',
    }
  }
  return {
    bytes: mutate(random, valid.bytes, otherAnswer),
    connection: random.pick(['fin', 'fin', 'reset', 'keep']),
    kind: 'mutated',
  }
}

function validAnswer(random: Random, serial: number, method: string): Pick<FuzzAnswer, 'bytes' | 'connection'> {
  const early = random.chance(10) ? 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' : ''
  const start = `${early}HTTP/1.1 ${random.pick(['200 OK', '200', '404 Not Found', '500 Oops'])}`
  const lines = [
    `X-Serial: ${markOf(serial)}`,
    ...random.some(['Set-Cookie: a=1', 'set-cookie: b=2', 'Date: x', 'Keep-Alive: 5', 'ETag: "x"'], 4),
  ]
  const body = random.pick([`answer-${serial}`, '', 'x'.repeat(5_000)])
  const head = (...more: readonly string[]): string => `${[start, ...lines, ...more].join('\r\n')}\r\n\r\n`
  if (method === 'HEAD') {
    return { bytes: head(`Content-Length: ${body.length}`), connection: 'keep' }
  }
  switch (random.below(6)) {
    case 0:
      return { bytes: `${head('Transfer-Encoding: chunked')}${inChunks(random, body)}`, connection: 'keep' }
    case 1:
      return { bytes: `${head()}${body}`, connection: 'fin' }
    case 2:
      return { bytes: `${head(`Content-Length: ${body.length}`, 'Connection: close')}${body}`, connection: 'fin' }
    case 3:
      return { bytes: `${early}HTTP/1.1 204 No Content\r\n${lines.join('\r\n')}\r\n\r\n`, connection: 'keep' }
    default:
      return { bytes: `${head(`Content-Length: ${body.length}`)}${body}`, connection: 'keep' }
  }
}
