import { dataNowSeconds, dateOf, dateTimeOf, daySeconds } from '../calendar.ts'
import { namedMembers } from '../members.ts'
import { gameCount } from '../mod-plan.ts'
import { phpSerialize } from '../php-serialize.ts'
import { Random } from '../random.ts'
import { binary, columns, type TableSeed } from '../table-seed.ts'
import { doubleEncode } from '../text/mojibake.ts'
import { games } from '../text/words.ts'

export const news: TableSeed = {
  table: 'news',
  columns: columns('id', 'title', 'body', 'author_id', 'date'),
  key: ['id'],
  weight: 2,
  estimate: () => newsItems.length,
  *rows() {
    const interval = Math.floor((8 * 365 * daySeconds) / newsItems.length)
    for (const [index, [title, body]] of newsItems.entries()) {
      const date = dateOf(dataNowSeconds - (newsItems.length - index) * interval)
      yield [index + 1, title, body, namedMembers.admin.id, date]
    }
  },
}

export const settings: TableSeed = {
  table: 'settings',
  columns: columns('key', 'value'),
  key: ['key'],
  weight: 1,
  estimate: () => settingRows.length,
  *rows() {
    yield* settingRows
  },
}

export const activityLog: TableSeed = {
  table: 'activity_log',
  columns: columns('id', 'user_id', 'action', binary('detail'), 'at'),
  key: ['id'],
  weight: 2,
  estimate: (world) => Math.floor(world.mods / 2) + 2,
  *rows(world) {
    yield [1, namedMembers.admin.id, 'import', Uint8Array.from(awkwardBytes), '2009-04-01 00:00:00.001']
    yield [2, null, 'cron', null, '2009-04-01 00:00:00.999']
    const random = new Random(0, 0, 0)
    const count = Math.floor(world.mods / 2)
    for (let index = 0; index < count; index++) {
      random.restart(world.seed, 15, index)
      const at = dataNowSeconds - (count - index) * 97
      const detail = new Uint8Array(random.below(24)).map(() => random.next())
      yield [
        index + 3,
        1 + random.below(world.members),
        random.pick(actions),
        detail,
        `${dateTimeOf(at)}.${milliseconds(random)}`,
      ]
    }
  },
}

export const dailyStats: TableSeed = {
  table: 'daily_stats',
  columns: columns('day', 'game_id', 'downloads', 'uniques', 'ratio'),
  key: ['day', 'game_id'],
  weight: 1,
  estimate: () => statisticDays * gameCount + 1,
  *rows(world) {
    yield ['0000-00-00', 1, 123456, 0, 0] // "before we counted"
    const random = new Random(0, 0, 0)
    for (let day = statisticDays; day >= 1; day--) {
      for (let gameId = 1; gameId <= gameCount; gameId++) {
        random.restart(world.seed, 16, day * 16 + gameId)
        const count = random.between(50, 90_000)
        const uniques = Math.floor(count * (0.5 + random.fraction() / 2))
        // 0.1 has no exact float: the classic of comparisons.
        const ratio = day === 1 && gameId === 1 ? '0.1' : (uniques / count).toFixed(4)
        yield [dateOf(dataNowSeconds - day * daySeconds), gameId, count, uniques, ratio]
      }
    }
  },
}

export const importQueue: TableSeed = {
  table: 'import_queue',
  columns: columns('id', 'source', 'payload', 'state', 'created'),
  key: ['id'],
  weight: 1,
  estimate: () => 40,
  *rows(world) {
    const random = new Random(0, 0, 0)
    for (let id = 1; id <= 40; id++) {
      random.restart(world.seed, 17, id)
      const created = dateTimeOf(dataNowSeconds - (40 - id) * 3600)
      const state = random.pick(['new', 'done', 'done', 'failed'])
      yield [
        id,
        random.pick(sources),
        id in payloads ? (payloads[id] as string | null) : payload(random, id),
        state,
        created,
      ]
    }
  },
}

// --- internal ---

