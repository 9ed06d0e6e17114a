import { bannedMemberId } from '../members.ts'
import { doubleEncode } from '../text/mojibake.ts'
import { at, type SeedFact, seen } from './fact.ts'

// Comments 1 to 30 belong to mod 1.
export const commentTraps: readonly SeedFact[] = [
  at('double-encoded', 'comments', 2, 'body', doubleEncode('Très bien, merci à tous… “parfait” — déjà vu')),
  at('emoji', 'comments', 3, 'body', 'Great 👍🏽 but my game crashes 💥, naïve me'),
  seen('deleted', 'comments', 4, 'deleted', `deleted = 1 AND user_id <> ${bannedMemberId}`),
  at('edited', 'comments', 5, 'edited', '2013-05-05 05:05:05'),
  seen('by-banned-member', 'comments', 6, 'deleted', `deleted = 1 AND user_id = ${bannedMemberId}`),
  at('unsigned-int-maximum', 'comments', 7, 'ip', 4294967295),
  at('full-length', 'comments', 8, 'body', 'wall of text '.repeat(5042).slice(0, 65535), 'LENGTH(body) = 65535'),
  at('empty-string', 'comments', 9, 'body', ''),
  at('string-zero', 'comments', 10, 'body', '0'),
  at('clock-change-gap', 'comments', 11, 'created', '2013-03-31 01:30:00'),
  at('clock-change-overlap', 'comments', 12, 'created', '2013-10-27 01:30:00'),
  at('zero-datetime', 'comments', 13, 'edited', '0000-00-00 00:00:00'),
  at('script-injection', 'comments', 14, 'body', `<script>alert("comment")</script> '; DELETE FROM comments; --`),
  at('unclosed-bbcode', 'comments', 15, 'body', '[quote=alice][b]this[/quote] never closes'),
  at('control-characters', 'comments', 16, 'body', 'a\u0001b\u001fc\u007fd\u0085e\u2028f\ufeffg'),
  at('nul-byte', 'comments', 17, 'body', 'cut\0here?', "HEX(body) = '63757400686572653F'"),
  at('right-to-left', 'comments', 18, 'body', 'شكرا جزيلا! תודה רבה'),
  at('cjk', 'comments', 19, 'body', '素晴らしいMODです。谢谢！'),
]
