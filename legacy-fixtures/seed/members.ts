import { createHash } from 'node:crypto'
import { dataNowSeconds, openingSeconds } from './calendar.ts'
import { fractionOf } from './random.ts'

// The members that tests and people log in with. The rest have the password 'password'.
export const namedMembers = {
  admin: { id: 1, username: 'admin', password: 'admin123', rank: 2 },
  dovah: { id: 2, username: 'Dovah', password: 'dragon', rank: 1 },
  alice: { id: 3, username: 'alice', password: 'wonderland', rank: 0 },
  bob: { id: 4, username: 'bob', password: 'builder', rank: 0 },
} as const

// Fixed keys of the desktop-app API. They are test data and open nothing but a seeded database.
export const aliceApiKey = 'alice00000000000000000000000000000test03'
export const dovahApiKey = 'dovah00000000000000000000000000000test02'

// alice's remember-me cookie is selector:validator; the table holds the validator's sha256.
export const aliceRememberToken = { selector: 'alice0remember00', validator: 'alice-remember-validator-0001' } as const

export const bannedMemberId = 16

export function memberCount(mods: number): number {
  return Math.max(60, Math.floor(mods / 4))
}

// Members joined in the order of their ids, at an even pace; nobody writes or votes before.
export function joinedBefore(members: number, id: number): number {
  return openingSeconds + Math.floor(((dataNowSeconds - openingSeconds) * id) / members)
}

export function membersAt(members: number, seconds: number): number {
  const share = (seconds - openingSeconds) / (dataNowSeconds - openingSeconds)
  return Math.max(foundingMembers, Math.min(members, Math.floor(members * share)))
}

// Creators (rank 1) are Dovah and two of every five others, so that the author of a mod can be computed, not looked up.
export function isCreator(id: number): boolean {
  return id === namedMembers.dovah.id || (id > 4 && id % 5 < 2)
}

export function creatorCount(members: number): number {
  return 1 + Math.max(0, Math.floor(members / 5) - 1) * 2 + (members >= 5 ? 1 + (members % 5 === 0 ? 0 : 1) : 0)
}

export function creatorAt(index: number): number {
  if (index === 0) return namedMembers.dovah.id
  return 5 * (1 + Math.floor((index - 1) / 2)) + ((index - 1) % 2)
}

export function isBanned(id: number): boolean {
  return id === bannedMemberId || (id > 60 && id % 97 === 0)
}

export function hasApiKey(id: number): boolean {
  return id === namedMembers.dovah.id || id === namedMembers.alice.id || (id > 4 && id % 7 === 3)
}

export interface PasswordColumns {
  readonly password: string
  readonly salt: string
}

// Three schemes side by side: 2006 md5, 2009 salted md5, 2013 bcrypt. Which one: id % 3, but for the named members.
export function passwordOf(id: number, seed: number): PasswordColumns {
  const { admin, dovah, alice, bob } = namedMembers
  if (id === admin.id) return { password: bcryptOfAdmin123, salt: '' }
  if (id === dovah.id) return { password: md5(dovah.password), salt: '' }
  if (id === alice.id) return { password: bcryptOfWonderland, salt: '' }
  if (id === bob.id) return saltedMd5(bob.password, 'b0b5a1t7')
  if (id % 3 === 0) return { password: md5OfPassword, salt: '' }
  if (id % 3 === 1) {
    return saltedMd5(
      'password',
      Math.floor(fractionOf(seed, 901, id) * 4294967296)
        .toString(16)
        .padStart(8, '0'),
    )
  }
  return { password: bcryptsOfPassword[id % bcryptsOfPassword.length] as string, salt: '' }
}

// --- internal ---

const foundingMembers = 15

// Made by PHP's password_hash($password, PASSWORD_BCRYPT, ['cost' => 8]); hashing one per member would take an hour at
// a million mods.
const bcryptsOfPassword = [
  '$2y$08$mSsSwtS4r04oVTcqgezbqec3.O4XavtTABD83dt8XxRHD51SZaBK6',
  '$2y$08$j2QY/qU618nkpzck5MPROugqjgwFYqVYHpF8tE8h485.nJp.j5E4O',
  '$2y$08$xImzdPyp.FJNOElyPzvPfephWRcGGyWHC3YCqoni08UUOdHqdFMR2',
  '$2y$08$a4EfBPubKeWZe.O9p6dcDOybvG8YuBFJ7ZC9N8LhkCrQ3HFcikqb.',
]
const bcryptOfWonderland = '$2y$08$HlmuosGpkq1SW4sMiPq/9eKNltZ4xC4ELGQ5nJ3BLlq6nYUbM.tYG'
const bcryptOfAdmin123 = '$2y$08$tbmZPrvxv3wg5T.EEq7i3uvd32hjzq2jijNHeFFqtsa6N2pstaRQ2'
const md5OfPassword = md5('password')

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function saltedMd5(password: string, salt: string): PasswordColumns {
  return { password: md5(salt + md5(password)), salt }
}
