import type { AnswerExpectation, MessageExpectation, Outcome, PhpExpectation } from './case.ts'
import type { Answer, Answers } from './client.ts'
import type { PhpConnection } from './php.ts'
import { type StrictHead, type StrictMessage, valuesOf } from './strict-parser.ts'

/** What was seen in one run of a case. */
export interface Sighting {
  readonly answers: Answers
  readonly ended: 'fin' | 'reset' | undefined
  /** Another request on the connection was answered. */
  readonly kept: boolean
  readonly connections: readonly PhpConnection[]
}

/** Why the sighting is not this outcome; empty when it is. */
export function judge(outcome: Outcome, seen: Sighting): readonly string[] {
  return [...judgeAnswers(outcome, seen), ...judgeEnd(outcome, seen), ...judgePhp(outcome, seen)]
}

/** Whether the statuses are those of the outcome: what remains to be waited for depends on it. */
export function statusesMatch({ answers }: Outcome, { complete }: Answers): boolean {
  return (
    complete.length >= answers.length &&
    answers.every((expected, i) => statusOf(expected).includes(complete[i]?.status ?? 0))
  )
}

/** What holds in every case, whatever the outcome. */
export function invariants({ answers, connections }: Sighting): readonly string[] {
  const problems = connections.flatMap(({ violation }) =>
    violation ? [`what PHP got is no strict HTTP: ${violation}`] : [],
  )
  for (const message of connections.flatMap(({ requests }) => requests)) {
    const upgrade = message.lines.some((line) => /^upgrade: *websocket$/i.test(line))
    for (const line of message.lines) {
      const name = line.slice(0, line.indexOf(':')).toLowerCase()
      if (ofOneHop.has(name) || (name === 'upgrade' && !upgrade)) {
        problems.push(`PHP got a header of the other hop: ${line}`)
      }
      if (
        name === 'connection' &&
        !(upgrade ? /^connection: *upgrade$/i : /^connection: *(?:keep-alive|close)$/i).test(line)
      ) {
        problems.push(`PHP got ${line}`)
      }
    }
  }
  return answers.violation === undefined
    ? problems
    : [...problems, `no strict HTTP to the client: ${answers.violation}`]
}

// --- internal ---

const ofOneHop = new Set(['keep-alive', 'proxy-connection', 'te', 'http2-settings', 'proxy-authenticate'])
/** Written by Fig for the hop, or about the client. */
const ofFig = /^(?:host|connection|x-forwarded-[a-z]+|x-real-ip|x-request-id|content-length|transfer-encoding|via):/i
const ofHop = /^(?:connection|keep-alive|transfer-encoding|via):/i

function statusOf(expected: AnswerExpectation | number): readonly number[] {
  const status = typeof expected === 'number' ? expected : expected.status
  return status === undefined ? [200] : typeof status === 'number' ? [status] : status
}

function judgeAnswers({ answers: expected }: Outcome, { answers }: Sighting): readonly string[] {
  const { complete } = answers
  const got = complete.map(({ status }) => status).join(', ') || 'none'
  const problems: string[] = []
  if (complete.length !== expected.length) {
    problems.push(`${expected.length} answer(s) expected, got ${complete.length} (${got})`)
  }
  expected.forEach((expectation, i) => {
    const answer = complete[i]
    if (answer !== undefined) {
      const detailed = typeof expectation === 'number' ? { status: expectation } : expectation
      problems.push(...judgeAnswer(detailed, answer).map((problem) => `answer ${i + 1}: ${problem}`))
    }
  })
  return problems
}

function judgeAnswer(expected: AnswerExpectation, { message, status, interim }: Answer): readonly string[] {
  const problems: string[] = []
  if (!statusOf(expected).includes(status)) {
    problems.push(`status ${statusOf(expected).join(' or ')} expected, got ${status}`)
  }
  if (expected.start !== undefined && message.start !== expected.start) {
    problems.push(`${JSON.stringify(expected.start)} expected, got ${JSON.stringify(message.start)}`)
  }
  const statuses = interim.map(({ start }) => Number(start.slice(9, 12))).join()
  if (expected.interim !== undefined && statuses !== expected.interim.join()) {
    problems.push(`interim answers ${expected.interim.join() || 'none'} expected, got ${statuses || 'none'}`)
  }
  const dated = expected.lines?.some((line) => /^date:/i.test(line)) ?? false
  const ignored = (line: string): boolean => ofHop.test(line) || (!dated && /^date:/i.test(line))
  return [...problems, ...judgeMessage(expected, message, ignored)]
}

