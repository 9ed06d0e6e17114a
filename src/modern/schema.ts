import {
  bigint,
  customType,
  date,
  integer,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

/**
 * The new site's tables. How they follow from the legacy ones stands in sync.config.ts; the types here are the widest that
 * the legacy values need: MySQL's INT UNSIGNED is a bigint, its BIGINT UNSIGNED a numeric(20).
 */

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const bit = customType<{ data: string }>({ dataType: () => 'bit(1)' })

const id = (name: string) => bigint(name, { mode: 'number' })
const wallTime = (name: string, precision: 0 | 6 = 0) => timestamp(name, { mode: 'string', precision })
const instant = (name: string) => timestamp(name, { mode: 'string', precision: 0, withTimezone: true })

export const users = pgTable('users', {
  id: id('id').primaryKey(),
  username: text('username').notNull(),
  email: text('email').notNull(),
  password: text('password').notNull(),
  salt: text('salt').notNull(),
  /** 0 member, 1 creator, 2 administrator. */
  rank: smallint('rank').notNull(),
  avatar: text('avatar').notNull(),
  signature: text('signature').notNull(),
  about: text('about'),
  country: text('country').notNull(),
  gender: text('gender').notNull(),
  /** As typed: '2001-02-30' occurs, here and in `joined`. */
  birthday: text('birthday').notNull(),
  joined: text('joined').notNull(),
  lastLogin: wallTime('last_login'),
  modCount: id('mod_count').notNull(),
  options: text('options').notNull(),
  karma: numeric('karma', { precision: 10, scale: 3 }).notNull(),
  apiKey: text('api_key'),
  banned: bit('banned').notNull(),
})

export const games = pgTable('games', {
  id: integer('id').primaryKey(),
  domain: text('domain').notNull(),
  name: text('name').notNull(),
  genre: text('genre').notNull(),
  released: date('released', { mode: 'string' }),
  modCount: id('mod_count').notNull(),
  sortOrder: smallint('sort_order').notNull(),
  active: smallint('active').notNull(),
})

export const categories = pgTable('categories', {
  id: id('id').primaryKey(),
  gameId: integer('game_id').notNull(),
  /** 0: none. */
  parentId: id('parent_id').notNull(),
  name: text('name').notNull(),
})

export const mods = pgTable('mods', {
  id: id('id').primaryKey(),
  gameId: integer('game_id').notNull(),
  categoryId: id('category_id').notNull(),
  authorId: id('author_id').notNull(),
  name: text('name').notNull(),
  summary: text('summary').notNull(),
  description: text('description').notNull(),
  version: text('version').notNull(),
  status: text('status').notNull(),
  /** 0 no, 1 yes, 2 not reviewed. */
  adult: smallint('adult').notNull(),
  endorsementCount: id('endorsement_count').notNull(),
  downloadCount: id('download_count').notNull(),
  uniqueDownloads: id('unique_downloads').notNull(),
  commentCount: integer('comment_count').notNull(),
  sizeBytes: numeric('size_bytes', { precision: 20, scale: 0 }).notNull(),
  rating: numeric('rating', { precision: 4, scale: 2 }).notNull(),
  permissions: text('permissions').notNull(),
  created: wallTime('created'),
  /** null: not yet; zero date: published before records were kept. Both occur, so it is text. */
  published: text('published'),
  updated: instant('updated'),
})

export const modFiles = pgTable('mod_files', {
  id: id('id').primaryKey(),
  modId: id('mod_id').notNull(),
  name: text('name').notNull(),
  filename: text('filename').notNull(),
  path: text('path').notNull(),
  version: text('version').notNull(),
  category: text('category').notNull(),
  sizeBytes: numeric('size_bytes', { precision: 20, scale: 0 }).notNull(),
  md5: text('md5').notNull(),
  /** UTF-8 with NUL bytes here and there, which Postgres text can't hold. */
  changelog: bytea('changelog'),
  downloads: id('downloads').notNull(),
  isPrimary: bit('is_primary').notNull(),
  uploaded: wallTime('uploaded', 6),
})

export const modImages = pgTable('mod_images', {
  id: id('id').primaryKey(),
  modId: id('mod_id').notNull(),
  path: text('path').notNull(),
  caption: text('caption').notNull(),
  position: smallint('position').notNull(),
})

export const modRequirements = pgTable(
  'mod_requirements',
  {
    modId: id('mod_id').notNull(),
    /** May name a mod that is gone. */
    requiresId: id('requires_id').notNull(),
    minVersion: text('min_version').notNull(),
    notes: text('notes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.modId, table.requiresId] })],
)

export const endorsements = pgTable(
  'endorsements',
  {
    modId: id('mod_id').notNull(),
    userId: id('user_id').notNull(),
    /** 1 endorsed, 2 abstained. */
    status: smallint('status').notNull(),
    created: instant('created').notNull(),
  },
  (table) => [primaryKey({ columns: [table.modId, table.userId] })],
)

export const comments = pgTable('comments', {
  id: id('id').primaryKey(),
  modId: id('mod_id').notNull(),
  userId: id('user_id').notNull(),
  parentId: id('parent_id'),
  /** UTF-8; a NUL byte came with the old import. */
  body: bytea('body').notNull(),
  /** ip2long(). */
  ip: id('ip').notNull(),
  created: wallTime('created'),
  edited: wallTime('edited'),
  deleted: smallint('deleted').notNull(),
})
