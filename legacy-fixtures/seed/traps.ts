import type { Column, Row, Value } from './table-seed.ts'
import { commentTraps } from './traps/comments.ts'
import type { SeedFact } from './traps/fact.ts'
import { fileAndImageTraps } from './traps/files-and-images.ts'
import { modTraps } from './traps/mods.ts'
import { otherTraps } from './traps/others.ts'
import { userTraps } from './traps/users.ts'

// What trap is where. A fact with a value is written into the generated row by `traps.apply`, so it holds whatever
// the size and the seed; the facts without one are rows that their table's generator always makes.
export const seedFacts: readonly SeedFact[] = [
  ...userTraps,
  ...modTraps,
  ...fileAndImageTraps,
  ...commentTraps,
  ...otherTraps,
]

// Rows above this id carry no fact, so generators need not look.
export const trapIdMax = 100

export const traps = {
  // The row with its trap values in place of the drawn ones.
  apply(table: string, id: number, columns: readonly Column[], row: Value[]): Row {
    if (id > trapIdMax) return row
    for (const fact of factsByPlace.get(`${table} ${id}`) ?? []) {
      if (fact.value === undefined) continue
      row[columns.findIndex((column) => column.name === fact.column)] = fact.value
    }
    return row
  },

  textAt(table: string, id: number, column: string): string | undefined {
    if (id > trapIdMax) return undefined
    const value = factsByPlace.get(`${table} ${id}`)?.find((fact) => fact.column === column)?.value
    return typeof value === 'string' ? value : undefined
  },
}

// --- internal ---

const factsByPlace = new Map<string, SeedFact[]>()
for (const fact of seedFacts) {
  const place = `${fact.table} ${fact.key.id}`
  factsByPlace.set(place, [...(factsByPlace.get(place) ?? []), fact])
}
