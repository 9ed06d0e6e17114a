import { dataNowSeconds, dateTimeOf } from '../calendar.ts'
import { namedMembers } from '../members.ts'
import { Random } from '../random.ts'
import { binary, columns, type TableSeed } from '../table-seed.ts'
import { plans } from '../world.ts'

export const downloads: TableSeed = {
  table: 'downloads',
  columns: columns('file_id', 'user_id', binary('ip'), 'when'),
  key: [],
  weight: 2,
  estimate: (world) => world.totals.downloadRows,
  *rows(world) {
    // Two rows that nothing tells apart: a download manager that asked twice in one second.
    yield [1, namedMembers.alice.id, Uint8Array.of(10, 0, 0, 7), '2013-12-24 18:00:00']
    yield [1, namedMembers.alice.id, Uint8Array.of(10, 0, 0, 7), '2013-12-24 18:00:00']
    yield [1, null, addressV6(1), '2013-12-24 18:00:01']
    yield [4000000000, null, Uint8Array.of(127, 0, 0, 1), '2008-08-08 08:08:08']
    const random = new Random(0, 0, 0)
    let firstFileId = 1
    for (const plan of plans(world)) {
      if (plan.files === 0) continue
      random.restart(world.seed, 13, plan.id)
      for (let left = plan.downloadRows; left > 0; left--) {
        const when = plan.createdSeconds + Math.floor((dataNowSeconds - plan.createdSeconds) * random.fraction())
        const memberId = random.chance(0.4) ? null : 1 + random.below(world.members)
        yield [firstFileId + random.below(plan.files), memberId, address(random), dateTimeOf(when)]
      }
      firstFileId += plan.files
    }
  },
}

// --- internal ---

function address(random: Random): Uint8Array {
  if (random.chance(0.05)) return addressV6(random.below(65536))
  const bits = random.next()
  return Uint8Array.of(bits >>> 24, bits >>> 16, bits >>> 8, bits)
}

// In 2001:db8::/32, which documentation may use.
function addressV6(last: number): Uint8Array {
  return Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last >>> 8, last & 255)
}