const statisticDays = 120
const awkwardBytes = [0x00, 0xff, 0x00, 0xfe, 0x5c, 0x27, 0x22, 0x0a, 0x0d, 0x1a, 0x80]
const actions = ['login', 'logout', 'upload', 'edit', 'endorse', 'download', 'comment', 'password']
const sources = ['ftp://old.example.net/dump', 'partner-feed', 'forum import 2009', 'manual “retry”']

// The bodies are latin1: MySQL stores the quotes and the euro sign as Windows-1252 bytes.
const newsItems: readonly (readonly [string, string])[] = [
  ['ModVault is open', '“ModVault” is open – upload, download, enjoy. Running it costs 40 € a month; thank you all!'],
  [
    'Imported the old forum',
    doubleEncode('The old forum’s posts are here. If an é looks odd, tell us – déjà vu, we know.'),
  ],
  ['Oblivion section', 'It’s here. [b]Welcome[/b], and please read the rules before you upload.'],
  ['Server move', 'We’ll be down on Sunday from 02:00 to 03:30 (the night the clocks change, of course).'],
  [
    'Endorsements replace ratings',
    'Stars are gone… from now on you endorse what you like & keep silent about the rest.',
  ],
  ['Comments can be edited', 'For 15 minutes, and admins for ever.'],
  ['Fallout 3 section', 'War never changes, but the front page does. See [url=/fallout3]the new section[/url].'],
  ['Private messages', 'You have 0 new messages. All of you.'],
  ['New Vegas section', 'Ring-a-ding-ding: [url=/newvegas]the Strip is open[/url].'],
  ['Skyrim!', 'The [i]first[/i] mod came eleven minutes after the release. Calm down ™'],
  ['Remember me', 'There is a box on the login page now. It remembers you for 30 days.'],
  ['Desktop application', 'An API (version 1) is there for the people who write the desktop application.'],
  ['Passwords', 'New passwords are stored with bcrypt. Old ones when you change them: please do!'],
  ['Mod of the month', 'Voted by you: “Better Dragons”, by 1.234 votes to 1.233. We counted twice.'],
  ['Upload wizard', 'Three pages instead of one. It is better, trust us…'],
  ['Spring cleaning 2014', 'Broken links are gone, <b>bold</b> ones too. Questions? [url=/contact]Write to us[/url].'],
]

const settingRows: readonly (readonly [string, string | null])[] = [
  ['site_name', 'ModVault'],
  ['site_slogan', 'Mods for everyone – since 2006'],
  ['maintenance', '0'],
  ['maintenance_message', null],
  ['analytics_id', ''],
  ['schema_version', '37'],
  ['mods_per_page', '20'],
  [
    'site_options',
    phpSerialize({
      registration: true,
      adult_default: 0,
      max_upload_mb: 512,
      rate: 0.1,
      whole: { double: '3' },
      languages: ['en', 'de', 'fr'],
      motto: 'Größe ist nicht alles – “mods” 🐉',
      nothing: null,
      nested: { '7': 'seven', '-3': 'minus three', '08': 'a string key', deep: { er: [] } },
    }),
  ],
  ['api_limits', phpSerialize({ hourly: 100, daily: 2500, unlimited: [1, 2] })],
  ['front_page_games', phpSerialize(games.map((game) => game.domain))],
  // Written as latin1, converted to UTF-8 by hand: the length of "Über" is still 4, so unserialize() fails.
  ['footer_links', 'a:1:{s:5:"about";s:4:"Über";}'],
  ['last_cron', '1401577200'],
  ['mail_from', 'ModVault <noreply@example.com>'],
]

// 1: a number that JSON keeps and JavaScript does not, an escape, a repeated key; 2: nothing.
const payloads: Readonly<Record<number, string | null>> = {
  1: '{"name": "D\\u00f3vah \\ud83d\\udc09", "size": 9007199254740993, "ratio": 1.0, "tags": [], "name": "again"}',
  2: null,
  3: '[]',
  4: '"just a string"',
  5: '  {\n\t"spaced" :\ttrue }  ',
}

function payload(random: Random, id: number): string {
  return JSON.stringify({
    legacy_id: random.between(1, 99999),
    name: `Imported mod ${id}`,
    game: random.pick(games).domain,
  })
}

function milliseconds(random: Random): string {
  return String(random.below(1000)).padStart(3, '0')
}
