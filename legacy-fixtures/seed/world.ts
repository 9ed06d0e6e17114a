import { gameCount, type ModPlan, planMod, type Scale } from './mod-plan.ts'

// The size of the data, and what PHP's counters would hold. Four bytes per member and per game are all that is kept.
export interface World extends Scale {
  readonly modCountByMember: Uint32Array
  readonly modCountByGame: Uint32Array
  readonly totals: WorldTotals
}

export interface WorldTotals {
  readonly files: number
  readonly images: number
  readonly tags: number
  readonly comments: number
  readonly endorsements: number
  readonly tracked: number
  readonly downloadRows: number
}

export function surveyWorld(scale: Scale): World {
  const modCountByMember = new Uint32Array(scale.members + 1)
  const modCountByGame = new Uint32Array(gameCount + 1)
  const totals = { files: 0, images: 0, tags: 0, comments: 0, endorsements: 0, tracked: 0, downloadRows: 0 }
  for (const mod of plans(scale)) {
    if (mod.status === 'published') {
      modCountByMember[mod.authorId] = (modCountByMember[mod.authorId] ?? 0) + 1
      modCountByGame[mod.gameId] = (modCountByGame[mod.gameId] ?? 0) + 1
    }
    totals.files += mod.files
    totals.images += mod.images
    totals.tags += mod.tags
    totals.comments += mod.comments
    totals.endorsements += mod.endorsements
    totals.tracked += mod.tracked
    totals.downloadRows += mod.files > 0 ? mod.downloadRows : 0
  }
  return { ...scale, modCountByMember, modCountByGame, totals }
}

export function* plans(scale: Scale): Generator<ModPlan> {
  for (let id = 1; id <= scale.mods; id++) yield planMod(scale, id)
}
