import { dataNowSeconds, dateOf, dateTimeOf, daySeconds, zeroDate, zeroDateTime } from '../calendar.ts'
import {
  aliceApiKey,
  dovahApiKey,
  hasApiKey,
  isBanned,
  isCreator,
  joinedBefore,
  namedMembers,
  passwordOf,
} from '../members.ts'
import { Random } from '../random.ts'
import { bit, columns, type TableSeed, type Value } from '../table-seed.ts'
import { usernameOf } from '../text/names.ts'
import { countries, games } from '../text/words.ts'
import { traps } from '../traps.ts'
import type { World } from '../world.ts'

export const users: TableSeed = {
  table: 'users',
  columns: columns(
    'id',
    'username',
    'email',
    'password',
    'salt',
    'rank',
    'avatar',
    'signature',
    'about',
    'country',
    'gender',
    'birthday',
    'joined',
    'last_login',
    'mod_count',
    'options',
    'karma',
    'api_key',
    bit('banned'),
  ),
  key: ['id'],
  weight: 4,
  estimate: (world) => world.members,
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (let id = 1; id <= world.members; id++) {
      yield traps.apply('users', id, users.columns, member(world, random.restart(world.seed, 2, id), id))
    }
  },
}

// --- internal ---

const namedById = new Map<number, { username: string; rank: number }>(
  Object.values(namedMembers).map((member) => [member.id, member]),
)
const options = ['newsletter', 'adult', 'beta', 'hide_email']
const signatures = ['Endorse what you use.', 'Load order: yes.', 'ASUS P5Q | Q6600 | GTX 260', 'Café owner in Köln']

function member(world: World, random: Random, id: number): Value[] {
  const named = namedById.get(id)
  const username = named?.username ?? usernameOf(world.seed, id)
  const { password, salt } = passwordOf(id, world.seed)
  const joined = joinedBefore(world.members, id - random.fraction())
  const lastLogin = joined + Math.floor((dataNowSeconds - joined) * random.fraction())
  return [
    id,
    username,
    named === undefined ? `member${id}@example.com` : `${username.toLowerCase()}@example.com`,
    password,
    salt,
    named?.rank ?? (isCreator(id) ? 1 : 0),
    random.chance(0.3) ? `avatars/${id % 24}.png` : '',
    random.chance(0.2) ? random.pick(signatures) : '',
    about(random),
    random.pick(countries),
    random.pick(genders),
    random.chance(0.6) ? dateOf(random.between(-4000, 11000) * daySeconds) : zeroDate,
    dateTimeOf(joined),
    named !== undefined || random.chance(0.95) ? dateTimeOf(lastLogin) : zeroDateTime,
    world.modCountByMember[id] ?? 0,
    options.filter(() => random.chance(0.3)).join(','),
    `${random.chance(0.05) ? '-' : ''}${random.between(0, 900)}.${String(random.below(1000)).padStart(3, '0')}`,
    apiKey(random, id),
    isBanned(id) ? 1 : 0,
  ]
}

const genders = ['m', 'm', 'f', 'other', 'other']

function about(random: Random): string | null {
  if (random.chance(0.5)) return null
  const game = random.pick(games)
  return `Playing ${game.name} since ${game.released.slice(0, 4)}. Likes ${random.pick(game.creatures)} & [b]${random.pick(game.things)}[/b].`
}

function apiKey(random: Random, id: number): string | null {
  if (!hasApiKey(id)) return null
  if (id === namedMembers.alice.id) return aliceApiKey
  if (id === namedMembers.dovah.id) return dovahApiKey
  return random.hex(40)
}
