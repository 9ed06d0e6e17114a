import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ProxyUnderTest, type StartProxy, startFig } from '../proxy.ts'
import { parseResponse } from '../strict-parser.ts'
import { Received, Watch } from '../watch.ts'
import { type FuzzCase, generateCase, markOf } from './generate.ts'
import { FuzzPhp, type SeenRequest } from './php.ts'

export interface FuzzFailure {
  readonly seed: number
  /** Undefined: something that shows only behind a block of cases. */
  readonly caseNumber: number | undefined
  readonly problems: readonly string[]
  /** What was sent, answered and received. */
  readonly transcript?: readonly string[]
}

export interface FuzzOptions {
  readonly seed: number
  readonly first: number
  readonly cases: number
  readonly lanes: number
  readonly start?: StartProxy
  /** Called behind each case. */
  readonly onCase?: () => void
  readonly failuresMax?: number
}

/**
 * Runs cases in lanes, each with a Fig and a PHP of its own; a lane takes one case at a time, so that whatever reaches its PHP is
 * of that case. Behind each block a plain request must work, and Fig, closed, must leave no connection behind.
 */
export async function fuzz(options: FuzzOptions): Promise<readonly FuzzFailure[]> {
  const { seed, first, cases, lanes, failuresMax = 10 } = options
  const failures: FuzzFailure[] = []
  let next = first
  const take = (): number | undefined => {
    if (next >= first + cases || failures.length >= failuresMax) {
      return undefined
    }
    next += 1
    return next - 1
  }
  const lane = async (): Promise<void> => {
    for (let begin = take(); begin !== undefined; begin = take()) {
      failures.push(...(await runBlock(options, begin, take)))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return failures.toSorted((a, b) => (a.caseNumber ?? 0) - (b.caseNumber ?? 0)).map((failure) => ({ ...failure, seed }))
}

// --- internal ---

const casesPerBlock = 200
const patienceMs = 5_000
/** Fig's own waits: what PHP or the client leaves open must end by them. */
const waits = { timeoutMs: 500 }

async function runBlock(
  { seed, start = startFig, onCase }: FuzzOptions,
  begin: number,
  take: () => number | undefined,
): Promise<readonly FuzzFailure[]> {
  const failures: FuzzFailure[] = []
  const watch = new Watch(patienceMs)
  const php = new FuzzPhp(watch)
  const fig = await start(await php.listen(), waits)
  let caseNumber: number | undefined = begin
  for (let i = 0; i < casesPerBlock && caseNumber !== undefined; i += 1) {
    const item = generateCase(seed, caseNumber)
    php.begin(item.answer)
    const received = await converse(item, fig.port, watch)
    const problems = await judgeCase(item, received, { php, watch })
    if (problems.length > 0) {
      failures.push({ seed, caseNumber, problems, transcript: transcribe(item, received, php.seen) })
    }
    if (item.ending === 'reset') {
      // What Fig had begun when the client left has reached PHP behind this: none of it is counted for the next case.
      await plainRequest(fig, php)
    }
    onCase?.()
    caseNumber = i + 1 < casesPerBlock ? take() : undefined
  }
  const behind = [...(await plainRequest(fig, php)), ...fig.complaints()]
  await fig.close()
  await watch.until(() => php.openConnections === 0 || undefined)
  if (php.openConnections > 0) {
    behind.push(`${php.openConnections} connection(s) to PHP left open by a Fig that is closed`)
  }
  await php.close()
  return behind.length === 0
    ? failures
    : [...failures, { seed, caseNumber: undefined, problems: [`in the block from case ${begin} on:`, ...behind] }]
}

interface Judges {
  readonly php: FuzzPhp
  readonly watch: Watch
}

async function judgeCase(item: FuzzCase, received: Received, { php, watch }: Judges): Promise<readonly string[]> {
  if (received.ended === undefined) {
    return ["the client's connection did not end"]
  }
  php.endOdd()
  await watch.until(() => php.unfinished === 0 || undefined)
  const left = php.unfinished > 0 ? ['PHP waits for the rest of a request whose client has gone'] : []
  const seen = php.seen.filter(({ message }) => item.mayBe(message.start))
  return [...php.problems, ...left, ...judge(item, received, seen)]
}

function transcribe(item: FuzzCase, { bytes, ended }: Received, seen: readonly SeenRequest[]): readonly string[] {
  const shown = (text: string): string => JSON.stringify(text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text)
  return [
    ...item.packets.map((packet) => `client: ${shown(packet)}`),
    `client: ${item.ending}`,
    ...seen.flatMap(({ serial, message, answer }) => [
      `PHP got ${serial}: ${shown([message.start, ...message.lines].join('\r\n'))}, ${message.body.length} bytes of body`,
      `PHP said: ${shown(answer.bytes)} ${answer.kind} ${answer.connection}`,
    ]),
    `client got: ${shown(bytes.toString('latin1'))} ${ended}`,
  ]
}

/** Sends the packets, ends as the case says, and waits for the end of the connection. */
async function converse({ packets, ending }: FuzzCase, port: number, watch: Watch): Promise<Received> {
  const received = new Received()
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  const end = (how: 'fin' | 'reset'): void => {
    received.ended ??= how
    watch.notify()
  }
  socket.on('data', (chunk: Buffer) => received.add(chunk))
  socket.on('error', () => end('reset'))
  socket.on('close', () => end('fin'))
  for (const packet of packets) {
    if (socket.destroyed) {
      break
    }
    await new Promise<void>((resolve) => socket.write(Buffer.from(packet, 'latin1'), () => resolve()))
    await nextTurn()
  }
  if (ending === 'fin') {
    socket.end()
  } else if (ending === 'reset') {
    socket.resetAndDestroy()
  }
  await watch.until(() => received.ended)
  socket.destroy()
  return received
}

/** Each request that PHP saw is one that the client gets an answer to, in order, and no answer is of nobody. */
function judge(
  { validRequests, ending }: FuzzCase,
  received: Received,
  seen: readonly SeenRequest[],
): readonly string[] {
  const { bytes } = received
  const ended = received.ended === 'fin'
  const problems: string[] = []
  const answered: number[] = []
  let complete = 0
  let late = 0
  let at = 0
  while (at < bytes.length) {
    const serial = serialAt(bytes, at)
    const request = seen.find((one) => one.serial === serial)
    const parsed = parseResponse(bytes, at, request?.method ?? methodOfOwn(bytes, at, ended), ended)
    if (parsed.kind === 'invalid') {
      problems.push(`the client got what is no strict HTTP: ${parsed.why}`)
      break
    }
    if (parsed.kind === 'incomplete') {
      break
    }
    at = parsed.message.endsAt
    const status = Number(parsed.message.start.slice(9, 12))
    if (status < 200) {
      continue
    }
    complete += 1
    // A machine that is busy elsewhere makes both sides late: no fault, and rare.
    late += request === undefined && (status === 504 || status === 408) ? 1 : 0
    if (parsed.message.body.toString('latin1') === 'extra') {
      problems.push('the client got an answer that stood behind another one')
    }
    if (request?.answer.kind === 'cut' && status < 500) {
      problems.push(`the client took an answer without end for complete: ${JSON.stringify(request.answer)}`)
    }
    if (request !== undefined) {
      answered.push(request.serial)
    }
  }
  // A changed answer may say any number.
  const numbered = seen.every(({ answer }) => answer.kind !== 'mutated')
  if (
    numbered &&
    (new Set(answered).size !== answered.length || answered.some((serial, i) => serial < (answered[i - 1] ?? 0)))
  ) {
    problems.push(`answers out of order: ${answered}`)
  }
  const retried = seen.filter(
    ({ answer }) => answer.kind !== 'valid' && (answer.bytes === '' || answer.connection === 'reset'),
  ).length
  if (seen.length > complete + 1 + retried) {
    problems.push(
      `PHP saw ${seen.length} requests, the client got ${complete} answers: ${seen.map(({ message }) => message.start)}`,
    )
  }
  if (validRequests !== undefined && ending !== 'reset' && late === 0 && answered.length < validRequests) {
    problems.push(`${validRequests} correct requests got ${answered.length} answers of PHP`)
  }
  return problems
}

/** Of an answer that names no request, such as a page of Fig's own: whether it is one to HEAD shows in what follows. */
function methodOfOwn(bytes: Buffer, at: number, ended: boolean): 'GET' | 'HEAD' {
  const headEnd = bytes.indexOf('\r\n\r\n', at)
  const whole = parseResponse(bytes, at, 'GET', ended)
  const end = whole.kind === 'message' ? whole.message.endsAt : undefined
  // A body may look like the beginning of an answer; then another answer follows behind it.
  if (end !== undefined && startsAnswer(bytes, end)) {
    return 'GET'
  }
  // Read as one to GET, an answer without length would take in all that follows.
  if (headEnd !== -1 && startsAnswer(bytes, headEnd + 4)) {
    return 'HEAD'
  }
  return end === bytes.length || headEnd === -1 || headEnd + 4 < bytes.length ? 'GET' : 'HEAD'
}

function startsAnswer(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at, at + 9) === 'HTTP/1.1 '
}

function serialAt(bytes: Buffer, at: number): number | undefined {
  const end = bytes.indexOf('\r\n\r\n', at)
  const head = bytes.toString('latin1', at, end === -1 ? bytes.length : end)
  const [, mark, serial] = /\r\nx-serial: ((\d+)\.\d+)(?:\r|$)/i.exec(head) ?? []
  return mark !== undefined && mark === markOf(Number(serial)) ? Number(serial) : undefined
}

async function plainRequest(fig: ProxyUnderTest, php: FuzzPhp): Promise<string[]> {
  php.begin(() => ({ bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain', connection: 'keep', kind: 'valid' }))
  const watch = new Watch(patienceMs)
  const received = await converse(
    {
      packets: ['GET /plain HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n'],
      ending: 'wait',
      validRequests: 1,
      mayBe: () => true,
      answer: () => ({ bytes: '', connection: 'keep', kind: 'valid' }),
    },
    fig.port,
    watch,
  )
  const text = received.bytes.toString('latin1')
  return text.startsWith('HTTP/1.1 200 ') && text.endsWith('plain')
    ? []
    : [`a plain request got ${JSON.stringify(text.slice(0, 300))}`]
}
