import { fixedRequirementsOf, gameOf, type ModPlan } from '../mod-plan.ts'
import { Random } from '../random.ts'
import { columns, type Row, type TableSeed } from '../table-seed.ts'
import { plans, type World } from '../world.ts'

export const modRequirements: TableSeed = {
  table: 'mod_requirements',
  columns: columns('mod_id', 'requires_id', 'min_version', 'notes'),
  key: ['mod_id', 'requires_id'],
  weight: 2,
  estimate: (world) => Math.floor(world.mods * 0.8),
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (const plan of plans(world)) {
      const fixed = fixedRequirementsOf(plan.id)
      if (fixed === undefined) yield* drawn(world, random.restart(world.seed, 6, plan.id), plan)
      else for (const [index, requiresId] of fixed.entries()) yield [plan.id, requiresId, index === 0 ? '' : '1.0', '']
    }
  },
}

// --- internal ---

const notes = ['', '', 'Optional, but you want it', 'Main file only', 'Any version from 2012 on', 'or the “Lite” one']

// Earlier mods of the same game, near by; so long chains come by themselves and cycles do not.
function* drawn(world: World, random: Random, plan: ModPlan): Generator<Row> {
  const chosen = new Set<number>()
  for (let left = plan.requirements; left > 0; left--) {
    let candidate = Math.max(1, plan.id - random.between(1, 300))
    for (let tries = 0; tries < 6 && gameOf(world.seed, candidate) !== plan.gameId && candidate > 1; tries++)
      candidate--
    if (chosen.has(candidate)) continue
    chosen.add(candidate)
  }
  for (const requiresId of [...chosen].sort((left, right) => left - right)) {
    yield [plan.id, requiresId, random.pick(['', '', '1.0', '2.0']), random.pick(notes)]
  }
}
