import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentBytesMax, encodeRequest, inputHeader, RecordDecoder, recordType } from './records.ts'

const bytesOfText = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })

describe('what is sent to php-fpm', () => {
  it('says what was meant, whatever the names and values are', () => {
    const pair = fc.tuple(bytesOfText, fc.oneof(bytesOfText, fc.integer({ min: 100, max: 9_000 }).map(longText)))
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), fc.boolean(), fc.boolean(), (pairs, keeps, hasBody) => {
        const records = readRecords(encodeRequest(pairs.flat(), keeps, hasBody))
        const [begin, ...rest] = records
        expect(begin).toEqual({ type: recordType.beginRequest, content: [0, 1, keeps ? 1 : 0, 0, 0, 0, 0, 0] })
        const parameters = rest.filter(({ type }) => type === recordType.parameters)
        // As php-fpm reads them: each record by itself.
        expect(parameters.flatMap(({ content }) => readPairs(Buffer.from(content)))).toEqual(pairs)
        expect(parameters.at(-1)?.content).toEqual([])
        const input = rest.filter(({ type }) => type === recordType.input)
        expect(input).toEqual(hasBody ? [] : [{ type: recordType.input, content: [] }])
      }),
    )
  })

  it('spreads many parameters over records, none of which is larger than php-fpm takes', () => {
    const pairs = Array.from({ length: 40 }, (_, i) => [`NAME_${i}`, longText(5_000)] as const)
    const bytes = encodeRequest(pairs.flat(), false, true)
    const parameters = readRecords(bytes).filter(({ type }) => type === recordType.parameters)
    expect(parameters.length).toBeGreaterThan(3)
    expect(Math.max(...parameters.map(({ content }) => content.length))).toBeLessThanOrEqual(contentBytesMax)
    expect(parameters.flatMap(({ content }) => readPairs(Buffer.from(content)))).toEqual(pairs)
  })

  it('does not cut a parameter in two, as php-fpm would misread what follows', () => {
    expect(encodeRequest(['HTTP_COOKIE', longText(contentBytesMax)], false, false)).toBeUndefined()
    expect(encodeRequest(['HTTP_COOKIE', longText(contentBytesMax - 30)], false, false)).toBeInstanceOf(Buffer)
  })

  it('marks pieces of the body and its end', () => {
    expect([...inputHeader(0x1234)]).toEqual([1, recordType.input, 0, 1, 0x12, 0x34, 0, 0])
    expect([...inputHeader(0)]).toEqual([1, recordType.input, 0, 1, 0, 0, 0, 0])
  })
})

describe('what comes from php-fpm', () => {
  it('is read the same however the records are padded and the bytes are cut', () => {
    const record = fc.record({
      kind: fc.constantFrom('output', 'error', 'management' as const),
      content: fc.uint8Array({ maxLength: 300 }),
      padding: fc.integer({ min: 0, max: 255 }),
    })
    fc.assert(
      fc.property(fc.array(record), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (records, cuts) => {
        const bytes = Buffer.concat([
          ...records.map(({ kind, content, padding }) => {
            const type = { output: recordType.output, error: recordType.errorOutput, management: 11 }[kind]
            return encodeRecord(type, Buffer.from(content), padding, kind === 'management' ? 0 : 1)
          }),
          encodeRecord(recordType.endRequest, Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]), 0),
        ])
        const told = decodeInPieces(bytes, cuts)
        const ofKind = (wanted: string): Buffer =>
          Buffer.concat(records.filter(({ kind }) => kind === wanted).map(({ content }) => content))
        expect(told.fault).toBeUndefined()
        expect(told.output.equals(ofKind('output'))).toBe(true)
        expect(told.errorOutput.equals(ofKind('error'))).toBe(true)
        expect(told).toMatchObject({ endings: [0], atBoundary: true })
      }),
    )
  })

  it.each([
    ['another version', Buffer.from([2, 6, 0, 1, 0, 0, 0, 0]), 'a record of version 2'],
    ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\n'), 'a record of version 72'],
    ['another request', encodeRecord(recordType.output, Buffer.from('x'), 0, 7), 'a record of request 7'],
    ['a record that only we may send', encodeRecord(recordType.input, Buffer.from('x'), 0), 'a record of type 5'],
    ['a short end', encodeRecord(recordType.endRequest, Buffer.alloc(4), 0), 'an end of request of the wrong length'],
  ])('is given up when it is %s', (_, bytes, fault) => {
    expect(decodeInPieces(bytes, [1]).fault).toBe(fault)
  })

  it('is not at a boundary while a record, or its padding, is still to come', () => {
    const bytes = encodeRecord(recordType.endRequest, Buffer.alloc(8), 8)
    expect(decodeInPieces(bytes.subarray(0, -1), [3])).toMatchObject({ endings: [0], atBoundary: false })
    expect(decodeInPieces(bytes, [3])).toMatchObject({ endings: [0], atBoundary: true })
    expect(decodeInPieces(Buffer.concat([bytes, bytes.subarray(0, 1)]), [100])).toMatchObject({ atBoundary: false })
  })
})

// --- internal ---

function longText(length: number): string {
  return 'v'.repeat(length)
}

interface ReadRecord {
  readonly type: number
  readonly content: readonly number[]
}

function readRecords(bytes: Buffer | undefined): readonly ReadRecord[] {
  const records: ReadRecord[] = []
  for (let at = 0, rest = bytes ?? Buffer.alloc(0); at < rest.length; ) {
    expect([...rest.subarray(at, at + 1), ...rest.subarray(at + 2, at + 4)]).toEqual([1, 0, 1])
    const length = rest.readUInt16BE(at + 4)
    const padding = rest[at + 6] as number
    // php-fpm hangs up on anything larger.
    expect(length + padding).toBeLessThanOrEqual(0xffff)
    records.push({ type: rest[at + 1] as number, content: [...rest.subarray(at + 8, at + 8 + length)] })
    at += 8 + length + padding
  }
  return records
}

function readPairs(bytes: Buffer): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = []
  let at = 0
  const readLength = (): number => {
    const first = bytes[at] as number
    at += first < 128 ? 1 : 4
    return first < 128 ? first : bytes.readUInt32BE(at - 4) & 0x7fffffff
  }
  while (at < bytes.length) {
    const [name, value] = [readLength(), readLength()]
    pairs.push([bytes.toString('latin1', at, at + name), bytes.toString('latin1', at + name, at + name + value)])
    at += name + value
  }
  return pairs
}

function encodeRecord(type: number, content: Buffer, padding: number, id = 1): Buffer {
  const header = Buffer.from([1, type, 0, id, content.length >> 8, content.length & 255, padding, 0])
  return Buffer.concat([header, content, Buffer.alloc(padding, 0xff)])
}

function decodeInPieces(bytes: Buffer, cuts: readonly number[]) {
  const [output, errorOutput, endings]: [Buffer[], Buffer[], number[]] = [[], [], []]
  const decoder = new RecordDecoder({
    onOutput: (piece) => output.push(Buffer.from(piece)),
    onErrorOutput: (piece) => errorOutput.push(Buffer.from(piece)),
    onEndRequest: (status) => endings.push(status),
  })
  let fault: string | undefined
  for (let at = 0, i = 0; at < bytes.length && fault === undefined; i += 1) {
    const to = at + (cuts[i % cuts.length] as number)
    fault = decoder.push(bytes.subarray(at, to))
    at = to
  }
  const { atBoundary } = decoder
  return { output: Buffer.concat(output), errorOutput: Buffer.concat(errorOutput), endings, fault, atBoundary }
}
