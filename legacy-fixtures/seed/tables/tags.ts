import { Random } from '../random.ts'
import { columns, type TableSeed } from '../table-seed.ts'
import { tags as tagNames } from '../text/words.ts'
import { plans } from '../world.ts'

export const tags: TableSeed = {
  table: 'tags',
  columns: columns('id', 'name'),
  key: ['id'],
  weight: 1,
  estimate: () => tagNames.length,
  *rows() {
    for (const [index, name] of tagNames.entries()) yield [index + 1, name]
  },
}

export const modTags: TableSeed = {
  table: 'mod_tags',
  columns: columns('mod_id', 'tag_id'),
  key: ['mod_id', 'tag_id'],
  weight: 1,
  estimate: (world) => world.totals.tags,
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (const plan of plans(world)) {
      random.restart(world.seed, 14, plan.id)
      const chosen = new Set<number>()
      while (chosen.size < plan.tags) chosen.add(1 + random.below(tagNames.length))
      for (const tagId of [...chosen].sort((left, right) => left - right)) yield [plan.id, tagId]
    }
  },
}
