import { zeroDate, zeroDateTime } from '../calendar.ts'
import { aliceApiKey, bannedMemberId } from '../members.ts'
import type { Value } from '../table-seed.ts'
import { doubleEncode } from '../text/mojibake.ts'
import { at, type SeedFact, seen, type TrapName } from './fact.ts'

export const userTraps: readonly SeedFact[] = [
  user('trailing-space', 5, 'username', 'Justiciar '),
  user('accent', 6, 'username', 'Éowyn'),
  user('accent', 7, 'username', 'Žižka_z_Trocnova'),
  user('cjk', 8, 'username', '李雷'),
  user('right-to-left', 9, 'username', 'محمد_مود'),
  user('html-special', 10, 'username', `O'Brien "Mad" <Modder> & Co`),
  user('emoji', 11, 'username', 'DragonBorn🐉'),
  user('string-zero', 12, 'username', '0'),
  user('cyrillic', 13, 'username', 'Иван_Грозный'),
  user('backslashes', 14, 'username', 'C:\\Games_100%'),
  user('accent', 15, 'username', 'Straßenräuber'),
  user('bit', bannedMemberId, 'banned', 1, 'banned + 0 = 1'),
  user('invalid-enum', 17, 'gender', 'unknown', "gender = '' AND gender + 0 = 0"),
  user('impossible-date', 18, 'birthday', '2001-02-30'),
  user('zero-date', 19, 'birthday', zeroDate),
  user('partial-date', 20, 'birthday', '1985-00-00'),
  user('zero-datetime', 21, 'joined', zeroDateTime),
  user('zero-datetime', 21, 'last_login', zeroDateTime),
  user('clock-change-gap', 22, 'joined', '2013-03-31 01:30:00'),
  user('clock-change-overlap', 23, 'joined', '2013-10-27 01:30:00'),
  user('set-combination', 24, 'options', 'newsletter,adult,beta,hide_email', 'options + 0 = 15'),
  user('set-combination', 25, 'options', '', 'options + 0 = 0'),
  user('decimal-extreme', 26, 'karma', '9999999.999', 'karma = 9999999.999'),
  user('decimal-extreme', 27, 'karma', '-9999999.999', 'karma = -9999999.999'),
  user('decimal-extreme', 28, 'karma', '0.001', 'karma = 0.001'),
  user(
    'windows-1252',
    29,
    'signature',
    '“Don’t feed the mudcrabs” – only 5 €…',
    "HEX(signature) LIKE '93446F6E9274%80%'",
  ),
  user('double-encoded', 30, 'signature', doubleEncode('Grüße aus Köln – René'), "HEX(signature) LIKE '%C3BC%'"),
  user('null', 31, 'about', null),
  user('empty-string', 32, 'about', ''),
  user('string-zero', 33, 'about', '0'),
  user('control-characters', 34, 'about', 'zero\u200bwidth, \u202eright-to-left override\u202c and a bell\u0007'),
  user('differs-in-case', 35, 'email', 'Shared.Mailbox@Example.com'),
  user('differs-in-case', 36, 'email', 'shared.mailbox@example.com'),
  user('empty-string', 37, 'country', ''),
  user('tinyint-9', 38, 'rank', 9),
  user('full-length', 39, 'username', 'TheModderWithTheVeryLongNameThatFitsJust', 'CHAR_LENGTH(username) = 40'),
  user('string-null', 40, 'username', 'NULL'),
  user('differs-in-case', 41, 'password', '5F4DCC3B5AA765D61D8327DEB882CF99'),
  user('extreme-date', 42, 'birthday', '9999-12-31'),
  user('extreme-date', 43, 'birthday', '0001-01-01'),
  user('impossible-date', 44, 'joined', '2009-02-29 12:00:00'),
  user('double-encoded', 45, 'about', doubleEncode('J’adore les mods « réalistes », à bientôt')),
  user('right-utf8mb4', 46, 'about', 'J’adore les mods « réalistes », à bientôt 🧙‍♀️'),
  user('empty-string', 47, 'password', ''), // an account of the first forum that never set one: nobody can log in to it
  seen('password-bcrypt', 'users', 1, 'password', "password LIKE '$2y$08$%' AND salt = ''"),
  seen('password-md5', 'users', 2, 'password', "BINARY password = MD5('dragon')"),
  seen('password-bcrypt', 'users', 3, 'password', "password LIKE '$2y$08$%'"),
  seen('password-salted-md5', 'users', 4, 'password', "BINARY password = MD5(CONCAT(salt, MD5('builder')))"),
  seen('api-key', 'users', 3, 'api_key', `api_key = '${aliceApiKey}'`),
]

// --- internal ---

function user(trap: TrapName, id: number, column: string, value: Value, check?: string): SeedFact {
  return at(trap, 'users', id, column, value, check)
}
