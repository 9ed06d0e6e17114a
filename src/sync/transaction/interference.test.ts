import { describe, expect, it } from 'vitest'
import type { CapturedTransaction } from '../capture/binlog-stream.ts'
import { parseGtid } from '../capture/gtid.ts'
import { compileMapping } from '../mapping/compile.ts'
import { type RowChange, type RowImage, rowChange } from '../mapping/row-change.ts'
import { definition } from '../testing/specimens.ts'
import { interference } from './interference.ts'

const mapping = compileMapping(definition)
const authors = mapping.tables.get('authors')!
const books = mapping.tables.get('books')!

const author = (id: string, name: string, visits = '0'): RowImage => ({
  id,
  name,
  book_count: '0',
  visits,
  touched: 't',
})
const book = (authorId: string, number: string, title = ''): RowImage => ({
  author_id: authorId,
  number,
  title,
  status: '1',
})
const renamed = rowChange(authors, author('1', 'a'), author('1', 'b'))

const meets = (onTheirWay: RowChange, written: RowChange, transactionId?: string) => {
  const transaction: CapturedTransaction = {
    gtid: parseGtid('0-1-1'),
    file: '',
    fileOffset: 0,
    transactionId,
    changes: [onTheirWay],
    stops: [],
  }
  return interference([transaction], [written])
}

describe('changes on their way meet what a handler wrote', () => {
  it.each([
    ['the same column', renamed, renamed],
    ['a row that goes', rowChange(authors, author('1', 'a'), undefined), renamed],
    [
      'a row that comes',
      rowChange(authors, undefined, author('1', 'a')),
      rowChange(authors, author('1', 'a'), undefined),
    ],
    [
      'a row that takes the key',
      rowChange(books, book('1', '1'), book('1', '2')),
      rowChange(books, undefined, book('1', '2')),
    ],
    [
      'a row whose key goes',
      rowChange(books, book('1', '1'), book('1', '2')),
      rowChange(books, book('1', '1'), book('1', '1', 'x')),
    ],
    [
      'a child of a parent that goes',
      rowChange(books, undefined, book('1', '1')),
      rowChange(authors, author('1', 'a'), undefined),
    ],
    [
      'a parent that goes, of a child',
      rowChange(authors, author('1', 'a'), undefined),
      rowChange(books, undefined, book('1', '1')),
    ],
  ])('when it is %s', (_, onTheirWay, written) => {
    expect(meets(onTheirWay, written)).toBe('foreign')
    expect(meets(onTheirWay, written, 'an id')).toBe('own')
  })

  it.each([
    ['another row', rowChange(authors, author('2', 'a'), author('2', 'b')), renamed],
    ['another column', rowChange(authors, author('1', 'a'), { ...author('1', 'a'), touched: 'u' }), renamed],
    [
      'a counter',
      rowChange(authors, author('1', 'a'), author('1', 'a', '1')),
      rowChange(authors, author('1', 'a', '5'), author('1', 'a', '6')),
    ],
    [
      'a child of another parent',
      rowChange(books, undefined, book('2', '1')),
      rowChange(authors, author('1', 'a'), undefined),
    ],
  ])('but not when it is %s', (_, onTheirWay, written) => {
    expect(meets(onTheirWay, written)).toBe('none')
  })
})
