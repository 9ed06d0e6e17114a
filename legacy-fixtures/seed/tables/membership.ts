import { createHash } from 'node:crypto'
import { dataNowSeconds, dateTimeOf, daySeconds, openingSeconds } from '../calendar.ts'
import { aliceRememberToken, bannedMemberId, hasApiKey, namedMembers } from '../members.ts'
import { danglingModId } from '../mod-plan.ts'
import { Random } from '../random.ts'
import { columns, type TableSeed } from '../table-seed.ts'
import { plans } from '../world.ts'
import { distinctMembers, momentFor } from './endorsements.ts'

const { alice, bob } = namedMembers

export const trackedMods: TableSeed = {
  table: 'tracked_mods',
  columns: columns('user_id', 'mod_id', 'since'),
  key: ['user_id', 'mod_id'],
  weight: 1,
  estimate: (world) => world.totals.tracked,
  *rows(world) {
    yield [alice.id, 1, '2013-02-01 10:00:00']
    yield [alice.id, 12, '2014-01-02 03:04:05']
    yield [bob.id, 1, '0000-00-00 00:00:00']
    yield [bob.id, danglingModId, '2010-10-10 10:10:10']
    const random = new Random(0, 0, 0)
    for (const plan of plans(world)) {
      if (plan.tracked === 0) continue
      random.restart(world.seed, 9, plan.id)
      let left = plan.tracked
      for (const memberId of distinctMembers(world, random)) {
        if (left === 0) break
        if (memberId === alice.id || memberId === bob.id) continue
        left--
        yield [memberId, plan.id, dateTimeOf(momentFor(world, random, plan, memberId))]
      }
    }
  },
}

export const rememberTokens: TableSeed = {
  table: 'remember_tokens',
  columns: columns('selector', 'validator', 'user_id', 'expires'),
  key: ['selector'],
  weight: 2,
  estimate: (world) => Math.floor(world.members / 10),
  *rows(world) {
    // Valid until the end of TIMESTAMP's range: tests that use it need no clock.
    const validator = createHash('sha256').update(aliceRememberToken.validator).digest('hex')
    yield [aliceRememberToken.selector, validator, alice.id, '2037-12-31 23:59:59']
    yield ['banned0remember0', validator, bannedMemberId, '2037-12-31 23:59:59']
    const random = new Random(0, 0, 0)
    for (let id = 20; id <= world.members; id += 10) {
      random.restart(world.seed, 10, id)
      // The member's number is part of the selector, which makes it unique.
      const selector = `${random.hex(8)}${id.toString(16).padStart(8, '0')}`
      yield [selector, random.hex(64), id, dateTimeOf(dataNowSeconds + random.between(-30, 30) * daySeconds)]
    }
  },
}

export const apiUsage: TableSeed = {
  table: 'api_usage',
  columns: columns('user_id', 'hour', 'requests'),
  key: ['user_id', 'hour'],
  weight: 1,
  estimate: (world) => Math.floor((world.members * 3) / 14),
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (let id = 1; id <= world.members; id++) {
      if (!hasApiKey(id)) continue
      random.restart(world.seed, 11, id)
      let hour = Math.floor(dataNowSeconds / 3600) - random.between(3, 60)
      for (let left = random.below(4); left > 0; left--, hour++) {
        yield [id, dateTimeOf(hour * 3600), random.chance(0.02) ? 2500 : random.between(1, 300)]
      }
    }
  },
}

export const messages: TableSeed = {
  table: 'messages',
  columns: columns('id', 'from_id', 'to_id', 'subject', 'body', 'sent', { name: 'read', as: 'bit' }),
  key: ['id'],
  weight: 3,
  estimate: (world) => world.members + 20,
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (let id = 1; id <= world.members; id++) {
      random.restart(world.seed, 12, id)
      const sent = openingSeconds + Math.floor(((dataNowSeconds - openingSeconds) * id) / world.members)
      yield [
        id,
        1 + random.below(world.members),
        id % 5 === 0 ? alice.id : 1 + random.below(world.members),
        random.pick(subjects),
        random.pick(bodies),
        dateTimeOf(sent),
        id === 1 || random.chance(0.7) ? 1 : 0,
      ]
    }
    // The table moved servers in 2014, and somebody set AUTO_INCREMENT "high enough".
    for (let index = 0n; index < 20n; index++) {
      const to = index % 2n === 0n ? alice.id : namedMembers.dovah.id
      const sent = dateTimeOf(dataNowSeconds - 86400 + Number(index) * 600)
      yield [firstHighMessageId + index * 2n, bob.id, to, `Re: Re: message ${index}`, 'See you in Whiterun 🐉', sent, 0]
    }
  },
}

// --- internal ---

const firstHighMessageId = 9007199254740993n // 2^53 + 1
const subjects = ['', 'Hello', 'Your mod', 'Re: Your mod', 'Translation?', 'Bug <report> & "fix"', 'Überraschung', '0']
const bodies = [
  'May I translate your mod into German?',
  'It crashes.\r\nPlease help.',
  'Thanks for the endorsement!\n\n-- \nsent from my toaster',
  'I’d like to use your textures, with credits of course.',
  '[b]URGENT[/b] see [url=/contact]the contact page[/url]',
]
