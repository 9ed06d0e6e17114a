import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definition } from '../testing/specimens.ts'
import { compileMapping, type MappedTable } from './compile.ts'
import { fold, residual } from './fold.ts'
import {
  addDecimal,
  keyOf,
  type RowChange,
  type RowImage,
  rowChange,
  rowIdentity,
  subtractDecimal,
} from './row-change.ts'

const mapping = compileMapping(definition)
const authors = tableOf('authors')
const books = tableOf('books')

describe('what is left to do after a transaction came back through the binlog', () => {
  it('is nothing when MySQL did just what the handler did', () => {
    const changes = [rowChange(books, undefined, book(1, 'a')), rowChange(books, book(1, 'a'), book(1, 'b'))]
    expect(residual(changes, changes)).toEqual([])
  })

  it('is what a trigger did to other rows', () => {
    const insert = rowChange(books, undefined, book(1, 'a'))
    const counted = rowChange(authors, author('x', '0'), author('x', '1'))
    expect(residual([insert], [insert, counted])).toEqual([counted])
  })

  it('is what MySQL made of a value, in that column only', () => {
    const written = rowChange(books, book(1, 'a'), book(1, 'too long'))
    const made = rowChange(books, book(1, 'a'), book(1, 'too'))
    expect(residual([written], [made])).toEqual([rowChange(books, book(1, 'too long'), book(1, 'too'))])
  })

  it("is what MySQL added to a counter beyond the handler's own difference", () => {
    const written = rowChange(authors, author('x', '10'), author('x', '11'))
    const made = [
      rowChange(authors, author('x', '40'), author('x', '41')),
      rowChange(authors, author('x', '41'), author('x', '43')),
    ]
    expect(residual([written], made)).toEqual([rowChange(authors, author('x', '11'), author('x', '13'))])
  })

  it('is to take back what MySQL made nothing of', () => {
    const written = rowChange(books, book(1, 'a'), book(1, 'b'))
    expect(residual([written], [])).toEqual([rowChange(books, book(1, 'b'), book(1, 'a'))])
  })

  it('leaves children alone that InnoDB deleted with their parent, without a trace', () => {
    const parent = rowChange(authors, author('x', '0'), undefined)
    const child = rowChange(books, book(1, 'a'), undefined)
    expect(residual([parent, child], [parent])).toEqual([])
  })

  it('is, for any two histories of some rows, what makes the one into the other', () => {
    fc.assert(
      fc.property(history(), history(), fc.array(rowArbitrary(), { maxLength: 3 }), (written, done, base) => {
        const start = new Map(base.map((image) => [rowIdentity(authors, keyOf(authors, image)), image]))
        const own = replay(start, written)
        const mysql = replay(start, done)
        const rest = residual(own.changes, mysql.changes)
        const healed = new Map(own.rows)
        for (const change of rest) applyTo(healed, change)
        expect(Object.fromEntries(healed)).toEqual(Object.fromEntries(mysql.rows))
      }),
      { numRuns: 500 },
    )
  })
})

describe('folding changes', () => {
  it('keeps the first before-image and the last after-image of each row, across changed keys', () => {
    const net = fold([
      rowChange(books, book(1, 'a'), book(1, 'b')),
      rowChange(books, book(1, 'b'), book(2, 'b')),
      rowChange(books, book(2, 'b'), book(2, 'c')),
    ])
    expect([...net.values()].map(({ key, before, after }) => [key, before?.title, after?.title])).toEqual([
      [['1', '1'], 'a', undefined],
      [['1', '2'], undefined, 'c'],
    ])
  })
})

describe('exact sums', () => {
  it('of any size and scale are right', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 5 }))
      .map(([value, scale]) => {
        if (scale === 0) return String(value)
        const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
        return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
      })
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const back = subtractDecimal(addDecimal(left, right), right)
        expect(subtractDecimal(back, left)).toMatch(/^0(?:\.0+)?$/)
      }),
    )
    expect(addDecimal('18446744073709551615', '1')).toBe('18446744073709551616')
    expect(subtractDecimal('0.10', '0.3')).toBe('-0.20')
  })
})

// --- internal ---

function tableOf(name: string): MappedTable {
  const table = mapping.tables.get(name)
  if (table === undefined) throw new Error(name)
  return table
}

function book(number: number, title: string): RowImage {
  return { author_id: '1', number: String(number), title, status: '1' }
}

function author(name: string, visits: string, id = '1'): RowImage {
  return { id, name, book_count: '0', visits, touched: '2001-01-01 00:00:00+00' }
}

type Step = { readonly id: string; readonly kind: 'put' | 'name' | 'count' | 'delete'; readonly value: number }

function rowArbitrary(): fc.Arbitrary<RowImage> {
  return fc
    .record({ id: fc.constantFrom('1', '2', '3'), name: fc.constantFrom('a', 'b'), visits: fc.nat(9) })
    .map(({ id, name, visits }) => author(name, String(visits), id))
}

function history(): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.record({
      id: fc.constantFrom('1', '2', '3'),
      kind: fc.constantFrom('put', 'name', 'count', 'delete'),
      value: fc.nat(3),
    }),
    { maxLength: 6 },
  )
}

/** Plays the steps that make sense on the rows, and says what they changed. */
function replay(
  start: ReadonlyMap<string, RowImage>,
  steps: readonly Step[],
): { readonly rows: Map<string, RowImage>; readonly changes: readonly RowChange[] } {
  const rows = new Map(start)
  const changes = steps.flatMap(({ id, kind, value }) => {
    const before = rows.get(rowIdentity(authors, [id]))
    const after = outcome(before, id, kind, value)
    if (
      before === after ||
      (before !== undefined && after !== undefined && before.name === after.name && before.visits === after.visits)
    )
      return []
    const change = rowChange(authors, before, after)
    applyTo(rows, change)
    return [change]
  })
  return { rows, changes }
}

function outcome(before: RowImage | undefined, id: string, kind: Step['kind'], value: number): RowImage | undefined {
  if (kind === 'put') return before ?? author(`put ${value}`, String(value), id)
  if (before === undefined || kind === 'delete') return undefined
  return kind === 'name'
    ? { ...before, name: `name ${value}` }
    : { ...before, visits: addDecimal(before.visits ?? '0', '1') }
}

function applyTo(rows: Map<string, RowImage>, { table, key, before, after }: RowChange): void {
  const identity = rowIdentity(table, key)
  if (after === undefined) {
    rows.delete(identity)
    return
  }
  const now = rows.get(identity)
  if (before === undefined || now === undefined) {
    rows.set(identity, after)
    return
  }
  const next: Record<string, string | null> = { ...now }
  for (const { name, counter } of table.columns) {
    if (before[name] === after[name]) continue
    next[name] = counter
      ? addDecimal(now[name] ?? '0', subtractDecimal(after[name] ?? '0', before[name] ?? '0'))
      : (after[name] ?? null)
  }
  rows.set(identity, next)
}
