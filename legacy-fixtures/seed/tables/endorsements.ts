import { dataNowSeconds, dateTimeOf } from '../calendar.ts'
import { joinedBefore, namedMembers } from '../members.ts'
import type { ModPlan } from '../mod-plan.ts'
import { Random } from '../random.ts'
import { columns, type TableSeed } from '../table-seed.ts'
import { plans, type World } from '../world.ts'

export const endorsements: TableSeed = {
  table: 'endorsements',
  columns: columns('mod_id', 'user_id', 'status', 'created'),
  key: ['mod_id', 'user_id'],
  weight: 1,
  estimate: (world) => world.totals.endorsements,
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (const plan of plans(world)) {
      if (plan.endorsements === 0) continue
      random.restart(world.seed, 7, plan.id)
      for (const { memberId, status } of voters(world, random, plan)) {
        yield [plan.id, memberId, status, dateTimeOf(momentFor(world, random, plan, memberId))]
      }
    }
  },
}

// Distinct members without a set: a walk through all of them by a step that shares no factor with their number.
export function* distinctMembers(world: World, random: Random): Generator<number> {
  const { members } = world
  let step = 1 + random.below(members - 1)
  while (greatestCommonDivisor(step, members) !== 1) step = (step % (members - 1)) + 1
  let place = random.below(members)
  for (let visited = 0; visited < members; visited++) {
    yield place + 1
    place = (place + step) % members
  }
}

// When a member did something with a mod: both were there.
export function momentFor(world: World, random: Random, plan: ModPlan, memberId: number): number {
  const start = Math.max(plan.publishedSeconds ?? plan.createdSeconds, joinedBefore(world.members, memberId))
  return start + Math.floor((dataNowSeconds - start) * random.fraction())
}

// --- internal ---

interface Voter {
  readonly memberId: number
  readonly status: 1 | 2
}

// Sorted, because the primary key is: rows in key order load twice as fast. alice's vote on mod 12 is left to tests.
function voters(world: World, random: Random, plan: ModPlan): readonly Voter[] {
  const { alice, bob } = namedMembers
  const chosen: Voter[] = []
  const add = (memberId: number, status: 1 | 2): number => chosen.push({ memberId, status })
  const taken = new Set<number>([plan.authorId])
  if (plan.id === 12) {
    add(5, 2)
    add(bob.id, 1)
    for (const id of [alice.id, bob.id, 5]) taken.add(id)
  } else if (plan.id <= 2) {
    add(alice.id, plan.id === 1 ? 1 : 2)
    taken.add(alice.id)
  }
  let abstained = plan.abstained - chosen.filter((voter) => voter.status === 2).length
  for (const memberId of distinctMembers(world, random)) {
    if (chosen.length >= plan.endorsements) break
    if (taken.has(memberId)) continue
    add(memberId, abstained > 0 ? 2 : 1)
    abstained--
  }
  return chosen.sort((left, right) => left.memberId - right.memberId)
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right)
}
