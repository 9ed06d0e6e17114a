import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { cascade, column, defineSync, type TableMapping, table } from '../index.ts'
import { definition } from '../testing/specimens.ts'
import { baseTypeOf, compileMapping } from './compile.ts'

const parents = pgTable('parents', { id: bigint('id', { mode: 'number' }).primaryKey(), name: text('name').notNull() })
const children = pgTable(
  'children',
  { parentId: bigint('parent_id', { mode: 'number' }).notNull(), number: integer('number').notNull() },
  (self) => [primaryKey({ columns: [self.parentId, self.number] })],
)

const parentMapping = table(parents, { key: ['id'], columns: { id: column.integer(), name: column.text() } })
const childMapping = table(children, {
  key: ['parentId', 'number'],
  columns: { parentId: column.integer(), number: column.integer() },
})

describe('compiling a mapping', () => {
  it('resolves names on both sides', () => {
    const mapping = compileMapping(definition)
    expect([...mapping.groups.keys()]).toEqual(['specimens', 'library'])
    const books = mapping.tables.get('books')
    expect(books?.key.map(({ name, legacy }) => [name, legacy])).toEqual([
      ['author_id', 'author_id'],
      ['number', 'number'],
    ])
    expect(mapping.tables.get('specimens')?.columns.find(({ name }) => name === 'new_name')?.legacy).toBe('old_name')
    expect(mapping.tables.get('authors')?.cascades).toEqual([
      { child: 'books', columns: [{ child: 'author_id', parent: 'id' }] },
    ])
  })

  it.each([
    [
      'a column that is not mapped',
      [{ ...parentMapping, columns: { id: column.integer() } }],
      'parents.name: is not mapped',
    ],
    [
      'a codec that the column cannot hold',
      [{ ...parentMapping, columns: { id: column.text(), name: column.text() } }],
      'parents.id: text needs',
    ],
    ['a table mapped twice', [parentMapping, parentMapping], 'parents: the modern table is mapped more than once'],
    [
      'a key that is not unique',
      [table(children, { key: ['number'], columns: childMapping.columns as never })],
      'children: the key (number) must be',
    ],
    ['a key without columns', [{ ...parentMapping, key: [] }], 'parents: the key must name'],
    [
      'a legacy column used twice',
      [{ ...parentMapping, columns: { id: column.integer(), name: column.text({ legacy: 'id' }) } }],
      'the legacy column id is used more than once',
    ],
    [
      'a cascade to a table that is not mapped',
      [{ ...parentMapping, cascades: [cascade(children, { parentId: 'id' })] }],
      'cascade to children: the child is not mapped',
    ],
    [
      'a cascade along columns that are not there',
      [childMapping, { ...parentMapping, cascades: [cascade(children, { parentId: 'nope' })] }],
      'parent_id -> nope is not a pair',
    ],
    [
      'a counter as key',
      [{ ...parentMapping, columns: { id: column.integer({ counter: true }), name: column.text() } }],
      'parents.id: a counter cannot be part of a key',
    ],
  ] as [string, TableMapping[], string][])('refuses %s', (_, tables, problem) => {
    expect(() => compileMapping(defineSync({ groups: { all: { tables } } }))).toThrow(problem)
  })

  it('refuses zero dates as null in a column that may not be null', () => {
    const dated = pgTable('dated', { id: integer('id').primaryKey(), at: timestamp('at', { precision: 0 }).notNull() })
    const mapping = table(dated, {
      key: ['id'],
      columns: { id: column.integer(), at: column.dateTime({ zero: 'null' }) },
    })
    expect(() => compileMapping({ groups: { all: { tables: [mapping] } } })).toThrow('dated.at: zero dates become null')
  })

  it('refuses a cascade that leaves its group', () => {
    const parent = { ...parentMapping, cascades: [cascade(children, { parentId: 'id' })] }
    const split = { groups: { one: { tables: [parent] }, two: { tables: [childMapping] } } }
    expect(() => compileMapping(split)).toThrow('must be in the same group')
  })

  it('reports every problem at once', () => {
    const broken = { ...parentMapping, key: [], columns: { id: column.text(), extra: column.text() } }
    try {
      compileMapping({ groups: { all: { tables: [broken] } } })
      expect.fail('compiled')
    } catch (error) {
      expect(String(error)).toContain('4 problem(s)')
    }
  })

  it.each([
    ['numeric(20, 0)', 'numeric'],
    ['timestamp (6)', 'timestamp without time zone'],
    ['timestamp (3) with time zone', 'timestamp with time zone'],
    ['varchar(40)', 'character varying'],
    ['double precision', 'double precision'],
  ])('knows %s as %s', (type, base) => {
    expect(baseTypeOf(type)).toBe(base)
  })
})
