import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from './json-text.ts'

describe('JSON that people write', () => {
  it('is taken where JSON.parse takes it, and means the same', () => {
    const spaces = fc.constantFrom('', ' ', '\n', '\t  ', '\r\n')
    const given = fc.tuple(fc.json(), spaces, spaces).map(([json, before, after]) => before + json + after)
    fc.assert(
      fc.property(given, (text) => {
        expect(readJson(text)).toMatchObject({ outcome: 'read', value: JSON.parse(text) })
      }),
    )
  })

  it('is refused where JSON.parse refuses it', () => {
    const piece = fc.constantFrom(...'{}[],:"\\ \n01-+.eEtrufalsn\u0001', '"a"', 'true', 'null', '\\u00e4', 'é', '1e5')
    const mangled = fc.tuple(fc.json(), fc.nat(), fc.nat(3), piece).map(([json, at, cut, more]) => {
      const from = at % (json.length + 1)
      return json.slice(0, from) + more + json.slice(from + cut)
    })
    const random = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.oneof(mangled, random), (text) => {
        const reading = readJson(text)
        const twice = reading.outcome === 'broken' && reading.fault.what.endsWith('stands here a second time')
        if (!twice) expect([text, reading.outcome]).toEqual([text, parses(text) ? 'read' : 'broken'])
      }),
      { numRuns: 5_000 },
    )
  })

  it('is refused with the place, as editors count it', () => {
    const cases: readonly (readonly [string, number, number, string])[] = [
      ['', 1, 1, 'the file ends where a value should be'],
      ['{\n  "a": true,\n}', 3, 1, 'there is "}" where a name in double quotes should be'],
      ['{\n  "a": true\n  "b": false\n}', 3, 3, `there is "\\"" where ',' or '}' should be`],
      ['{"a": yes}', 1, 7, 'there is "y" where a value should be'],
      ["{'a': 1}", 1, 2, `there is "'" where a name in double quotes should be`],
      ['{"a": 1} // note', 1, 10, 'there is "/" where the end of the file should be'],
      ['{\r\n"a": 1,\r\n"a": 2}', 3, 1, '"a" stands here a second time'],
      [`${'['.repeat(200)}`, 1, 102, 'nested more than 100 deep'],
    ]
    for (const [text, line, column, what] of cases)
      expect(readJson(text)).toEqual({ outcome: 'broken', fault: { what, place: { line, column } } })
  })

  it('finds a value again in the text, and does not mind a byte order mark', () => {
    const reading = readJson('\uFEFF{\n  "a": [1,\n    {"b/c": 2}]}')
    if (reading.outcome !== 'read') throw new Error('it is JSON')
    expect(reading.placeOf(['a', 1, 'b/c'])).toEqual({ line: 3, column: 13 })
    expect(reading.placeOf([])).toEqual({ line: 1, column: 1 })
  })
})

// --- internal ---

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
