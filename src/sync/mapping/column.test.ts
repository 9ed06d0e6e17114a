import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Codec, LegacyValue } from './codec.ts'
import { ValueRefused } from './codec.ts'
import { column } from './column.ts'

/** One line per value: what MySQL's drivers hand out, the canonical text, the literal that writes it back. */
type Case = readonly [LegacyValue, string | null, string]

const cases: Readonly<Record<string, { readonly codec: Codec; readonly values: readonly Case[] }>> = {
  integer: {
    codec: column.integer(),
    values: [
      [2, '2', '2'],
      ['18446744073709551615', '18446744073709551615', '18446744073709551615'],
      [-128, '-128', '-128'],
    ],
  },
  year: {
    codec: column.year(),
    values: [
      [2155, '2155', '2155'],
      [1900, '0', '0'],
      ['0000', '0', '0'],
    ],
  },
  decimal: {
    codec: column.decimal(),
    values: [
      ['-123.4500', '-123.4500', '-123.4500'],
      ['.5', '0.5', '0.5'],
      ['-0.000', '0.000', '0.000'],
    ],
  },
  float: {
    codec: column.float(),
    values: [
      [0.10000000149011612, '0.1', '0.1'],
      [16777216, '16777216', '16777216'],
      [370370.125, '370370.13', '370370.13'],
      [-0, '0', '0'],
    ],
  },
  double: {
    codec: column.double(),
    values: [
      [0.1, '0.1', '0.1'],
      [1e21, '1e+21', '1e+21'],
      ['5e-324', '5e-324', '5e-324'],
    ],
  },
  text: {
    codec: column.text(),
    values: [
      ["it's", "it's", String.raw`'it\'s'`],
      ['a\\b\n\r\t"\x1a', 'a\\b\n\r\t"\x1a', String.raw`'a\\b\n\r${'\t'}\"\Z'`],
      ['🐉', '🐉', "'🐉'"],
      ['', '', "''"],
    ],
  },
  'text as bytes': {
    codec: column.textAsBytes(),
    values: [
      ['a\0b', '\\x610062', "convert(x'610062' using utf8mb4)"],
      ['', '\\x', "convert(x'' using utf8mb4)"],
    ],
  },
  bytes: { codec: column.bytes(), values: [[Buffer.from([0, 255]), '\\x00ff', "x'00ff'"]] },
  enumeration: {
    codec: column.enumeration(),
    values: [
      ['m', 'm', "'m'"],
      ['', '', "''"],
      [undefined, '', "''"],
    ],
  },
  bit: {
    codec: column.bit(10),
    values: [
      [Buffer.from([0b10, 0b10101011]), '1010101011', "b'1010101011'"],
      [Buffer.from([1]), '0000000001', "b'0000000001'"],
    ],
  },
  boolean: {
    codec: column.boolean(),
    values: [
      [1, 'true', '1'],
      [0, 'false', '0'],
      [Buffer.from([1]), 'true', '1'],
      [Buffer.from([0]), 'false', '0'],
    ],
  },
  'dateTime with zero as null': {
    codec: column.dateTime({ zero: 'null' }),
    values: [
      ['0000-00-00 00:00:00.000000', null, "'0000-00-00 00:00:00'"],
      ['2010-05-05 05:05:05.500000', '2010-05-05 05:05:05.5', "'2010-05-05 05:05:05.5'"],
      ['2012-03-25 01:30:00', '2012-03-25 01:30:00', "'2012-03-25 01:30:00'"],
    ],
  },
  timestamp: {
    codec: column.timestamp(),
    values: [['2012-03-25 01:30:00.120', '2012-03-25 01:30:00.12+00', "'2012-03-25 01:30:00.12'"]],
  },
  date: {
    codec: column.date({ zero: 'null' }),
    values: [
      ['0000-00-00', null, "'0000-00-00'"],
      ['2000-02-29', '2000-02-29', "'2000-02-29'"],
    ],
  },
  'date as text': { codec: column.dateAsText(), values: [['2001-02-30', '2001-02-30', "'2001-02-30'"]] },
  'time as text': { codec: column.timeAsText(), values: [['-838:59:59', '-838:59:59', "'-838:59:59'"]] },
}

