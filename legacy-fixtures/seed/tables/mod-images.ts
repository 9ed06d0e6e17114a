import { Random } from '../random.ts'
import { columns, type TableSeed } from '../table-seed.ts'
import { traps } from '../traps.ts'
import { plans } from '../world.ts'

export const modImages: TableSeed = {
  table: 'mod_images',
  columns: columns('id', 'mod_id', 'path', 'caption', 'position'),
  key: ['id'],
  weight: 2,
  estimate: (world) => world.totals.images,
  *rows(world) {
    const random = new Random(0, 0, 0)
    let id = 0
    for (const plan of plans(world)) {
      random.restart(world.seed, 5, plan.id)
      for (let index = 0; index < plan.images; index++) {
        id++
        const row = [id, plan.id, `${plan.id}/${id}.png`, random.pick(captions), place(plan.id, index)]
        yield traps.apply('mod_images', id, modImages.columns, row)
      }
    }
  },
}

// --- internal ---

const captions = [
  '',
  '',
  'Before',
  'After',
  'In the rain',
  'At night',
  'With ENB',
  'Close-up',
  'The café',
  '“In game”',
  'Map',
]

// Some mods number from 0, some have gaps, and every 50th gives all images the same place.
function place(modId: number, index: number): number {
  if (modId % 50 === 0) return 1
  return modId % 3 === 0 ? index : (index + 1) * 10
}
