/** Whether two answers are the same, to the byte or but for what is random or of the moment and has been named. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { type Answer, headerOf } from './http-client.ts'
import type { Both } from './sides.ts'

/** Something that two copies of one site never have in common. Only looked for where two answers differ. */
export interface Mask {
  readonly name: string
  readonly reason: string
  readonly in: 'header' | 'body'
  /** Its first group stays. */
  readonly pattern: RegExp
}

export interface Comparison {
  /** `bytes`: nothing had to be masked. */
  readonly outcome: 'bytes' | 'masked' | 'different'
  readonly masks: readonly string[]
  readonly differences: readonly string[]
}

export interface CompareOptions {
  readonly masks: readonly Mask[]
  /** HTTP/2 knows no reason, no letters' case in names, and frames bodies by itself. */
  readonly acrossVersions: boolean
}

export function compareAnswers(answers: Both<Answer>, options: CompareOptions): Comparison {
  const used = new Set<string>()
  const differences = [
    ...differentLine('status', answers, ({ status }) => String(status)),
    ...differentLine('statuses before', answers, ({ before }) => before.join(' ')),
    ...(options.acrossVersions ? [] : differentLine('reason', answers, ({ reason }) => reason)),
    ...(options.acrossVersions ? [] : differentLine('framing', answers, framing)),
    ...differentHeaders(answers, options, used),
    ...differentBody(answers, options, used),
  ]
  const outcome = differences.length > 0 ? 'different' : used.size > 0 ? 'masked' : 'bytes'
  return { outcome, masks: [...used], differences }
}

/** The body as a browser would show it. */
export function decodedBody(answer: Answer): Buffer {
  const coding = headerOf(answer, 'content-encoding')
  if (answer.body.length === 0) return answer.body
  if (coding === 'gzip') return gunzipSync(answer.body)
  if (coding === 'br') return brotliDecompressSync(answer.body)
  if (coding === 'deflate') return inflateSync(answer.body)
  return answer.body
}

/** Its text, where there is any: what is not UTF-8 stays apart by being read as Latin-1. */
export function textOf(answer: Answer): string {
  return decodedBody(answer).toString('latin1')
}

// --- internal ---

/** Of one connection (RFC 9110 section 7.6.1), compared as framing; or of the second in which it was sent. */
const exceptedHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

function framing(answer: Answer): string {
  if (headerOf(answer, 'transfer-encoding') !== undefined) return 'chunked'
  return headerOf(answer, 'content-length') === undefined ? 'none' : 'length'
}

function differentLine(what: string, { direct, fig }: Both<Answer>, of: (answer: Answer) => string): readonly string[] {
  return of(direct) === of(fig) ? [] : [`${what}: ${of(direct)} | through Fig: ${of(fig)}`]
}

function differentHeaders(answers: Both<Answer>, options: CompareOptions, used: Set<string>): readonly string[] {
  const lengthFollowsBody = lengthsFollowBodies(answers)
  const [direct, fig] = [linesOf(answers.direct, options), linesOf(answers.fig, options)]
  if (direct.join('\n') === fig.join('\n')) return []
  const masks = options.masks.filter((mask) => mask.in === 'header')
  const [maskedDirect, maskedFig] = [direct, fig].map((lines) =>
    lines.map((line) => (lengthFollowsBody && /^content-length:/i.test(line) ? 'content-length' : line)),
  )
  const left = applyMasks(maskedDirect ?? [], maskedFig ?? [], masks, used)
  if (left.direct.join('\n') === left.fig.join('\n')) {
    if (lengthFollowsBody && maskedDirect?.join() !== direct.join()) used.add('length')
    return []
  }
  const onlyDirect = left.direct.filter((line) => !left.fig.includes(line))
  const onlyFig = left.fig.filter((line) => !left.direct.includes(line))
  if (onlyDirect.length + onlyFig.length === 0) return [`headers in another order: ${left.direct} | ${left.fig}`]
  return [`headers: ${onlyDirect.join(', ') || 'none'} | through Fig: ${onlyFig.join(', ') || 'none'}`]
}

/** A body with masked parts may be longer on one side; then each length has to be that of its own body. */
function lengthsFollowBodies({ direct, fig }: Both<Answer>): boolean {
  return !direct.body.equals(fig.body) && [direct, fig].every((answer) => lengthOf(answer) === answer.body.length)
}

function lengthOf(answer: Answer): number {
  return Number(headerOf(answer, 'content-length') ?? -1)
}

function linesOf(answer: Answer, { acrossVersions }: CompareOptions): readonly string[] {
  return answer.headers
    .filter(([name]) => !exceptedHeaders.has(name.toLowerCase()))
    .map(([name, value]) => `${acrossVersions ? name.toLowerCase() : name}: ${value}`)
}

function differentBody(answers: Both<Answer>, options: CompareOptions, used: Set<string>): readonly string[] {
  if (answers.direct.body.equals(answers.fig.body)) return []
  const masks = options.masks.filter((mask) => mask.in === 'body')
  const [direct, fig] = [answers.direct, answers.fig].map((answer) => textOf(answer))
  const left = applyMasks([direct ?? ''], [fig ?? ''], masks, used)
  const [expected = '', found = ''] = [left.direct[0], left.fig[0]]
  if (expected !== found) return [`body: ${firstDifference(expected, found)}`]
  // The same text, compressed in two ways, has to be explained by something that differs in it.
  if (direct === fig) return ['body: the same text in other compressed bytes']
  return []
}

function applyMasks(
  direct: readonly string[],
  fig: readonly string[],
  masks: readonly Mask[],
  used: Set<string>,
): Both<readonly string[]> {
  let texts = { direct, fig }
  for (const mask of masks) {
    const replace = (lines: readonly string[]) =>
      lines.map((line) => line.replaceAll(mask.pattern, (_, kept: string) => `${kept}…`))
    const masked = { direct: replace(texts.direct), fig: replace(texts.fig) }
    // A mask that takes the same from both explains nothing.
    if (countOfDifferent(masked) < countOfDifferent(texts) || removesDifference(texts, mask.pattern))
      used.add(mask.name)
    texts = masked
  }
  return texts
}

function countOfDifferent({ direct, fig }: Both<readonly string[]>): number {
  return direct.filter((line, index) => line !== fig[index]).length
}

function removesDifference({ direct, fig }: Both<readonly string[]>, pattern: RegExp): boolean {
  const found = (lines: readonly string[]) => lines.flatMap((line) => line.match(pattern) ?? []).join('\n')
  return found(direct) !== found(fig)
}

function firstDifference(expected: string, found: string): string {
  let at = 0
  while (expected[at] === found[at]) at += 1
  const excerpt = (text: string) =>
    `${text.length} bytes, from ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 90), at + 110))}`
  return `${excerpt(expected)}\n      through Fig: ${excerpt(found)}`
}
