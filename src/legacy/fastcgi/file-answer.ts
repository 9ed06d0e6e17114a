import { randomInt } from 'node:crypto'
import { HeaderList } from '../../http1/index.ts'
import { type ByteRange, readByteRanges } from './byte-ranges.ts'
import { isStillTheSame, judgeConditions, type Validators, validatorsOf } from './file-conditions.ts'
import { nameEnd, usualTypes } from './media-types.ts'
import { pageOf } from './own-page.ts'
import { reasonOf } from './reasons.ts'
import type { Expires, FileSettings } from './site.ts'

export interface FileFacts {
  /** The address that it is sent for; its end says the type. */
  readonly address: string
  readonly size: number
  readonly modifiedMs: number
  readonly expires: Expires | undefined
}

export interface FileQuestion {
  readonly method: string
  readonly headers: HeaderList
  /** What a script said about the file that it handed over; else undefined. */
  readonly given: HeaderList | undefined
  /** The file is a page for a refusal. */
  readonly status: number | undefined
}

/** A text, or a part of the file. */
export type Piece = Buffer | ByteRange

export interface FileAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: HeaderList
  /** What the body is made of, in order. */
  readonly body: readonly Piece[]
}

/** How a file is sent: whole, a part, several parts, or not at all. */
export function planFileAnswer(file: FileFacts, question: FileQuestion, settings: FileSettings): FileAnswer {
  const validators = validatorsOf(file.modifiedMs, file.size)
  const plan = { file, question, settings, validators, type: typeOf(file, question, settings) }
  if (question.status !== undefined) {
    return answer(plan, question.status, file.size, [{ from: 0, to: file.size }])
  }
  switch (judgeConditions(question.headers, validators)) {
    case 'failed':
      return refusal(412)
    case 'unchanged':
      return answer({ ...plan, type: undefined }, 304, undefined, [])
    default:
  }
  const wanted = question.headers.get('range')
  const ranges =
    wanted === undefined || !isStillTheSame(question.headers.get('if-range'), validators)
      ? 'all'
      : readByteRanges(wanted, file.size)
  if (ranges === 'none') {
    return unsatisfiable(plan)
  }
  if (ranges === 'all') {
    return answer(plan, 200, file.size, [{ from: 0, to: file.size }], ['Accept-Ranges', 'bytes'])
  }
  const [range] = ranges
  return ranges.length === 1 && range !== undefined ? onePart(plan, range) : severalParts(plan, ranges)
}

// --- internal ---

interface Plan {
  readonly file: FileFacts
  readonly question: FileQuestion
  readonly settings: FileSettings
  readonly validators: Validators
  readonly type: string | undefined
}

function typeOf({ address }: FileFacts, { given }: FileQuestion, settings: FileSettings): string {
  const types = settings.types ?? usualTypes
  const end = nameEnd(address)
  const byName = Object.hasOwn(types, end) ? types[end] : undefined
  return given?.get('content-type') ?? byName ?? settings.defaultType ?? 'application/octet-stream'
}

/** Headers in the order of a web server. */
function answer(
  { file, question, validators, type }: Plan,
  status: number,
  length: number | undefined,
  body: readonly Piece[],
  last: readonly [string, string] | undefined = undefined,
): FileAnswer {
  const headers = new HeaderList()
  if (type !== undefined) {
    headers.append('Content-Type', type)
  }
  if (length !== undefined) {
    headers.append('Content-Length', String(length))
  }
  if (question.status === undefined) {
    headers.append('Last-Modified', new Date(validators.modifiedSeconds * 1000).toUTCString())
  }
  appendGiven(headers, question.given)
  headers.append('ETag', validators.etag)
  if (file.expires !== undefined && question.status === undefined) {
    appendExpires(headers, file.expires)
  }
  if (last !== undefined) {
    headers.append(...last)
  }
  return { status, reason: reasonOf(status), headers, body }
}

function appendGiven(headers: HeaderList, given: HeaderList | undefined): void {
  given?.forEach((name, value, key) => {
    if (key !== 'content-type') {
      headers.append(name, value)
    }
  })
}

function appendExpires(headers: HeaderList, expires: Expires): void {
  const [date, seconds] =
    expires === 'max'
      ? ['Thu, 31 Dec 2037 23:55:55 GMT', tenYearsSeconds]
      : [new Date(Date.now() + expires * 1000).toUTCString(), expires]
  headers.remove('expires')
  headers.remove('cache-control')
  headers.append('Expires', date)
  headers.append('Cache-Control', `max-age=${seconds}`)
}

const tenYearsSeconds = 315_360_000

function onePart(plan: Plan, range: ByteRange): FileAnswer {
  const where = `bytes ${range.from}-${range.to - 1}/${plan.file.size}`
  return answer(plan, 206, range.to - range.from, [range], ['Content-Range', where])
}

/** RFC 9110 section 14.6. */
function severalParts(plan: Plan, ranges: readonly ByteRange[]): FileAnswer {
  const boundary = String(randomInt(1, 2 ** 47)).padStart(20, '0')
  const pieces = ranges.flatMap((range) => {
    const where = `bytes ${range.from}-${range.to - 1}/${plan.file.size}`
    const head = `\r\n--${boundary}\r\nContent-Type: ${plan.type}\r\nContent-Range: ${where}\r\n\r\n`
    return [Buffer.from(head, 'latin1'), range]
  })
  const body = [...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]
  const length = body.reduce((sum, piece) => sum + lengthOf(piece), 0)
  return answer({ ...plan, type: `multipart/byteranges; boundary=${boundary}` }, 206, length, body)
}

function lengthOf(piece: Piece): number {
  return Buffer.isBuffer(piece) ? piece.length : piece.to - piece.from
}

function unsatisfiable({ file, question }: Plan): FileAnswer {
  const refused = refusal(416)
  const headers = refused.headers.copy()
  appendGiven(headers, question.given)
  if (file.expires !== undefined) {
    appendExpires(headers, file.expires)
  }
  headers.append('Content-Range', `bytes */${file.size}`)
  return { ...refused, headers }
}

function refusal(status: number): FileAnswer {
  const { reason, headers, body } = pageOf(status)
  return { status, reason, headers, body: [body] }
}
