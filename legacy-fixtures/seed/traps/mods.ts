import { zeroDateTime } from '../calendar.ts'
import { bannedMemberId } from '../members.ts'
import type { Value } from '../table-seed.ts'
import { doubleEncode } from '../text/mojibake.ts'
import { showcase } from '../text/showcase.ts'
import { at, type SeedFact, seen, type TrapName } from './fact.ts'

export const modTraps: readonly SeedFact[] = [
  mod('nested-bbcode', 12, 'description', showcase.everything),
  mod('right-utf8mb4', 12, 'summary', 'Every tag the site knows, on one page – “quoted”, naïve & 🐉.'),
  seen('draft', 'mods', 13, 'status', "status = 'draft' AND published IS NULL"),
  seen('hidden', 'mods', 14, 'status', "status = 'hidden'"),
  seen('removed', 'mods', 15, 'status', "status = 'removed'"),
  mod('tinyint-2', 16, 'adult', 2),
  mod('adult', 17, 'adult', 1),
  mod(
    'double-encoded',
    18,
    'summary',
    doubleEncode('Ajoute des épées forgées à Évreux, pour la première fois — naïf !'),
  ),
  mod('right-utf8mb4', 19, 'summary', 'Ajoute des épées forgées à Évreux, pour la première fois — naïf ! 😀🗡️'),
  mod('double-encoded', 20, 'summary', doubleEncode('“The best tavern in Köln” – Señor Müller’s review, 5 €')),
  mod('double-encoded', 21, 'summary', doubleEncode(doubleEncode('Größere Tavernen für Jörg'))),
  mod('html-special', 22, 'name', `<b>Bold & "Brave"</b> — Don't Panic &amp; Carry On`),
  mod('right-to-left', 23, 'name', 'سيوف الصحراء (Desert Swords)'),
  mod('cjk', 24, 'name', '龍の鎧 – 龙之铠甲 – 용 갑옷'),
  mod('differs-in-case', 25, 'name', 'Dovah Armour'),
  mod('differs-in-case', 26, 'name', 'dovah armour'),
  mod('trailing-space', 27, 'name', 'Dovah Armour '),
  mod('differs-in-accent', 28, 'name', 'Dóvah Armour'),
  mod('string-zero', 29, 'name', '0'),
  mod('empty-string', 30, 'summary', ''),
  mod('string-zero', 31, 'summary', '0'),
  mod('empty-string', 31, 'description', ''),
  mod('empty-string', 32, 'version', ''),
  mod('unsigned-above-2^63', 33, 'size_bytes', 18446744073709551615n),
  mod('unsigned-above-2^63', 34, 'size_bytes', 9223372036854775808n),
  mod('unsigned-above-2^53', 35, 'size_bytes', 9007199254740993n),
  mod('zero-datetime', 36, 'created', zeroDateTime),
  mod('null-beside-zero-date', 37, 'published', null),
  mod('null-beside-zero-date', 38, 'published', zeroDateTime, "published = '0000-00-00' AND published IS NOT NULL"),
  mod('unclosed-bbcode', 39, 'description', showcase.unclosed),
  mod('nested-bbcode', 40, 'description', showcase.deep),
  mod('very-long', 41, 'description', showcase.long, 'LENGTH(description) > 80000'),
  mod('full-length', 42, 'summary', showcase.fullSummary, 'CHAR_LENGTH(summary) = 350'),
  mod('wrong-counter', 43, 'comment_count', -1),
  mod('wrong-counter', 44, 'comment_count', 12345),
  mod('set-combination', 45, 'permissions', 'modify,redistribute,console,assets', 'permissions + 0 = 15'),
  mod('set-combination', 46, 'permissions', 'modify,assets', 'permissions + 0 = 9'),
  mod('decimal-extreme', 46, 'rating', '99.99', 'rating = 99.99'),
  mod('script-injection', 47, 'description', showcase.injection),
  mod('mixed-line-ends', 48, 'description', 'one\r\ntwo\rthree\nfour\ttabbed\r\n\r\n[b]five[/b]\n'),
  mod('backslashes', 49, 'description', "C:\\Games\\N, \\N, 100%, a_b, '; DROP TABLE mods; -- \\' \\\\"),
  mod(
    'emoji',
    50,
    'description',
    '👨‍👩‍👧‍👦 family, 🏴󠁧󠁢󠁳󠁣󠁴󠁿 flag, e\u0301 combining, ﬁ ligature, \u{1F9D9}\u{1F3FD}\u200d\u2642\uFE0F',
  ),
  mod('zero-reference', 51, 'category_id', 0),
  mod('dangling-reference', 52, 'category_id', 999999),
  mod('unsigned-int-maximum', 53, 'download_count', 4294967295),
  seen('by-banned-member', 'mods', 63, 'user_id', `user_id = ${bannedMemberId}`),
  seen('all-abstained', 'mods', 64, 'endorsement_count', 'endorsement_count = 0'),
  seen('no-files', 'mods', 65, 'id', 'NOT EXISTS (SELECT 1 FROM mod_files f WHERE f.mod_id = mods.id)'),
  seen('no-comments', 'mods', 66, 'comment_count', 'comment_count = 0'),
  seen('deep-thread', 'mods', 68, 'comment_count', 'comment_count = 11'),
  mod(
    'full-length',
    69,
    'name',
    'An Unreasonably Complete Overhaul of Absolutely Everything That Could Possibly Be Overhauled – Ünïcödé Edition 2 [v3]_',
  ),
  mod('trailing-space', 70, 'name', 'Non-breaking end\u00a0'),
  mod('cyrillic', 71, 'name', 'Сталкерское снаряжение'),
  mod('right-to-left', 72, 'summary', 'חרבות חדשות ושריון \u202eLTR\u202c מעורבב עם English ו־123'),
  mod('html-special', 73, 'summary', `5 > 3 && 2 < 4 -> "quotes", 'apostrophes', &lt;entities&gt; & <i>tags</i>`),
  mod('zero-datetime', 74, 'published', zeroDateTime),
  mod('zero-datetime', 74, 'created', zeroDateTime),
]

// --- internal ---

function mod(trap: TrapName, id: number, column: string, value: Value, check?: string): SeedFact {
  return at(trap, 'mods', id, column, value, check)
}