function judgeMessage(
  expected: MessageExpectation,
  message: StrictMessage,
  ignored: (line: string) => boolean,
): readonly string[] {
  const problems = judgeHead(expected, message, ignored)
  const { body, trailers, framing } = expected
  if (body !== undefined && !bodyFits(body, message.body)) {
    problems.push(
      `body ${String(body instanceof RegExp ? body : JSON.stringify(body))} expected, got ${message.body.length} bytes ${JSON.stringify(message.body.toString('latin1', 0, 200))}`,
    )
  }
  if (trailers !== undefined && trailers.join('\n') !== message.trailers.join('\n')) {
    problems.push(`trailers ${JSON.stringify(trailers)} expected, got ${JSON.stringify(message.trailers)}`)
  }
  if (framing !== undefined && framing !== message.framing) {
    problems.push(`framing ${framing} expected, got ${message.framing}`)
  }
  return problems
}

function bodyFits(expected: string | RegExp | { readonly length: number }, body: Buffer): boolean {
  if (typeof expected === 'string') {
    return body.equals(Buffer.from(expected, 'latin1'))
  }
  return expected instanceof RegExp ? expected.test(body.toString('latin1')) : body.length === expected.length
}

function judgeHead(
  { lines, has = [], values = {}, lacks = [] }: Pick<MessageExpectation, 'lines' | 'has' | 'values' | 'lacks'>,
  head: StrictHead,
  ignored: (line: string) => boolean,
): string[] {
  const problems: string[] = []
  const got = head.lines.filter((line) => !ignored(line))
  if (lines !== undefined && lines.join('\n') !== got.join('\n')) {
    problems.push(`lines ${JSON.stringify(lines)} expected, got ${JSON.stringify(got.slice(0, 40))}`)
  }
  for (const part of has) {
    if (!head.lines.some((line) => (typeof part === 'string' ? line === part : part.test(line)))) {
      problems.push(`${part} missing in ${JSON.stringify(head.lines.slice(0, 40))}`)
    }
  }
  for (const [name, expected] of Object.entries(values)) {
    const found = valuesOf(head, name)
    if (found.join('\n') !== expected.join('\n')) {
      problems.push(`${name}: ${JSON.stringify(expected)} expected, got ${JSON.stringify(found)}`)
    }
  }
  for (const part of lacks) {
    const found = part.includes(':') ? head.lines.includes(part) : valuesOf(head, part).length > 0
    if (found) {
      problems.push(`${part} should not be in ${JSON.stringify(head.lines.slice(0, 40))}`)
    }
  }
  return problems
}

function judgeEnd({ connection }: Outcome, { answers, ended, kept }: Sighting): readonly string[] {
  if (connection === undefined) {
    return []
  }
  if (connection === 'kept') {
    return kept ? [] : [`the connection should have been kept; it ${ended ?? 'did not answer another request'}`]
  }
  if (ended === undefined) {
    return ['the connection should have been closed']
  }
  const tunnelled = answers.complete.at(-1)?.status === 101
  const broken = ended === 'reset' || answers.rest.length > 0
  if (connection === 'cut') {
    return broken ? [] : ['the break should have been visible, but the end looks orderly']
  }
  return answers.rest.length === 0 || tunnelled
    ? []
    : [`behind the answer there is ${JSON.stringify(answers.rest.toString('latin1', 0, 200))}`]
}

function judgePhp({ php, phpConnections }: Outcome, { connections }: Sighting): readonly string[] {
  const used = connections.filter(({ ofCase }) => ofCase.length > 0).length
  if (phpConnections !== undefined && used !== phpConnections) {
    return [`${phpConnections} connection(s) to PHP expected, got ${used}`]
  }
  if (php === undefined) {
    return []
  }
  const requests = connections.flatMap(({ ofCase }) => ofCase)
  if (typeof php === 'string') {
    const problems = requests.map(({ start }) => `PHP should have seen ${php}, but got ${start}`)
    const begun = connections.filter((connection) => connection.begun !== undefined)
    if (php === 'nothing') {
      return [
        ...problems,
        ...begun.map((connection) => `PHP should have seen nothing, but got ${connection.begun?.start}`),
      ]
    }
    const open = begun.filter(({ received }) => received.ended === undefined)
    return [...problems, ...open.map(({ begun }) => `PHP still waits for the rest of ${begun?.start}`)]
  }
  if (requests.length !== php.length) {
    return [`PHP should have got ${php.length} request(s), got ${JSON.stringify(requests.map(({ start }) => start))}`]
  }
  return php.flatMap((expected, i) =>
    judgeRequest(expected, requests[i] as StrictMessage).map((problem) => `PHP's request ${i + 1}: ${problem}`),
  )
}

function judgeRequest(expected: PhpExpectation, message: StrictMessage): readonly string[] {
  const { start } = expected
  const fits = start === undefined || (typeof start === 'string' ? start === message.start : start.test(message.start))
  const problems = judgeMessage(expected, message, (line) => ofFig.test(line))
  return fits ? problems : [`${start} expected, got ${JSON.stringify(message.start)}`, ...problems]
}
