import { dataNowSeconds, daySeconds, openingSeconds } from './calendar.ts'
import { bannedMemberId, creatorAt, creatorCount, isBanned, membersAt, namedMembers } from './members.ts'
import { fractionOf, Random } from './random.ts'

// What every table needs to agree on about one mod. It is computed again from (seed, mods, id) wherever it is needed,
// instead of being kept: that is how a million mods fit in constant memory and why no table depends on another's order.
export interface ModPlan {
  readonly id: number
  readonly gameId: number
  readonly authorId: number
  readonly status: 'draft' | 'published' | 'hidden' | 'removed'
  readonly createdSeconds: number
  readonly publishedSeconds: number | null
  readonly updatedSeconds: number
  readonly files: number
  readonly images: number
  readonly tags: number
  readonly requirements: number
  readonly comments: number
  readonly deletedComments: number
  // Rows in endorsements; the first `abstained` of them have status 2.
  readonly endorsements: number
  readonly abstained: number
  readonly tracked: number
  readonly downloadRows: number
  readonly downloadCount: number
}

export interface Scale {
  readonly seed: number
  readonly mods: number
  readonly members: number
}

export const gameCount = 8
export const modsMin = 100
// Mods up to this id carry the traps and are in skyrim up to 60, so that tests can name them.
export const curatedModsMax = 100

export function gameOf(seed: number, id: number): number {
  if (id <= 60) return 1
  const draw = fractionOf(seed, 900, id)
  for (let game = 1; game < gameCount; game++) if (draw < (gameShares[game - 1] as number)) return game
  return gameCount
}

export function isDeletedComment(modId: number, index: number): boolean {
  return modId === 1 ? index === 3 || index === 5 : index % 17 === 9
}

export function planMod(scale: Scale, id: number): ModPlan {
  const random = shared.restart(scale.seed, 1, id)
  const status = statuses[id] ?? drawStatus(random)
  const span = dataNowSeconds - openingSeconds
  const createdSeconds = openingSeconds + Math.floor((span * (id - 1 + random.fraction())) / scale.mods)
  const isVisible = status !== 'draft'
  const age = dataNowSeconds - createdSeconds
  const publishedSeconds = isVisible
    ? createdSeconds + Math.floor(Math.min(age, 3 * daySeconds) * random.fraction())
    : null
  const popularity = isVisible ? random.popularity(Math.min(scale.members, 5000)) : 0
  const fixed = fixedCounts[id]
  const endorsements =
    fixed?.endorsements ?? Math.max(0, Math.min(Math.floor(scale.members * 0.8), Math.floor(popularity * 1.2 - 0.5)))
  const comments = fixed?.comments ?? Math.min(400, Math.floor(popularity * 0.6 + random.fraction()))
  const drawn = {
    updatedSeconds: createdSeconds + Math.floor(age * random.fraction() * random.fraction()),
    files: isVisible ? 1 + Math.floor(random.fraction() * random.fraction() * 5) : random.below(2),
    images: random.below(4),
    tags: random.below(5),
    requirements: random.chance(0.4) ? random.between(1, 3) : 0,
    authorId: drawAuthor(random, membersAt(scale.members, createdSeconds)),
    downloadCount: isVisible ? endorsements * random.between(12, 45) + random.below(40) : 0,
    downloadRows: Math.min(40, Math.floor(popularity * 0.8)),
    tracked: Math.min(Math.floor(scale.members / 4), Math.floor(popularity * 0.3)),
  }
  return {
    id,
    gameId: gameOf(scale.seed, id),
    status,
    createdSeconds,
    publishedSeconds,
    ...drawn,
    comments,
    deletedComments: id === 1 ? 2 : Math.floor((comments + 7) / 17),
    endorsements,
    abstained: fixed?.abstained ?? Math.floor(endorsements / 25),
    ...fixed?.parts,
    authorId: authors[id] ?? drawn.authorId,
    requirements: id > 1 && !(id in fixedRequirements) ? Math.min(drawn.requirements, id - 1) : 0,
  }
}

// Requirements with a story; all other mods require earlier ones. { mod: what it requires }
export const danglingModId = 4000000000
export const fixedRequirements: Readonly<Record<number, readonly number[]>> = {
  12: [1, 2, 53],
  54: [55], // a cycle of two
  55: [54],
  56: [57], // a chain of five
  57: [58],
  58: [59],
  59: [60],
  60: [],
  61: [danglingModId],
  62: [62], // requires itself
}

export function fixedRequirementsOf(id: number): readonly number[] | undefined {
  return fixedRequirements[id]
}

// --- internal ---

// One stream object for all plans: planMod finishes with it before it returns.
const shared = new Random(0, 0, 0)

// Cumulative shares of skyrim, oblivion, fallout3, newvegas, witcher, stalker, morrowind; minecraft is the rest.
const gameShares = [0.38, 0.55, 0.67, 0.79, 0.84, 0.89, 0.95]

const statuses: Readonly<Record<number, ModPlan['status']>> = {
  1: 'published',
  2: 'published',
  12: 'published',
  13: 'draft',
  14: 'hidden',
  15: 'removed',
  ...Object.fromEntries(Array.from({ length: 85 }, (_, index) => [index + 16, 'published' as const])),
}

const authors: Readonly<Record<number, number>> = {
  12: namedMembers.dovah.id,
  13: namedMembers.dovah.id,
  14: namedMembers.dovah.id,
  15: namedMembers.dovah.id,
  63: bannedMemberId,
}

interface FixedCounts {
  readonly endorsements?: number
  readonly abstained?: number
  readonly comments?: number
  readonly parts?: Partial<Pick<ModPlan, 'files' | 'images' | 'tags' | 'downloadCount'>>
}

// Mod 1 owns the first 30 comments and the first 14 files, whatever the size and seed: traps name them by id.
const fixedCounts: Readonly<Record<number, FixedCounts>> = {
  1: { endorsements: 20, abstained: 1, comments: 30, parts: { files: 14, images: 6, tags: 4 } },
  2: { endorsements: 10, abstained: 1 },
  12: { endorsements: 40, abstained: 2, comments: 45, parts: { files: 4, images: 5, tags: 4 } },
  13: { endorsements: 0, comments: 0 },
  14: { comments: 3 },
  64: { endorsements: 2, abstained: 2 },
  65: { parts: { files: 0, images: 0, tags: 0, downloadCount: 0 } },
  66: { comments: 0, endorsements: 0 },
  68: { comments: 12 },
}

function drawStatus(random: Random): ModPlan['status'] {
  const draw = random.fraction()
  if (draw < 0.9) return 'published'
  if (draw < 0.94) return 'draft'
  return draw < 0.98 ? 'hidden' : 'removed'
}

// The first creators wrote most: squaring the draw gives the long tail.
function drawAuthor(random: Random, members: number): number {
  const id = creatorAt(Math.floor(creatorCount(members) * random.fraction() * random.fraction()))
  // A banned member's mods are there, but only the one that the tests know is certain.
  return isBanned(id) && random.chance(0.5) ? namedMembers.dovah.id : id
}
