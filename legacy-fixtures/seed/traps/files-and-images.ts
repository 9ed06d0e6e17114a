import { doubleEncode } from '../text/mojibake.ts'
import { at, type SeedFact, seen } from './fact.ts'

// Files 1 to 14 and images 1 to 6 belong to mod 1.
export const fileAndImageTraps: readonly SeedFact[] = [
  seen('bit', 'mod_files', 1, 'primary', '`primary` + 0 = 1'),
  at('nul-byte', 'mod_files', 3, 'changelog', 'fixed\0the\0save game\0', "HEX(changelog) LIKE '666978656400746865%00'"),
  at('null', 'mod_files', 4, 'changelog', null),
  at('empty-string', 'mod_files', 5, 'changelog', ''),
  at('invalid-enum', 'mod_files', 6, 'category', 'hotfix', "category = '' AND category + 0 = 0"),
  at('unsigned-above-2^63', 'mod_files', 7, 'size_bytes', 18446744073709551615n),
  at('windows-1252', 'mod_files', 8, 'filename', 'Dragon’s “Lair” – 5 €.zip', "HEX(filename) LIKE '%92%93%94%96%80%'"),
  at('zero-datetime', 'mod_files', 9, 'uploaded', '0000-00-00 00:00:00.000000'),
  at('microseconds', 'mod_files', 10, 'uploaded', '2012-02-29 23:59:59.000001'),
  at('microseconds', 'mod_files', 11, 'uploaded', '2012-12-31 23:59:59.999999'),
  at('mixed-line-ends', 'mod_files', 12, 'changelog', '* fixed a\r\n* fixed b\n* broke c\r'),
  at('html-special', 'mod_files', 13, 'filename', `it's "quoted" & <odd>; name=1.zip`),
  at('unsigned-above-2^53', 'mod_files', 14, 'size_bytes', 9007199254740993n),
  at(
    'windows-1252',
    'mod_images',
    1,
    'caption',
    '“Before” and ‘after’ – it’s night…',
    "HEX(caption) LIKE '93%94%91%92%96%92%85'",
  ),
  at(
    'double-encoded',
    'mod_images',
    2,
    'caption',
    doubleEncode('Vue de l’église, après'),
    "HEX(caption) LIKE '%C3A9%C3A8%'",
  ),
  at('empty-string', 'mod_images', 3, 'caption', ''),
  at('html-special', 'mod_images', 4, 'caption', `<img src=x> & "alt" 'text'`),
]
