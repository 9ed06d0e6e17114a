import { dateTimeOf } from '../calendar.ts'
import { gameOf, type ModPlan } from '../mod-plan.ts'
import { Random } from '../random.ts'
import { columns, type TableSeed, type Value } from '../table-seed.ts'
import { type sentence, sentences, writeDescription } from '../text/bbcode.ts'
import { doubleEncode } from '../text/mojibake.ts'
import { modName, usernameOf } from '../text/names.ts'
import { categoryNames, type GameText, games } from '../text/words.ts'
import { traps } from '../traps.ts'
import { plans, type World } from '../world.ts'
import { categoryId } from './games.ts'

export const mods: TableSeed = {
  table: 'mods',
  columns: columns(
    'id',
    'game_id',
    'category_id',
    'user_id',
    'name',
    'summary',
    'description',
    'version',
    'status',
    'adult',
    'endorsement_count',
    'download_count',
    'unique_downloads',
    'comment_count',
    'size_bytes',
    'rating',
    'permissions',
    'created',
    'published',
    'updated',
  ),
  key: ['id'],
  weight: 20,
  estimate: (world) => world.mods,
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (const plan of plans(world)) {
      yield traps.apply('mods', plan.id, mods.columns, mod(world, random.restart(world.seed, 3, plan.id), plan))
    }
  },
}

// The name that files and links are made of; drawn first from the mod's own stream, so that it can be had alone.
export function modNameOf(seed: number, id: number): string {
  return traps.textAt('mods', id, 'name') ?? modName(naming.restart(seed, 3, id), gameTextOf(gameOf(seed, id)))
}

export function gameTextOf(gameId: number): GameText {
  return games[gameId - 1] as GameText
}

export function versionOf(random: Random): string {
  return random.pick(versions)
}

// --- internal ---

const naming = new Random(0, 0, 0)
const versions = [
  '1.0',
  '1.1',
  '1.2',
  '1.2.1',
  '2.0',
  '0.9b',
  '3.14',
  'v4',
  '1.0 FINAL',
  '2010-05-01',
  '1.0.0.7',
  '5,1',
]
const permissions = ['modify', 'redistribute', 'console', 'assets']

function mod(world: World, random: Random, plan: ModPlan): Value[] {
  const game = gameTextOf(plan.gameId)
  const drawnName = modName(random, game)
  const name = traps.textAt('mods', plan.id, 'name') ?? (plan.id === 12 ? 'The Showcase' : drawnName)
  const subject = { id: plan.id, name, author: usernameOf(world.seed, plan.authorId), game }
  return [
    plan.id,
    plan.gameId,
    categoryId(plan.gameId, random.below(categoryNames.length)),
    plan.authorId,
    name,
    summary(random, subject, plan.id),
    writeDescription(random, subject),
    versionOf(random),
    plan.status,
    random.chance(0.05) ? 1 : 0,
    plan.endorsements - plan.abstained,
    plan.downloadCount,
    Math.floor(plan.downloadCount * (0.6 + 0.3 * random.fraction())),
    plan.comments - plan.deletedComments,
    plan.files === 0 ? 0 : random.between(20_000, 900_000_000),
    plan.endorsements < 3 ? '0.00' : `${random.between(2, 9)}.${random.between(10, 99)}`,
    permissions.filter(() => random.chance(0.4)).join(','),
    dateTimeOf(plan.createdSeconds),
    plan.publishedSeconds === null ? null : dateTimeOf(plan.publishedSeconds),
    dateTimeOf(plan.updatedSeconds),
  ]
}

// One in 200 went through the import of 2009 with an accent in it, and is double-encoded since.
function summary(random: Random, subject: Parameters<typeof sentence>[1], id: number): string {
  const text = plain(sentences(random, subject, random.between(1, 2)))
  if (id > 100 && random.chance(0.005)) return doubleEncode(`Pour l’été : ${text}`).slice(0, 350)
  return text.slice(0, 350)
}

function plain(text: string): string {
  return text.replace(/\[[^\]]*\]/g, '')
}
