import { dataNowSeconds, dateTimeOf, zeroDateTime } from '../calendar.ts'
import { bannedMemberId, isBanned, membersAt, namedMembers } from '../members.ts'
import { isDeletedComment, type ModPlan } from '../mod-plan.ts'
import { Random } from '../random.ts'
import { columns, type TableSeed, type Value } from '../table-seed.ts'
import { doubleEncode } from '../text/mojibake.ts'
import { usernameOf } from '../text/names.ts'
import { traps } from '../traps.ts'
import { plans, type World } from '../world.ts'
import { gameTextOf } from './mods.ts'

export const comments: TableSeed = {
  table: 'comments',
  columns: columns('id', 'mod_id', 'user_id', 'parent_id', 'body', 'ip', 'created', 'edited', 'deleted'),
  key: ['id'],
  weight: 3,
  estimate: (world) => world.totals.comments,
  *rows(world) {
    const random = new Random(0, 0, 0)
    let firstId = 1
    for (const plan of plans(world)) {
      if (plan.comments === 0) continue
      random.restart(world.seed, 8, plan.id)
      for (let index = 0; index < plan.comments; index++) {
        const row = comment(world, random, plan, firstId, index)
        yield traps.apply('comments', firstId + index, comments.columns, row)
      }
      firstId += plan.comments
    }
  },
}

// --- internal ---

function comment(world: World, random: Random, plan: ModPlan, firstId: number, index: number): Value[] {
  const start = plan.publishedSeconds ?? plan.createdSeconds
  const created = start + Math.floor(((dataNowSeconds - start) * (index + random.fraction())) / plan.comments)
  const isDeleted = isDeletedComment(plan.id, index)
  const edited = random.chance(0.06) ? dateTimeOf(created + random.between(60, 90_000)) : zeroDateTime
  return [
    firstId + index,
    plan.id,
    author(
      membersAt(world.members, created),
      random,
      plan,
      isDeleted && (plan.id === 1 ? index === 5 : index % 2 === 1),
    ),
    parent(random, plan, firstId, index),
    body(world, random, plan),
    random.next(),
    dateTimeOf(created),
    edited,
    isDeleted ? 1 : 0,
  ]
}

// Half of what moderators deleted was written by members who were banned for it.
function author(members: number, random: Random, plan: ModPlan, byBanned: boolean): number {
  if (byBanned) {
    if (plan.id === 1) return bannedMemberId
    const banned = 97 * random.between(1, Math.max(1, Math.floor(members / 97)))
    return isBanned(banned) && banned <= members ? banned : bannedMemberId
  }
  if (random.chance(0.15)) return plan.authorId
  const draw = 1 + Math.floor(members * random.fraction() * random.fraction())
  return draw === bannedMemberId ? namedMembers.alice.id : draw
}

function parent(random: Random, plan: ModPlan, firstId: number, index: number): number | null {
  if (index === 0) return null
  if (plan.id === 68) return firstId + index - 1
  return random.chance(0.3) ? firstId + random.below(index) : null
}

function body(world: World, random: Random, plan: ModPlan): string {
  const game = gameTextOf(plan.gameId)
  const draw = random.below(400)
  if (draw === 0) return doubleEncode('C’est génial, merci beaucoup ! Très réussi.')
  if (draw === 1) return 'Endorsed! 👍 \u{1F409}'
  switch (draw % 14) {
    case 0:
      return 'Endorsed, thank you!'
    case 1:
      return `Does this work with ${random.pick(game.things)} mods?`
    case 2:
      return `My game crashes near ${random.pick(game.places)}. Load order is fine & I have the patch.`
    case 3:
      return `[quote=${usernameOf(world.seed, plan.authorId)}]it is done when it is done[/quote]\nSo... is it done?`
    case 4:
      return `The ${random.pick(game.creatures)} are [b]invisible[/b] for me :(`
    case 5:
      return "Been using it for years. Can't play without it."
    case 6:
      return `Version ${random.between(1, 4)}.${random.below(10)} broke ${random.pick(game.places)}.`
    case 7:
      return 'first'
    case 8:
      return `You can fix that: [code]set timescale to ${random.between(5, 30)}[/code]`
    case 9:
      return `Tracked. Would love a version for ${random.pick(game.things).toLowerCase()} <3`
    case 10:
      return 'Funktioniert wunderbar, schöne Grüße aus München!'
    case 11:
      return `[i]edit:[/i] never mind, forgot to activate it.\n\nWorks in ${random.pick(game.places)} too.`
    case 12:
      return `See [url=/${game.domain}/mods/${random.between(1, 100)}]this one[/url] instead.`
    default:
      return `10/10, would fight ${random.pick(game.creatures)} again.`
  }
}
