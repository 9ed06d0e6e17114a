/** Legacy statements that make one specimen each, named by what is nasty about it. Written as PHP would, without strict mode. */
export const trapRows: Readonly<Record<string, string>> = {
  'all defaults': 'insert into specimens (id) values (1)',
  'unsigned 64 bit above 2^63':
    'insert into specimens (id, unsigned_int, unsigned_small) values (18446744073709551615, 4294967295, 65535)',
  'id above 2^53': 'insert into specimens (id, signed_big) values (9007199254740993, -9223372036854775808)',
  'signed extremes': 'insert into specimens (id, signed_big, tiny) values (3, 9223372036854775807, -128)',
  'tinyint(1) holding 2': 'insert into specimens (id, tiny) values (4, 2)',
  decimals: "insert into specimens (id, price) values (5, -0.001), (6, 9999999.999), (7, '-1234567.890'), (8, 0.5)",
  floats:
    'insert into specimens (id, ratio, precise) values (9, 0.1, 0.1), (10, 16777217, 123456789.123456789), (11, 1e-10, 1e300), (12, 3.4028234e38, 5e-324), (13, -0.0, 1e15), (14, 123456.7, 1e21)',
  'emoji and other planes':
    "insert into specimens (id, title, body) values (15, '🜲 Dovahkiin 🐉', 'naïve café Ω Ж 你好 🎮')",
  'text with everything that escaping meets': String.raw`insert into specimens (id, title, body) values (16, 'it''s "quoted" \\ back', 'tab\there\nnew\r\nline \\N \\. \Z end%_')`,
  'latin1 of Windows-1252, all 256 but NUL': `insert into specimens (id, western) values (17, 0x${hexRange(1, 255)})`,
  'double-encoded text':
    "insert into specimens (id, title) values (18, convert(cast(convert('Café – déjà vu' using utf8mb4) as binary) using latin1))",
  'NUL bytes in text': String.raw`insert into specimens (id, with_nul) values (19, 'a\0b\0'), (20, ''), (21, 'plain ü')`,
  'invalid enum': "insert into specimens (id, kind) values (22, 'nonsense'), (23, ''), (24, 'm')",
  sets: "insert into specimens (id, options) values (25, 'c,a'), (26, 'a,b,c'), (27, 'nonsense')",
  bits: "insert into specimens (id, mask, banned) values (28, b'1010101011', b'1'), (29, b'1', b'0')",
  'impossible dates':
    "set sql_mode = 'ALLOW_INVALID_DATES'; insert into specimens (id, birthday) values (30, '2001-02-30'), (31, '1999-00-00'), (32, '0000-00-00'), (33, '1887-06-15')",
  'zero and real dates':
    "insert into specimens (id, released, joined, published) values (34, '2011-11-11', '2008-02-29 23:59:59', null), (35, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'), (36, '9999-12-31', '1000-01-01 00:00:00', '2001-02-03 04:05:06')",
  microseconds:
    "insert into specimens (id, uploaded, seen) values (37, '2010-05-05 05:05:05.000001', '2010-05-05 05:05:05.123'), (38, '2010-05-05 05:05:05.500000', null), (39, '2010-05-05 05:05:05', '1970-01-01 00:00:01.000')",
  'wall times in the gap of summer time':
    "insert into specimens (id, joined, touched) values (40, '2012-03-25 01:30:00', '2012-03-25 01:30:00'), (41, '2012-10-28 01:30:00', '2038-01-19 03:14:07')",
  binary:
    "insert into specimens (id, address, picture, fixed) values (42, x'00ff007f', x'000a0d5c09', x'ff00'), (43, '', null, x'00000000'), (44, x'20010db8000000000000000000000001', '', 'ab')",
  'times and years':
    "insert into specimens (id, duration, made) values (45, '838:59:59', 2155), (46, '-12:34:56', 1901), (47, '00:00:01', 0)",
  json: String.raw`insert into specimens (id, settings) values (48, '{"b": 1.0, "a": [12345678901234567890, "\\u00e9"], "b": 2}')`,
  'serialized PHP': String.raw`insert into specimens (id, body) values (49, 'a:1:{s:4:"name";s:6:"Dovah\\";}')`,
  'renamed and unmapped columns': "insert into specimens (id, old_name, ignored) values (50, 'old', 'gone')",
  'trailing spaces and case': "insert into settings values ('Key', ' padded '), ('a b', null), ('z', '')",
}

/** Each changes rows that are there. */
export const trapUpdates: readonly string[] = [
  "update specimens set title = concat(title, ' 🐉'), western = concat(western, 0x81809f), price = price + 0.001, ratio = ratio * 3, precise = precise / 3",
  "update specimens set kind = 'f', options = 'b', mask = b'1111111111', banned = 1 - banned, tiny = 127 where id % 2 = 0",
  "update specimens set kind = 'wrong', with_nul = concat(coalesce(with_nul, ''), char(0)), picture = concat(coalesce(picture, ''), x'00ff') where id % 2 = 1",
  "set sql_mode = 'ALLOW_INVALID_DATES'; update specimens set birthday = '2003-02-31', released = '0000-00-00', joined = '2003-01-01 00:00:00', published = '0000-00-00 00:00:00', uploaded = '2003-01-01 00:00:00.000010', made = 1999, duration = '-00:00:01' where id > 30",
  'update specimens set id = id - 1000000 where id > 9000000000000000000',
  "update settings set `key` = 'moved', value = 'here' where `key` = 'a b'",
  'delete from specimens where id in (3, 17, 42)',
]

// --- internal ---

function hexRange(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => (from + index).toString(16).padStart(2, '0')).join('')
}
