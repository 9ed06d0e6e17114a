import { fractionOf, type Random } from '../random.ts'
import { traps } from '../traps.ts'
import { adjectives, type GameText, nameBacks, nameFronts, suffixes } from './words.ts'

// A member's name from its id alone: comments and quotes need it without a look-up. Unique under MySQL's folding: ids
// walk through all front-back pairs, then start again with a number behind.
export function usernameOf(seed: number, id: number): string {
  const trap = traps.textAt('users', id, 'username')
  if (trap !== undefined) return trap
  const pairs = nameFronts.length * nameBacks.length
  const place = (id * 613) % pairs // 613 is prime and divides neither list's length: every pair comes up once
  const front = nameFronts[place % nameFronts.length] as string
  const back = nameBacks[Math.floor(place / nameFronts.length)] as string
  const round = Math.floor(id / pairs)
  const number = round === 0 ? '' : String(round + 1)
  const draw = fractionOf(seed, 902, id)
  if (draw < 0.25) return `${front}${back}${number}`.toLowerCase()
  if (draw < 0.5) return `${front}${back[0]?.toUpperCase()}${back.slice(1)}${number}`
  return `${front}${back}${number}`
}

export function modName(random: Random, game: GameText): string {
  const name = drawModName(random, game)
  return `${name[0]?.toUpperCase()}${name.slice(1)}`
}

export function fileSlug(name: string): string {
  const slug = name.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  return slug === '' ? 'mod' : slug.slice(0, 60)
}

// --- internal ---

function drawModName(random: Random, game: GameText): string {
  const draw = random.below(10)
  switch (draw) {
    case 0:
      return `${random.pick(game.places)} ${random.pick(suffixes)}`
    case 1:
      return `${random.pick(adjectives)} ${random.pick(game.things)} of ${random.pick(game.places)}`
    case 2:
      return `${random.pick(game.things)} - ${random.pick(suffixes)}`
    case 3:
      return `No More ${titled(random.pick(game.creatures))}`
    case 4:
      return `${random.pick(nameFronts)}'s ${random.pick(game.things)}`
    case 5:
      return `${random.pick(adjectives)} ${random.pick(game.things)} and ${random.pick(game.things)}`
    case 6:
      return `${random.pick(game.places)} ${random.pick(game.things)} ${random.pick(suffixes)}`
    default:
      return `${random.pick(adjectives)} ${random.pick(game.things)}${random.chance(0.3) ? ` ${random.pick(suffixes)}` : ''}`
  }
}

function titled(text: string): string {
  return text.replace(/(^| )[a-z]/g, (start) => start.toUpperCase())
}
