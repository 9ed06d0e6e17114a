import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { dateOf, dateTimeOf } from './calendar.ts'
import { encodeRows, loadStatement } from './encode-rows.ts'
import { creatorAt, creatorCount, isCreator } from './members.ts'
import { phpSerialize } from './php-serialize.ts'
import { createProgressLine, duration, grouped, progressText } from './progress-line.ts'
import { Random } from './random.ts'
import { worldOf } from './row-hash.ts'
import { splitStatements } from './schema.ts'
import { binary, bit, columns, type Row, type TableSeed } from './table-seed.ts'
import { doubleEncode } from './text/mojibake.ts'

describe('rows for LOAD DATA', () => {
  const encoded = (...rows: Row[]): string => {
    const seed: TableSeed = { table: 't', columns: [], key: [], weight: 1, estimate: () => 1, rows: () => rows }
    return Buffer.concat(Array.from(encodeRows(seed, worldOf(100)), (chunk) => chunk.bytes)).toString()
  }

  test('escape what would end a value', () => {
    expect(encoded(['a\tb\nc\\d\re\0f'])).toBe('a\\tb\\nc\\\\d\\re\\0f\n')
  })

  test('tell NULL from the text NULL and from nothing', () => {
    expect(encoded([null, 'NULL', '', '\\N'])).toBe('\\N\tNULL\t\t\\\\N\n')
  })

  test('keep every digit of large numbers', () => {
    expect(encoded([18446744073709551615n, 1, Uint8Array.of(0, 255)])).toBe('18446744073709551615\t1\t00ff\n')
  })

  test('load BIT and binary columns through conversions', () => {
    const sql = loadStatement('downloads', columns('file_id', binary('ip'), bit('read')))
    expect(sql).toContain('(`file_id`, @`ip`, @`read`) SET `ip` = UNHEX(@`ip`), `read` = CAST(@`read` AS UNSIGNED)')
  })
})

describe('splitStatements', () => {
  test('ends statements at semicolons outside of quotes and comments', () => {
    const sql = "SET a = 'x;''y\\';'; -- no; end\n/* nor; here */ CREATE TABLE `b;c` (d INT) -- last"
    expect(splitStatements(sql)).toEqual(["SET a = 'x;''y\\';'", 'CREATE TABLE `b;c` (d INT)'])
  })
})

describe('doubleEncode', () => {
  test('is undone by reading the text as Windows-1252 and its bytes as UTF-8', () => {
    const text = 'é “quoted” – 5 € ÿ Ž'
    const bytes = Array.from(doubleEncode(text), (character) => windows1252Byte(character))
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toBe(text)
    expect(doubleEncode('é')).toBe('Ã©')
  })

  test('leaves ASCII alone', () => {
    expect(doubleEncode('plain')).toBe('plain')
  })
})

describe('phpSerialize', () => {
  test('writes what PHP writes', () => {
    expect(phpSerialize({ a: 'ü', '7': true, '08': null, b: [1, 0.1, { double: '3' }] })).toBe(
      'a:4:{i:7;b:1;s:1:"a";s:2:"ü";s:2:"08";N;s:1:"b";a:3:{i:0;i:1;i:1;d:0.1;i:2;d:3;}}',
    )
  })
})

describe('the calendar', () => {
  test('counts in the wall clock of the data', () => {
    expect(dateTimeOf(0)).toBe('1970-01-01 00:00:00')
    expect(dateTimeOf(1401580799.9)).toBe('2014-05-31 23:59:59')
    expect(dateOf(-1)).toBe('1969-12-31')
  })
})

describe('members', () => {
  test('that are creators can be counted and named by their place', () => {
    for (const members of [15, 60, 61, 64, 65, 500]) {
      const creators = Array.from({ length: members }, (_, index) => index + 1).filter(isCreator)
      expect(creatorCount(members)).toBe(creators.length)
      expect(Array.from({ length: creators.length }, (_, index) => creatorAt(index))).toEqual(creators)
    }
  })
})

describe('random numbers', () => {
  test('are spread evenly', () => {
    const counts = new Array<number>(10).fill(0)
    const random = new Random(0, 0, 0)
    for (let key = 0; key < 100_000; key++) {
      const place = random.restart(1, 1, key).below(10)
      counts[place] = (counts[place] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })
})

describe('progress', () => {
  const progress = {
    step: 'rows',
    table: 'mods',
    rows: 5000,
    rowsExpected: 20000,
    share: 0.25,
    elapsedMs: 2000,
  } as const

  test('shows rows, rate and the time left', () => {
    expect(progressText(progress)).toBe(' 25%  mods: 5,000 of about 20,000 rows, 2,500/s, about 6 s left')
    expect([grouped(999), grouped(1000), grouped(1234567)]).toEqual(['999', '1,000', '1,234,567'])
    expect([duration(59.2), duration(60.5)]).toEqual(['1 min 0 s', '1 min 1 s'])
  })

  test('is quiet in a pipe', () => {
    const written: string[] = []
    const write = (text: string): boolean => written.push(text) > 0
    createProgressLine({ write }).onProgress(progress)
    expect(written).toEqual([])
    createProgressLine({ write, isTTY: true }).onProgress(progress)
    expect(written.length).toBe(1)
  })
})

// --- internal ---

const decoder = new TextDecoder('windows-1252')
const byteOf = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]))

function windows1252Byte(character: string): number {
  const byte = byteOf.get(character)
  if (byte === undefined) throw new Error(`no byte for ${character}`)
  return byte
}
