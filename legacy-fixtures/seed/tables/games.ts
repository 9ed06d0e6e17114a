import { columns, type TableSeed } from '../table-seed.ts'
import { categoryNames, games as gameTexts } from '../text/words.ts'

export const games: TableSeed = {
  table: 'games',
  columns: columns('id', 'domain', 'name', 'genre', 'released', 'mod_count', 'order', 'active'),
  key: ['id'],
  weight: 1,
  estimate: () => gameTexts.length,
  *rows(world) {
    for (const [index, game] of gameTexts.entries()) {
      const id = index + 1
      yield [id, game.domain, game.name, game.genre, game.released, world.modCountByGame[id] ?? 0, order(index), 1]
    }
  },
}

export const categories: TableSeed = {
  table: 'categories',
  columns: columns('id', 'game_id', 'parent_id', 'name'),
  key: ['id'],
  weight: 1,
  estimate: () => gameTexts.length * categoryNames.length,
  *rows() {
    for (let gameId = 1; gameId <= gameTexts.length; gameId++) {
      for (const [index, name] of categoryNames.entries()) {
        const parentId = index > parentIndex ? categoryId(gameId, parentIndex) : 0
        yield [categoryId(gameId, index), gameId, parentId, name]
      }
    }
  },
}

export function categoryId(gameId: number, index: number): number {
  return (gameId - 1) * categoryNames.length + index + 1
}

// --- internal ---

const parentIndex = categoryNames.indexOf('Models and Textures')

// Tens, and one pair with the same place: the list of games needs a second sort key, and has none.
function order(index: number): number {
  return index === 4 ? 40 : (index + 1) * 10
}
