import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkedDecoder } from './chunked-decoder.ts'

interface Decoded {
  readonly body: string
  readonly rest: string
  readonly fault: string | undefined
  readonly done: boolean
  readonly trailers: readonly string[]
}

function decode(pieces: readonly string[]): Decoded {
  const decoder = new ChunkedDecoder()
  let body = ''
  let rest = ''
  for (const piece of pieces) {
    if (decoder.done || decoder.fault !== undefined) {
      rest += piece
      continue
    }
    const bytes = Buffer.from(piece, 'latin1')
    const end = decoder.decode(bytes, 0, (data) => {
      body += data.toString('latin1')
    })
    rest += bytes.toString('latin1', end)
  }
  const { done, fault, trailers } = decoder
  return { body, rest, fault, done, trailers: trailers?.toRaw() ?? [] }
}

function cutAt(text: string, cuts: readonly number[]): readonly string[] {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length]
  return at.slice(1).map((to, i) => text.slice(at[i], to))
}

describe('a chunked body', () => {
  it('is the same however it is cut, and what stands behind it is left alone', () => {
    const chunk = fc.tuple(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.constantFrom('', ';a', ';a=b', ' ; a="q;\\"x"', ';'),
      fc.boolean(),
    )
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        fc.constantFrom('', 'T: 1\r\n', 'T: 1\r\nU: \r\n'),
        (chunks, cuts, trailers) => {
          const texts = chunks.map(([text]) => Buffer.from(text).toString('latin1'))
          const coded = chunks.map(([, extension, upper], i) => {
            const size = texts[i]!.length.toString(16)
            return `${upper ? size.toUpperCase() : `00${size}`}${extension}\r\n${texts[i]}\r\n`
          })
          const wire = `${coded.join('')}0\r\n${trailers}\r\nGET /next`
          expect(decode(cutAt(wire, cuts))).toEqual({
            body: texts.join(''),
            rest: 'GET /next',
            fault: undefined,
            done: true,
            trailers: trailers === '' ? [] : trailers === 'T: 1\r\n' ? ['T', '1'] : ['T', '1', 'U', ''],
          })
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a size with a prefix', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a signed size', '+3\r\nabc\r\n0\r\n\r\n'],
    ['a size that is no number', 'g\r\n\r\n'],
    ['an empty size', '\r\nabc'],
    ['a size in other digits', '\u00b3\r\nabc\r\n'],
    ['a size beyond all measure', 'ffffffffffffffffff\r\nabc'],
    ['a size that would wrap around', '100000000000000003\r\nabc\r\n0\r\n\r\n'],
    ['a space behind the size', '3 \r\nabc\r\n0\r\n\r\n'],
    ['a space before the size', ' 3\r\nabc\r\n0\r\n\r\n'],
    ['a bare line feed behind the size', '3\nabc\r\n0\r\n\r\n'],
    ['a bare line feed in an extension (TERM.EXT)', '3;a\nabc\r\n0\r\n\r\n'],
    ['a bare carriage return in an extension', '3;a\rbc\r\nabc\r\n0\r\n\r\n'],
    ['data longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
    ['a bare line feed behind the data', '3\r\nabc\n0\r\n\r\n'],
    ['no line end behind the data', '3\r\nabc0\r\n\r\n'],
    ['NUL in an extension', '3;\0\r\nabc\r\n0\r\n\r\n'],
    ['a folded trailer', '0\r\nA: b\r\n c\r\n\r\n'],
    ['a trailer without colon', '0\r\nabc\r\n\r\n'],
    ['extensions without end', `3;${'a'.repeat(5_000)}\r\nabc\r\n0\r\n\r\n`],
    ['extensions that add up', `${`1;${'a'.repeat(3_000)}\r\nx\r\n`.repeat(6)}0\r\n\r\n`],
    ['many trailers', `0\r\n${Array.from({ length: 9_000 }, (_none, i) => `x${i}: y\r\n`).join('')}\r\n`],
    ['trailers without end', `0\r\nA: ${'b'.repeat(40_000)}\r\n\r\n`],
  ])('with %s is faulty, in one piece or byte by byte', (_name, wire) => {
    expect(decode([wire])).toMatchObject({ fault: expect.any(String), done: false })
    expect(decode([...wire])).toMatchObject({ fault: expect.any(String), done: false })
  })

  it('that has not ended is not done', () => {
    const wire = '5\r\nhello\r\n0\r\nT: 1\r\n\r\n'
    for (let length = 0; length < wire.length; length += 1) {
      expect(decode([wire.slice(0, length)])).toMatchObject({ done: false, fault: undefined })
    }
  })
})
