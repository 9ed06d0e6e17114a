import { beforeEach, describe, expect, it } from 'vitest'
import { createFlowBook, type FlowBook, type Pin } from './index.ts'

let time = 0
let book: FlowBook
beforeEach(() => {
  time = 1000
  book = createFlowBook({ flowsMax: 3, now: () => time })
})

describe('the book of open flows', () => {
  it('counts by group and side, with the age of the oldest', () => {
    book.opened(flow('a', 'cart', 'modern'))
    time = 1500
    book.opened(flow('b', 'cart', 'legacy'))
    book.opened(flow('c', 'cart', 'modern'))
    time = 1600
    expect(book.list()).toEqual([
      { group: 'cart', side: 'legacy', open: 1, oldestAgeMs: 100 },
      { group: 'cart', side: 'modern', open: 2, oldestAgeMs: 600 },
    ])
    book.closed('a')
    book.closed('never opened here')
    expect(book.list()[1]).toEqual({ group: 'cart', side: 'modern', open: 1, oldestAgeMs: 100 })
  })

  it('lets those go that have expired', () => {
    book.opened(flow('a', 'cart', 'modern', 2000))
    book.opened(flow('b', 'cart', 'modern', 3000))
    time = 2000
    expect(book.list()).toEqual([{ group: 'cart', side: 'modern', open: 1, oldestAgeMs: 1000 }])
    time = 3000
    expect(book.list()).toEqual([])
    expect(book.forgotten).toBe(0)
  })

  it('keeps the age of a flow whose form is shown again', () => {
    book.opened(flow('a', 'cart', 'modern', 2000))
    time = 1900
    book.opened(flow('a', 'cart', 'modern', 4000))
    time = 3000
    expect(book.list()).toEqual([{ group: 'cart', side: 'modern', open: 1, oldestAgeMs: 2000 }])
  })

  it('forgets the oldest when it is full, and says so unless it had expired anyway', () => {
    for (const id of ['a', 'b', 'c', 'd']) book.opened(flow(id, id, 'modern', 5000))
    expect(book.list().map(({ group }) => group)).toEqual(['b', 'c', 'd'])
    expect(book.forgotten).toBe(1)
    time = 6000
    for (const id of ['e', 'f', 'g']) book.opened(flow(id, id, 'modern', 9000))
    expect(book.list()).toHaveLength(3)
    expect(book.forgotten).toBe(1)
  })
})

// --- internal ---

function flow(id: string, group: string, side: Pin['side'], expiresAt = 10_000): Pin {
  return { flow: id, group, side, expiresAt }
}
