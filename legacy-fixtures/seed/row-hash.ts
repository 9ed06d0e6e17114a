import { createHash } from 'node:crypto'
import { encodeRows } from './encode-rows.ts'
import { memberCount } from './members.ts'
import { tableSeeds } from './tables/index.ts'
import { surveyWorld, type World } from './world.ts'

// One number for all rows of a site: two seeds are the same site when it is the same.
export function hashOfRows(mods: number, seed: number): string {
  const world = worldOf(mods, seed)
  const hash = createHash('sha256')
  for (const table of tableSeeds) {
    hash.update(`${table.table}\n`)
    for (const { bytes } of encodeRows(table, world)) hash.update(bytes)
  }
  return hash.digest('hex')
}

export function worldOf(mods: number, seed = 1): World {
  return surveyWorld({ seed, mods, members: memberCount(mods) })
}