describe.each(Object.entries(cases))('%s', (_, { codec, values }) => {
  it.each(values)('carries %j', (legacy, canonical, literal) => {
    expect(codec.fromLegacy(legacy)).toBe(canonical)
    expect(codec.toLegacy(canonical)).toBe(literal)
    if (canonical !== null) expect(codec.fromModern(canonical)).toBe(canonical)
  })
})

describe('what cannot be carried both ways', () => {
  it.each([
    ['a NUL in text', column.text(), 'a\0b'],
    ['2 as a boolean', column.boolean(), 2],
    ['bytes as text', column.text(), Buffer.from('x')],
    ['text as bytes', column.bytes(), 'x'],
    ['an impossible date', column.date(), '2001-02-30'],
    ['a leap day of a common year', column.date(), '1900-02-29'],
    ['year 0', column.dateTime(), '0000-01-01 00:00:00'],
    ['a zero date without a policy', column.dateTime(), '0000-00-00 00:00:00'],
    ['a partial date', column.dateTime({ zero: 'null' }), '2001-00-00 00:00:00'],
    ['no number', column.integer(), '1; drop table x'],
    ['infinity', column.double(), Number.POSITIVE_INFINITY],
    ['no value', column.integer(), undefined],
  ] as const)('is refused: %s', (_, codec, value) => {
    expect(() => codec.fromLegacy(value)).toThrow(ValueRefused)
  })

  it.each([
    ['an instant printed in local time', column.timestamp(), '2012-03-25 01:30:00+01'],
    ['bytes that are no UTF-8', column.textAsBytes(), '\\xff'],
    ['infinity', column.dateTime(), 'infinity'],
    ['not a number', column.decimal(), 'NaN'],
  ] as const)('is refused from Postgres: %s', (_, codec, value) => {
    expect(() => codec.fromModern(value)).toThrow(ValueRefused)
  })

  it('never becomes a literal that is something else', () => {
    expect(() => column.integer().toLegacy('1 or 1=1')).toThrow(ValueRefused)
    expect(() => column.bytes().toLegacy("\\x00' or '1")).toThrow(ValueRefused)
    expect(() => column.bit(1).toLegacy("1' or '1")).toThrow(ValueRefused)
  })
})

describe('any value', () => {
  it('of a float comes back as the same 32 bits', () => {
    const codec = column.float()
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const canonical = codec.fromLegacy(value) ?? ''
        expect(Math.fround(Number(codec.toLegacy(canonical)))).toBe(value === 0 ? 0 : value)
        expect(codec.fromModern(canonical)).toBe(canonical)
      }),
    )
  })

  it('of a double comes back as the same 64 bits', () => {
    const codec = column.double()
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(codec.toLegacy(codec.fromLegacy(value)))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('of a text is one literal that MySQL reads back as that text', () => {
    const codec = column.text()
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(!value.includes('\0'))
        expect(readLiteral(codec.toLegacy(codec.fromLegacy(value)))).toBe(value)
      }),
    )
  })

  it('of bytes comes back', () => {
    const codec = column.bytes()
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        const literal = codec.toLegacy(codec.fromLegacy(Buffer.from(value)))
        expect(Buffer.from(literal.slice(2, -1), 'hex')).toEqual(Buffer.from(value))
      }),
    )
  })

  it('of bits keeps every bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (length, any) => {
        const value = BigInt.asUintN(length, any)
        const bytes = Buffer.alloc(Math.ceil(length / 8))
        bytes.forEach((_, index) => {
          bytes[bytes.length - 1 - index] = Number((value >> BigInt(8 * index)) & 255n)
        })
        expect(BigInt(`0b${column.bit(length).fromLegacy(bytes)}`)).toBe(value)
      }),
    )
  })
})

// --- internal ---

/** MySQL's reading of a quoted string. */
function readLiteral(literal: string): string {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', '0': '\0', Z: '\x1a' }
  expect(literal).toMatch(/^'(?:[^'\\]|\\[\s\S])*'$/)
  return literal.slice(1, -1).replaceAll(/\\([\s\S])/g, (_, character: string) => escapes[character] ?? character)
}
